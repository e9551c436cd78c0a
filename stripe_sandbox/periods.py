"""Billing periods, in Unix time (seconds, UTC)."""

import calendar
from datetime import UTC, datetime, timedelta


def period_end(anchor: int, recurring: dict, *, after: int) -> int:
    """The first end of a period, counted from the anchor, that is later than `after`.

    Months are counted from the anchor and cut at the month's last day, so that what began on the 31st returns to it.
    """
    number = 1
    while (end := shifted(anchor, recurring, number)) <= after:
        number += 1
    return end


def shifted(anchor: int, recurring: dict, number: int) -> int:
    count = recurring["interval_count"] * number
    start = datetime.fromtimestamp(anchor, UTC)
    match recurring["interval"]:
        case "day":
            return int((start + timedelta(days=count)).timestamp())
        case "week":
            return int((start + timedelta(weeks=count)).timestamp())
        case "month":
            return int(add_months(start, count).timestamp())
        case _:
            return int(add_months(start, 12 * count).timestamp())


def add_months(start: datetime, months: int) -> datetime:
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(years, month + 1)[1])
    return start.replace(year=years, month=month + 1, day=day)


def day_words(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %b %Y")


def iso(moment: int) -> str:
    """As version 2 of the API says a time: 2026-11-27T12:00:00.000Z"""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def share(amount: int, *, start: int, end: int, at: int) -> int:
    """What is left at the moment of an amount that pays from start to end."""
    return round(amount * max(0, end - at) / (end - start))
