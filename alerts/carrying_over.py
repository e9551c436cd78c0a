"""What an alert has found and not told yet, when it begins to look for something else."""

from datetime import datetime

from django.db import connection

from jobs.documents import documents_sql


def carry_over(alert, search, at: datetime) -> None:
    """Owe anew, as of `at`, what the alert's own search found and the new one finds as well.

    The rest is dated before the change and is let go. What was sent stays as it is.
    """
    params = {
        "alert": alert.pk,
        "old": alert.search_id,
        "new": search.pk,
        "activated_at": alert.activated_at,
        "since": alert.looked_until,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(CARRY_OVER, params)


# A job that is closed or under review has no document; it may come back, so it is asked as it would be then.
AWAY = documents_sql(
    "job.id IN (SELECT job_id FROM untold)"
    " AND NOT EXISTS (SELECT FROM jobs_jobdocument document WHERE document.job_id = job.id)"
)
# Whatever is in a message that is being sent, or was, keeps its date: the ledger tells it once.
CARRY_OVER = f"""
WITH untold AS (
    SELECT match.job_id FROM alerts_match match WHERE match.search_id = %(old)s AND match.matched_at >= %(since)s
    UNION
    SELECT item.job_id
    FROM alerts_digestitem item LEFT JOIN alerts_digest digest ON digest.id = item.digest_id
    WHERE item.alert_id = %(alert)s AND item.created_at >= %(activated_at)s
      AND (item.digest_id IS NULL OR digest.state = 'ready')
), document AS (
    SELECT job_id, doc, pay_yearly FROM jobs_jobdocument WHERE job_id IN (SELECT job_id FROM untold)
    UNION ALL
    SELECT job_id, doc, pay_yearly FROM ({AWAY}) away
)
INSERT INTO alerts_digestitem (alert_id, job_id, created_at)
SELECT %(alert)s, document.job_id, %(at)s
FROM document JOIN alerts_search search ON search.id = %(new)s
WHERE (search.query IS NULL OR document.doc @@ search.query)
  AND (search.pay_min_yearly IS NULL OR document.pay_yearly >= search.pay_min_yearly)
ON CONFLICT (alert_id, job_id) DO UPDATE SET created_at = excluded.created_at
WHERE alerts_digestitem.digest_id IS NULL OR EXISTS (
    SELECT FROM alerts_digest digest WHERE digest.id = alerts_digestitem.digest_id AND digest.state = 'ready'
)
"""  # noqa: S608 -- no value is in the SQL
