"""Quiet weekends: what would be due on a Saturday or Sunday of the person's own waits for Monday."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from alerts.alert import Alert

SATURDAY = 6


def put_off(at: datetime) -> int:
    """Move alerts that are due now, and quiet at weekends, to their hour on Monday; says how many.

    Weekly alerts have the day that somebody chose for them and stay on it.
    """
    due = Alert.objects.filter(quiet_weekends=True, slot__isnull=False, next_due_at__lte=at)
    zones = set(due.values_list("owner__time_zone", flat=True))
    at_weekend = [zone for zone in zones if is_weekend(zone, at)]
    if not at_weekend:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(PUT_OFF, {"at": at, "zones": at_weekend})
        return cursor.rowcount


def is_quiet(alert: Alert, at: datetime) -> bool:
    """Whether the alert, which isn't weekly, says nothing now."""
    return alert.quiet_weekends and is_weekend(alert.owner.time_zone, at)


def is_weekend(zone: str, at: datetime) -> bool:
    """Not where there is no such zone: one person's must not stop everybody's alerts."""
    try:
        return at.astimezone(ZoneInfo(zone)).isoweekday() >= SATURDAY
    except (ZoneInfoNotFoundError, ValueError):
        return False


PUT_OFF = """
UPDATE alerts_alert alert
SET next_due_at = (
    date_trunc('week', %(at)s AT TIME ZONE owner.time_zone) + interval '7 days' + make_interval(hours => alert.hour)
) AT TIME ZONE owner.time_zone
FROM accounts_user owner
WHERE owner.id = alert.owner_id AND alert.quiet_weekends AND alert.rhythm <> 'weekly'
  AND alert.slot IS NOT NULL AND alert.next_due_at <= %(at)s
  AND owner.time_zone = ANY(%(zones)s)
"""
