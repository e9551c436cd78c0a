from django.db import migrations

# jobs/words.py says the same in Python; a test compares both.
FOLD = r"""
CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(
        translate(lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]+', '', 'g')), 'øłđħıð', 'oldhid'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
$$
"""
WORDS = r"""
CREATE FUNCTION job_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        regexp_replace(
            replace(replace(replace(fold($1), 'c++', 'cplusplus'), 'c#', 'csharp'), 'f#', 'fsharp'),
            '(^|[^a-z0-9])\.net(?![a-z0-9])', '\1 dotnet', 'g'),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7'
        '\u2000-\u2bff\u3000-\u303f\ufe00-\ufe6f\ufff0-\uffff\U0001f000-\U0001faff\U000e0000-\U000e01ef]+', ' ', 'g')
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_applying_marks_and_reports")]
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION fold(text)"),
        migrations.RunSQL(WORDS, "DROP FUNCTION job_words(text)"),
    ]
