from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.alert import MOST_KEPT_ALERTS, UNDO_TIME, AlreadyKept, CapReached, TooManyAlerts
from alerts.housekeeping import keep_house
from alerts.models import Alert
from alerts.planning import plan_digests
from alerts.rhythm import GATHERED_FOR, Rhythm
from subscriptions.entitlements import back_to_free
from subscriptions.models import ComplimentaryPlus
from tests.alerts.conftest import NOON, find, search_for
from tests.factories import JobFactory


def test_the_first_alert_of_a_free_account_runs_at_once(seeker, keep):
    alert = keep(seeker, at=NOON)

    assert (alert.slot, alert.activated_at, alert.next_due_at) == (1, NOON, NOON.replace(day=24, hour=8))


def test_the_second_alert_of_a_free_account_is_kept_and_waits(seeker, keep):
    keep(seeker, words="python")

    second = keep(seeker, words="rust")

    assert (second.is_active, second.is_waiting) == (False, True)


def test_the_eleventh_alert_of_a_subscriber_waits(subscriber, keep):
    alerts = [keep(subscriber, words=f"word{n}") for n in range(11)]

    assert [alert.slot for alert in alerts] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, None]


def test_an_alert_at_the_cap_is_refused_by_name(seeker, keep):
    keep(seeker, words="python")
    second = keep(seeker, words="rust")

    with pytest.raises(CapReached) as refusal:
        second.activate(timezone.now())

    assert refusal.value.plan.key == "free"


def test_the_database_refuses_an_eleventh_slot(seeker, keep):
    alert = keep(seeker)

    with pytest.raises(IntegrityError, match="alert_slot_1_to_10"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(slot=11)


def test_the_database_refuses_two_alerts_in_one_slot(subscriber, keep):
    keep(subscriber, words="python")
    second = keep(subscriber, words="rust")

    with pytest.raises(IntegrityError, match="alert_one_in_each_slot"), transaction.atomic():
        Alert.objects.filter(pk=second.pk).update(slot=1)


def test_the_database_refuses_a_paused_alert_in_a_slot(seeker, keep):
    alert = keep(seeker)

    with pytest.raises(IntegrityError, match="alert_active_with_a_slot_only"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(paused_at=NOON, paused_by="person")


def test_pausing_frees_the_place(seeker, keep):
    first = keep(seeker, words="python")
    second = keep(seeker, words="rust")

    first.pause(timezone.now(), by=Alert.PausedBy.PERSON)
    second.activate(timezone.now())

    assert (first.slot, second.slot) == (None, 1)


def test_a_swap_pauses_one_and_starts_the_other(seeker, keep):
    first = keep(seeker, words="python")
    second = keep(seeker, words="rust")

    second.swap_for(first, timezone.now())

    first.refresh_from_db()
    assert (first.slot, first.paused_by, second.slot) == (None, "person", 1)


def test_a_short_pause_loses_no_job(seeker, keep):
    alert = keep(seeker, at=NOON)

    alert.pause(NOON + timedelta(days=2), by=Alert.PausedBy.PERSON)
    alert.activate(NOON + timedelta(days=2, hours=1))

    assert alert.activated_at == NOON


def test_after_a_long_pause_an_alert_starts_anew(seeker, keep):
    alert = keep(seeker, at=NOON)
    back_at = NOON + timedelta(days=9)

    alert.pause(NOON + timedelta(days=2), by=Alert.PausedBy.PERSON)
    alert.activate(back_at)

    assert (alert.activated_at, alert.planned_at) == (back_at, None)


def test_the_same_search_is_not_kept_twice(subscriber, keep):
    first = keep(subscriber, words="python")

    with pytest.raises(AlreadyKept) as refusal:
        keep(subscriber, words="python")

    assert (refusal.value.alert, subscriber.alerts.count()) == (first, 1)


def test_nobody_keeps_alerts_without_end(seeker, keep):
    for n in range(MOST_KEPT_ALERTS):
        keep(seeker, words=f"word{n}")

    with pytest.raises(TooManyAlerts):
        keep(seeker, words="one more")


def test_a_change_of_search_starts_from_now(seeker, keep):
    alert = keep(seeker, words="python", at=NOON)
    changed_at = NOON + timedelta(days=3)

    alert.change(search=search_for("rust"), name="rust", at=changed_at)

    assert (alert.search.query_string, alert.activated_at) == ("q=rust", changed_at)


def test_a_change_of_name_leaves_the_next_run_alone(seeker, keep):
    alert = keep(seeker, at=NOON)

    alert.change(name="Snakes", at=NOON + timedelta(days=1))

    assert (alert.name, alert.next_due_at) == ("Snakes", NOON.replace(day=24, hour=8))


def test_a_change_of_hour_moves_the_next_run(seeker, keep):
    alert = keep(seeker, at=NOON)

    alert.change(hour=18, at=NOON)

    assert alert.next_due_at == NOON.replace(hour=18)


def test_a_deletion_can_be_undone_as_though_it_hadn_t_happened(seeker, keep):
    alert = keep(seeker, at=NOON)

    alert.discard(NOON + timedelta(hours=1))
    alert.restore(NOON + timedelta(hours=2))

    assert (alert.slot, alert.deleted_at, alert.activated_at) == (1, None, NOON)


def test_an_undone_deletion_waits_when_its_place_is_taken(seeker, keep):
    alert = keep(seeker, words="python")
    alert.discard(timezone.now())
    keep(seeker, words="rust")

    alert.restore(timezone.now())

    assert (alert.deleted_at, alert.is_active, alert.is_waiting) == (None, False, True)


def test_a_paused_alert_comes_back_paused(seeker, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by=Alert.PausedBy.PERSON)
    alert.discard(timezone.now())

    alert.restore(timezone.now())

    assert (alert.deleted_at, alert.is_active, alert.paused_by) == (None, False, "person")


def test_a_deletion_is_final_after_thirty_days(seeker, keep):
    alert = keep(seeker, at=NOON)
    alert.discard(NOON)

    keep_house(NOON + UNDO_TIME - timedelta(minutes=1))
    was_there = Alert.objects.filter(pk=alert.pk).exists()
    keep_house(NOON + UNDO_TIME)

    assert (was_there, Alert.objects.filter(pk=alert.pk).exists()) == (True, False)


def test_a_smaller_plan_keeps_the_alert_used_most_recently(subscriber, keep):
    old = keep(subscriber, words="python", at=NOON)
    recent = keep(subscriber, words="rust", at=NOON + timedelta(hours=1))

    back_to_free(subscriber, timezone.now())

    old.refresh_from_db()
    recent.refresh_from_db()
    assert (old.paused_by, recent.slot) == ("plan", 2)


def test_a_larger_plan_starts_what_was_waiting_and_not_what_the_person_paused(seeker, keep):
    keep(seeker, words="python")
    waiting = keep(seeker, words="rust")
    paused = keep(seeker, words="go")
    Alert.objects.filter(pk=paused.pk).update(paused_by="person")

    ComplimentaryPlus.objects.grant(seeker, reason="a gift", by=None, at=timezone.now())

    waiting.refresh_from_db()
    paused.refresh_from_db()
    assert (waiting.slot, paused.slot) == (2, None)


def test_a_break_outlives_a_deletion_that_is_undone(seeker, keep):
    alert = keep(seeker, at=NOON)
    alert.pause(NOON, by=Alert.PausedBy.PERSON, resumes_at=NOON + timedelta(days=30))

    alert.discard(NOON + timedelta(days=1))
    alert.restore(NOON + timedelta(days=2))
    keep_house(NOON + timedelta(days=30))

    assert Alert.objects.get(pk=alert.pk).is_active


def test_a_deleted_alert_does_not_start_at_the_end_of_its_break(seeker, keep):
    alert = keep(seeker, at=NOON)
    alert.pause(NOON, by=Alert.PausedBy.PERSON, resumes_at=NOON + timedelta(days=1))
    alert.discard(NOON)

    keep_house(NOON + timedelta(days=2))

    assert not Alert.objects.get(pk=alert.pk).is_active


def test_a_pause_for_some_time_ends_by_itself(seeker, keep):
    alert = keep(seeker, at=NOON)
    alert.pause(NOON, by=Alert.PausedBy.PERSON, resumes_at=NOON + timedelta(days=30))

    keep_house(NOON + timedelta(days=29))
    paused = Alert.objects.get(pk=alert.pk).is_active
    keep_house(NOON + timedelta(days=30))

    assert (paused, Alert.objects.get(pk=alert.pk).is_active) == (False, True)


def test_the_hour_follows_the_owner_to_another_time_zone(seeker, keep):
    alert = keep(seeker, hour=8, at=NOON)
    seeker.time_zone = "America/New_York"
    seeker.save()

    keep_house(NOON)

    alert.refresh_from_db()
    assert alert.next_due_at == NOON.replace(hour=13)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        # Monday at 14 has yet to come.
        ("America/New_York", NOON.replace(hour=19)),
        # It is 21 there: the week's mail would come on Monday the 30th.
        ("Asia/Tokyo", NOON.replace(day=24, hour=5)),
        ("Pacific/Kiritimati", NOON.replace(day=24, hour=0)),
    ],
)
def test_a_move_past_the_hour_of_a_weekly_alert_costs_it_no_week(seeker, keep, zone, due):
    alert = keep(seeker, rhythm=Rhythm.WEEKLY, weekday=0, hour=14, at=NOON)
    seeker.time_zone = zone
    seeker.save()

    keep_house(NOON)

    alert.refresh_from_db()
    assert alert.next_due_at == due


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.WEEKLY])
def test_a_move_noticed_when_an_alert_is_due_does_not_put_it_off(seeker, keep, rhythm):
    alert = keep(seeker, rhythm=rhythm, weekday=0, hour=14, at=NOON)
    find(alert, JobFactory(published_at=NOON), at=NOON + timedelta(hours=1))
    seeker.time_zone = "Asia/Tokyo"
    seeker.save()
    due = NOON + timedelta(hours=2)

    keep_house(due)
    written = plan_digests(due)

    alert.refresh_from_db()
    assert (written, alert.due_zone) == (1, "Asia/Tokyo")
    assert alert.next_due_at == NOON.replace(day=24 if rhythm == Rhythm.DAILY else 30, hour=5)


def test_somebody_in_a_time_zone_that_is_none_keeps_nobody_else_where_they_were(seeker, stranger, keep):
    keep(seeker, at=NOON)
    alert = keep(stranger, at=NOON)
    type(seeker).objects.filter(pk=seeker.pk).update(time_zone="Atlantis/Capital")
    type(stranger).objects.filter(pk=stranger.pk).update(time_zone="America/New_York")

    keep_house(NOON)

    alert.refresh_from_db()
    assert alert.next_due_at == NOON.replace(hour=13)


def test_an_instant_alert_has_no_slot_of_its_own(seeker, keep):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)

    assert alert.next_due_at == NOON + GATHERED_FOR
