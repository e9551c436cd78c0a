"""How often an alert speaks, and when the next time is in the owner's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models


class Rhythm(models.TextChoices):
    INSTANT = "instant", "As soon as jobs appear"
    DAILY = "daily", "Once a day"
    WEEKLY = "weekly", "Once a week"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


# An instant alert waits so long for more jobs to come along: an import publishes many within a minute.
GATHERED_FOR = timedelta(minutes=2)
# Rows are committed in another order than they are dated: look back so far, and let the ledger drop repeats.
LOOK_BACK = timedelta(minutes=10)
# A person with instant alerts hears from us at most once in this time.
QUIET_TIME = timedelta(hours=1)


def next_slot(
    rhythm: str, *, at_time: time, weekday: int, zone: ZoneInfo, after: datetime, quiet_weekends: bool = False
) -> datetime | None:
    """The first moment after `after` at which an alert of this rhythm is due, in UTC; None for instant ones.

    A time that the clocks skip in spring is taken an hour later, one that comes twice in autumn the first time,
    so that each day has exactly one. Quiet weekends are for daily ones; instant ones are put off (weekends.py).
    """
    if rhythm == Rhythm.INSTANT:
        return None
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(9))
    slots = (
        datetime.combine(day, at_time, zone).astimezone(UTC)
        for day in days
        if (day.weekday() == weekday if rhythm == Rhythm.WEEKLY else not (quiet_weekends and is_weekend(day)))
    )
    return next(slot for slot in slots if slot > after)


def is_weekend(day: date) -> bool:
    return day.weekday() in (Weekday.SATURDAY, Weekday.SUNDAY)


def slot_key(due: datetime, zone: ZoneInfo) -> str:
    """The name of a slot in a person's own calendar, such as 2026-11-23T08; no two messages share one."""
    return f"{due.astimezone(zone):%Y-%m-%dT%H}"
