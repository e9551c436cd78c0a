from importlib import import_module

from django.db import migrations, models

# A row of a B-tree holds 2,704 bytes at most. A key is 800 bytes at most (200 characters), so these two leave room.
LONGEST_QUERY, LONGEST_PREV = 900, 700

KEEP_SEARCH = f"""
-- How a search's anchors are written: what is too long for the index is read at the search, or found by every advert.
CREATE FUNCTION alerts_anchors_of(keys text[], whole tsquery)
RETURNS TABLE (key text, query tsquery, is_whole boolean, prev tsquery) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH each AS (
        SELECT k.key,
               (SELECT string_agg(alerts_quoted(earlier), ' | ')::tsquery FROM unnest(keys[1:k.n::int - 1]) earlier) prev
          FROM unnest(keys) WITH ORDINALITY k(key, n)
    ), fitting AS (
        SELECT coalesce(max(pg_column_size(each.prev)), 0) <= {LONGEST_PREV} AS prevs,
               coalesce(pg_column_size(whole), 0) <= {LONGEST_QUERY} AS query
          FROM each
    )
    SELECT each.key, CASE WHEN fitting.query AND NOT alerts_keys_decide(keys, whole) THEN whole END,
           fitting.query OR alerts_keys_decide(keys, whole), each.prev
      FROM each, fitting WHERE fitting.prevs
     UNION ALL
    SELECT chr(1) || '*', CASE WHEN fitting.query THEN whole END, fitting.query, NULL
      FROM fitting WHERE NOT fitting.prevs
$$;

CREATE OR REPLACE FUNCTION alerts_keep_search(
    this_fingerprint uuid, this_query_string text, pay bigint, at timestamptz, filters jsonb, keywords tsquery, whole tsquery
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    unchanged integer;
    kept integer;
BEGIN
    SELECT s.id INTO unchanged FROM alerts_search s
     WHERE s.fingerprint = this_fingerprint
       AND s.query IS NOT DISTINCT FROM whole AND s.pay_min_yearly IS NOT DISTINCT FROM pay;
    INSERT INTO alerts_search AS s (fingerprint, query_string, query, pay_min_yearly, kept_at)
    VALUES (this_fingerprint, this_query_string, whole, pay, at)
        ON CONFLICT (fingerprint) DO UPDATE
       SET query = excluded.query, pay_min_yearly = excluded.pay_min_yearly, kept_at = excluded.kept_at
    RETURNING s.id INTO kept;
    -- The one read above may have been removed as unused meanwhile; then this is a new row, without anchors.
    IF unchanged = kept THEN RETURN kept; END IF;
    DELETE FROM alerts_searchanchor WHERE search_id = kept;
    INSERT INTO alerts_searchanchor (search_id, key, query, is_whole, pay_min_yearly, prev)
    SELECT kept, a.key, a.query, a.is_whole, pay, a.prev
      FROM alerts_anchors_of(alerts_anchor_keys(keywords, filters), whole) a;
    RETURN kept;
END $$;

-- Anchors that were written before.
WITH long AS (
    DELETE FROM alerts_searchanchor WHERE search_id IN (
        SELECT search_id FROM alerts_searchanchor WHERE pg_column_size(prev) > {LONGEST_PREV}
    ) RETURNING search_id
)
INSERT INTO alerts_searchanchor (search_id, key, query, is_whole, pay_min_yearly, prev)
SELECT s.id, chr(1) || '*', NULL, s.query IS NULL, s.pay_min_yearly, NULL
  FROM alerts_search s WHERE s.id IN (SELECT search_id FROM long);
UPDATE alerts_searchanchor SET query = NULL, is_whole = false WHERE pg_column_size(query) > {LONGEST_QUERY};
"""

BEFORE = import_module("alerts.migrations.0002_anchoring").FORWARDS
KEEP_AS_BEFORE = (
    """
UPDATE alerts_searchanchor a SET query = s.query FROM alerts_search s WHERE s.id = a.search_id AND NOT a.is_whole;
DROP FUNCTION alerts_anchors_of;
"""
    + BEFORE[BEFORE.index("CREATE FUNCTION alerts_keep_search") :].replace("CREATE F", "CREATE OR REPLACE F")
)

# Pages whose rows every transaction can see are read from the index alone; new alerts come in all day.
VACUUM_OFTEN = "ALTER TABLE alerts_searchanchor SET (autovacuum_vacuum_insert_scale_factor = 0.02)"
AS_USUAL = "ALTER TABLE alerts_searchanchor RESET (autovacuum_vacuum_insert_scale_factor)"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0012_mail_events")]
    operations = [
        migrations.RemoveIndex(model_name="searchanchor", name="searchanchor_key"),
        migrations.AddField(
            model_name="searchanchor", name="is_whole", field=models.BooleanField(default=True, db_default=True)
        ),
        migrations.RunSQL(KEEP_SEARCH, KEEP_AS_BEFORE),
        migrations.AddIndex(
            model_name="searchanchor",
            index=models.Index(
                fields=["key"],
                include=["search", "pay_min_yearly", "is_whole", "query", "prev"],
                name="searchanchor_by_key",
            ),
        ),
        migrations.RunSQL(VACUUM_OFTEN, AS_USUAL),
    ]
