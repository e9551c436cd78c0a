from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.rhythm import Rhythm, next_slot, slot_key

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")


def daily_slots(at_time, zone, first, last):
    slots, at = [], first
    while at < last:
        at = next_slot(Rhythm.DAILY, at_time=at_time, weekday=0, zone=zone, after=at)
        slots.append(at)
    return slots


@pytest.mark.parametrize(
    ("zone", "changed_on"),
    [
        (NEW_YORK, date(2026, 3, 8)),
        (NEW_YORK, date(2026, 11, 1)),
        (BERLIN, date(2026, 3, 29)),
        (BERLIN, date(2026, 10, 25)),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5)),
        (ZoneInfo("America/Santiago"), date(2026, 9, 6)),  # midnight itself is skipped
    ],
)
@pytest.mark.parametrize("at_time", [time(0), time(1, 30), time(2), time(2, 30), time(3), time(23)])
def test_each_day_has_exactly_one_slot_also_when_the_clocks_change(zone, changed_on, at_time):
    start = datetime.combine(changed_on - timedelta(days=3), time(12), zone).astimezone(UTC)

    slots = daily_slots(at_time, zone, start, start + timedelta(days=5))

    days = [slot.astimezone(zone).date() for slot in slots]
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


def test_half_past_two_on_the_day_clocks_spring_forward_is_half_past_three():
    after = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)

    slot = next_slot(Rhythm.DAILY, at_time=time(2, 30), weekday=0, zone=NEW_YORK, after=after)
    following = next_slot(Rhythm.DAILY, at_time=time(2, 30), weekday=0, zone=NEW_YORK, after=slot)

    assert slot == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)
    assert following == datetime(2026, 3, 9, 2, 30, tzinfo=NEW_YORK)


def test_an_hour_that_comes_twice_in_autumn_is_taken_the_first_time():
    after = datetime(2026, 10, 24, 12, tzinfo=BERLIN)

    slot = next_slot(Rhythm.DAILY, at_time=time(2), weekday=0, zone=BERLIN, after=after)

    assert slot == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert slot_key(slot, BERLIN) == slot_key(slot + timedelta(hours=1), BERLIN) == "2026-10-25T02"


def test_a_weekly_alert_is_due_on_its_weekday_in_the_owners_calendar():
    sunday_evening_in_utc = datetime(2026, 11, 22, 20, tzinfo=UTC)
    tokyo = ZoneInfo("Asia/Tokyo")

    slot = next_slot(Rhythm.WEEKLY, at_time=time(8), weekday=0, zone=tokyo, after=sunday_evening_in_utc)

    assert slot.astimezone(tokyo) == datetime(2026, 11, 23, 8, tzinfo=tokyo)


def test_a_slot_that_is_now_is_over():
    due = datetime(2026, 11, 23, 8, tzinfo=UTC)

    slot = next_slot(Rhythm.WEEKLY, at_time=time(8), weekday=0, zone=ZoneInfo("UTC"), after=due)

    assert slot == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_an_instant_alert_has_no_slot():
    slot = next_slot(Rhythm.INSTANT, at_time=time(8), weekday=0, zone=BERLIN, after=datetime(2026, 1, 1, tzinfo=UTC))

    assert slot is None
