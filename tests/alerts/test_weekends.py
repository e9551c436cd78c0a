"""Quiet weekends, in the person's own time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from alerts.models import Digest
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from tests.alerts.conftest import find
from tests.factories import JobFactory

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def quiet(keep):
    def quiet(owner, zone, rhythm, *, at=FRIDAY, **fields):
        owner.time_zone = zone
        owner.save()
        alert = keep(owner, rhythm=rhythm, at=at, **fields)
        alert.change(at=at, quiet_weekends=True)
        return alert

    return quiet


@pytest.mark.parametrize(
    ("zone", "monday"),
    [("UTC", "2026-11-30T08:00+00:00"), ("Asia/Tokyo", "2026-11-30T08:00+09:00"),
     ("Pacific/Honolulu", "2026-11-30T08:00-10:00")],
)  # fmt: skip
def test_a_daily_alert_skips_saturday_and_sunday(seeker, quiet, zone, monday):
    late_on_friday = datetime(2026, 11, 27, 20, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    alert = quiet(seeker, zone, Rhythm.DAILY, at=late_on_friday)

    assert alert.next_due_at == datetime.fromisoformat(monday)


def test_a_weekly_alert_keeps_the_day_that_was_chosen(seeker, quiet):
    alert = quiet(seeker, "UTC", Rhythm.WEEKLY, weekday=5)

    plan_digests(datetime(2026, 11, 28, 8, tzinfo=UTC))

    alert.refresh_from_db()
    assert alert.next_due_at == datetime(2026, 12, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_an_instant_alert_tells_on_monday_what_appears_at_the_weekend(seeker, quiet, zone):
    alert = quiet(seeker, zone, Rhythm.INSTANT)
    plan_digests(FRIDAY)
    saturday = datetime(2026, 11, 28, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    monday = datetime(2026, 11, 30, 8, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    job = JobFactory(published_at=saturday)
    find(alert, job, at=saturday)

    counts = []
    for hours in (0, 1, 24, 36):
        plan_digests(saturday + timedelta(hours=hours, minutes=5))
        counts.append(Digest.objects.count())
    plan_digests(monday - timedelta(minutes=1))
    counts.append(Digest.objects.count())
    plan_digests(monday + timedelta(minutes=1))

    assert counts == [0] * 5
    assert Digest.objects.get().items.get().job == job


def test_without_the_wish_saturday_is_a_day_like_others(seeker, keep):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=FRIDAY)
    saturday = datetime(2026, 11, 28, 10, tzinfo=UTC)
    find(alert, JobFactory(published_at=saturday), at=saturday)

    for minutes in range(0, 10, 2):
        plan_digests(saturday + timedelta(minutes=minutes))

    assert Digest.objects.count() == 1


def test_the_form_offers_it_and_the_card_says_it(seeker, seeker_client):
    seeker_client.post(
        reverse("alerts:new"), {"q": "python", "rhythm": "daily", "hour": "8", "weekday": "0", "quiet_weekends": "on"}
    )

    page = seeker_client.get(reverse("alerts:list")).content.decode()

    assert seeker.alerts.get().quiet_weekends is True
    assert "Every day at 8:00, quiet at weekends" in page
