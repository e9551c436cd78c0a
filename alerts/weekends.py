"""Quiet weekends: what would be due on a Saturday or Sunday of the person's own waits for Monday."""

from datetime import datetime

from django.db import connection


def put_off(at: datetime) -> int:
    """Move alerts that are due now, and quiet at weekends, to their hour on Monday; says how many.

    Weekly alerts have the day that somebody chose for them and stay on it.
    """
    with connection.cursor() as cursor:
        cursor.execute(PUT_OFF, {"at": at})
        return cursor.rowcount


PUT_OFF = """
UPDATE alerts_alert alert
SET next_due_at = (
    date_trunc('week', %(at)s AT TIME ZONE owner.time_zone) + interval '7 days' + make_interval(hours => alert.hour)
) AT TIME ZONE owner.time_zone
FROM accounts_user owner
WHERE owner.id = alert.owner_id AND alert.quiet_weekends AND alert.rhythm <> 'weekly'
  AND alert.slot IS NOT NULL AND alert.next_due_at <= %(at)s
  AND extract(isodow FROM %(at)s AT TIME ZONE owner.time_zone) >= 6
"""
