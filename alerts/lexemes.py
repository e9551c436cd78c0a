"""How common words are in adverts; chooses the keys by which matching finds searches."""

from django.db import connection, transaction

SAMPLED_ADVERTS = 5000

# A lexeme that stands in one advert only is as rare as one that is not listed.
COUNT = f"""
INSERT INTO alerts_lexemefrequency (lexeme, documents)
SELECT word, ndoc
  FROM ts_stat('SELECT doc FROM jobs_jobdocument ORDER BY published_at DESC, job_id DESC LIMIT {SAMPLED_ADVERTS}')
 WHERE ndoc > 1
"""


@transaction.atomic
def refresh() -> int:
    """Count anew in the newest adverts, and say how many lexemes there are."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE alerts_lexemefrequency IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM alerts_lexemefrequency")
        cursor.execute(COUNT)
        return cursor.rowcount
