from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from alerts import planning
from alerts.models import Alert, Digest, DigestItem
from alerts.planning import MERGED, plan_digests
from alerts.rhythm import GATHERED_FOR, Rhythm
from jobs.models import Job
from subscriptions.models import ComplimentaryPlus
from tests.alerts.conftest import NOON, find
from tests.factories import JobFactory, UserFactory

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TOMORROW_AT_8 = NOON.replace(day=24, hour=8)


@pytest.fixture
def job(db):
    return JobFactory(published_at=NOON - DAY)


def items_of(digest):
    return sorted(digest.items.values_list("alert_id", "job_id"))


def test_what_was_found_is_in_a_digest_at_the_hour(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON + HOUR)

    written = plan_digests(TOMORROW_AT_8)

    digest = Digest.objects.get()
    alert.refresh_from_db()
    assert (written, items_of(digest)) == (1, [(alert.pk, job.pk)])
    assert (digest.recipient, digest.window, digest.state) == (seeker, "2026-11-24T08", "ready")
    assert alert.next_due_at == TOMORROW_AT_8 + DAY


def test_before_the_hour_nothing_is_planned(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON + HOUR)

    assert plan_digests(TOMORROW_AT_8 - timedelta(minutes=1)) == 0


def test_nothing_to_say_writes_no_digest(seeker, keep):
    alert = keep(seeker, at=NOON)

    written = plan_digests(TOMORROW_AT_8)

    alert.refresh_from_db()
    assert (written, Digest.objects.count(), alert.next_due_at) == (0, 0, TOMORROW_AT_8 + DAY)


def test_a_job_goes_to_an_alert_once_however_often_it_is_planned(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=TOMORROW_AT_8 - timedelta(minutes=5))

    plan_digests(TOMORROW_AT_8)
    find(alert, job, at=TOMORROW_AT_8 + HOUR)
    plan_digests(TOMORROW_AT_8)
    plan_digests(TOMORROW_AT_8 + DAY)

    assert (Digest.objects.count(), DigestItem.objects.count()) == (1, 1)


def test_a_match_that_was_committed_late_is_still_sent(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    plan_digests(TOMORROW_AT_8)
    find(alert, job, at=TOMORROW_AT_8 - timedelta(minutes=9))

    plan_digests(TOMORROW_AT_8 + DAY)

    assert items_of(Digest.objects.get()) == [(alert.pk, job.pk)]


def test_what_was_found_before_the_alert_is_not_sent(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON - timedelta(seconds=1))

    assert plan_digests(TOMORROW_AT_8) == 0


def test_a_closed_job_is_not_planned(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON + HOUR)
    Job.objects.filter(pk=job.pk).update(closed_at=NOON + 2 * HOUR)

    assert plan_digests(TOMORROW_AT_8) == 0


def test_alerts_of_one_person_that_are_due_share_a_digest(subscriber, keep, job):
    first, second = keep(subscriber, words="python", at=NOON), keep(subscriber, words="rust", at=NOON)
    find(first, job, at=NOON + HOUR)
    find(second, job, at=NOON + HOUR)

    written = plan_digests(TOMORROW_AT_8)

    assert (written, items_of(Digest.objects.get())) == (1, [(first.pk, job.pk), (second.pk, job.pk)])


def test_each_person_gets_their_own(seeker, stranger, keep, job):
    mine, theirs = keep(seeker, at=NOON), keep(stranger, at=NOON)
    find(mine, job, at=NOON + HOUR)

    plan_digests(TOMORROW_AT_8)

    assert {digest.recipient: items_of(digest) for digest in Digest.objects.all()} == {
        seeker: [(mine.pk, job.pk)],
        stranger: [(theirs.pk, job.pk)],
    }


def test_an_outage_of_three_days_gives_one_merged_digest(seeker, keep):
    alert = keep(seeker, at=NOON)
    jobs = [JobFactory(published_at=NOON) for _ in range(3)]
    for day, job in enumerate(jobs):
        find(alert, job, at=NOON + day * DAY + HOUR)

    written = plan_digests(NOON + 3 * DAY)

    alert.refresh_from_db()
    assert (written, items_of(Digest.objects.get())) == (1, [(alert.pk, job.pk) for job in jobs])
    assert alert.next_due_at == TOMORROW_AT_8 + 3 * DAY


def test_a_weekly_alert_speaks_on_its_day_in_the_owners_time_zone(seeker, keep, job):
    seeker.time_zone = "Asia/Tokyo"
    seeker.save()
    alert = keep(seeker, rhythm=Rhythm.WEEKLY, weekday=2, hour=8, at=NOON)
    find(alert, job, at=NOON + HOUR)
    wednesday_at_8_in_tokyo = NOON.replace(day=24, hour=23)

    early = plan_digests(wednesday_at_8_in_tokyo - timedelta(minutes=1))
    on_time = plan_digests(wednesday_at_8_in_tokyo)

    assert (early, on_time, Digest.objects.get().window) == (0, 1, "2026-11-25T08")


def test_an_instant_alert_speaks_at_once(seeker, keep, job):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    find(alert, job, at=NOON + HOUR)

    written = plan_digests(NOON + HOUR)

    assert (written, items_of(Digest.objects.get())) == (1, [(alert.pk, job.pk)])


def test_instant_alerts_are_gathered_to_one_message_an_hour(seeker, keep):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    jobs = [JobFactory(published_at=NOON) for _ in range(3)]
    minutes = [timedelta(minutes=n) for n in (50, 55, 65)]
    written = []

    for job, wait in zip(jobs, minutes, strict=True):
        find(alert, job, at=NOON + wait)
        written.append(plan_digests(NOON + wait))
        Digest.objects.update(state="sent", sent_at=NOON + wait)
    written.append(plan_digests(NOON + timedelta(minutes=109)))
    written.append(plan_digests(NOON + timedelta(minutes=110)))

    first, second = Digest.objects.order_by("pk")
    assert written == [1, 0, 0, 0, 1]
    assert items_of(first) == [(alert.pk, jobs[0].pk)]
    assert items_of(second) == [(alert.pk, jobs[1].pk), (alert.pk, jobs[2].pk)]


def test_an_instant_alert_gathers_for_two_minutes(seeker, keep):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    jobs = [JobFactory(published_at=NOON) for _ in range(3)]
    written = []

    for minute, job in enumerate(jobs):
        find(alert, job, at=NOON + HOUR + minute * MINUTE)
        written.append(plan_digests(NOON + HOUR + minute * MINUTE))

    assert (written, items_of(Digest.objects.get())) == ([0, 0, 1], [(alert.pk, job.pk) for job in jobs])


def test_what_a_new_instant_alert_finds_is_gathered_too(seeker, keep):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    jobs = [JobFactory(published_at=NOON) for _ in range(3)]
    written = []

    for minute, job in enumerate(jobs):
        find(alert, job, at=NOON + minute * MINUTE)
        written.append(plan_digests(NOON + minute * MINUTE))

    assert (written, items_of(Digest.objects.get())) == ([0, 0, 1], [(alert.pk, job.pk) for job in jobs])


def test_two_instant_alerts_that_wake_apart_share_a_message_also_across_an_hour(subscriber, keep):
    first, second = (keep(subscriber, words=words, rhythm=Rhythm.INSTANT, at=NOON) for words in ("python", "rust"))
    plan_digests(NOON + GATHERED_FOR)
    job, other = JobFactory(published_at=NOON), JobFactory(published_at=NOON)

    find(first, job, at=NOON + 57 * MINUTE)
    plan_digests(NOON + 57 * MINUTE)
    find(second, other, at=NOON + 58 * MINUTE)
    written = [plan_digests(NOON + minute * MINUTE) for minute in range(58, 64)]

    assert written == [0, 1, 0, 0, 0, 0]
    assert items_of(Digest.objects.get()) == [(first.pk, job.pk), (second.pk, other.pk)]


def test_a_mail_that_still_waits_is_merged_into_the_next(seeker, keep):
    alert = keep(seeker, at=NOON)
    first, second = JobFactory(published_at=NOON), JobFactory(published_at=NOON)

    find(alert, first, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)
    find(alert, second, at=TOMORROW_AT_8 + HOUR)
    plan_digests(TOMORROW_AT_8 + DAY)

    waited, merged = Digest.objects.order_by("pk")
    assert (waited.state, waited.reason, items_of(waited)) == ("suppressed", MERGED, [])
    assert (merged.state, items_of(merged)) == ("ready", [(alert.pk, first.pk), (alert.pk, second.pk)])


def test_a_mail_that_is_on_its_way_is_not_merged(seeker, keep):
    alert = keep(seeker, at=NOON)
    first, second = JobFactory(published_at=NOON), JobFactory(published_at=NOON)

    find(alert, first, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)
    Digest.objects.claim(TOMORROW_AT_8)
    find(alert, second, at=TOMORROW_AT_8 + HOUR)
    plan_digests(TOMORROW_AT_8 + DAY)

    assert [items_of(digest) for digest in Digest.objects.order_by("pk")] == [
        [(alert.pk, first.pk)],
        [(alert.pk, second.pk)],
    ]


def test_an_instant_alert_misses_nothing_while_nobody_plans(seeker, keep, job):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(alert, job, at=NOON + HOUR)

    plan_digests(NOON + 2 * DAY)
    written = plan_digests(NOON + 2 * DAY + GATHERED_FOR)

    assert (written, items_of(Digest.objects.get())) == (1, [(alert.pk, job.pk)])


def test_the_sender_slices_by_the_cap_even_when_too_many_run(subscriber, keep, job):
    older = keep(subscriber, words="python", at=NOON)
    newer = keep(subscriber, words="rust", at=NOON + HOUR)
    find(older, job, at=NOON + 2 * HOUR)
    find(newer, job, at=NOON + 2 * HOUR)
    ComplimentaryPlus.objects.update(until=NOON + 2 * HOUR)

    plan_digests(TOMORROW_AT_8)

    assert items_of(Digest.objects.get()) == [(newer.pk, job.pk)]


@pytest.mark.parametrize("change", ["paused", "deleted"])
def test_an_alert_that_stopped_is_not_planned(seeker, keep, job, change):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON + HOUR)
    alert.pause(NOON + 2 * HOUR, by=Alert.PausedBy.PERSON) if change == "paused" else alert.discard(NOON + 2 * HOUR)

    assert plan_digests(TOMORROW_AT_8) == 0


def test_a_person_whose_plan_fails_is_tried_an_hour_later_and_stops_nobody(seeker, stranger, keep, job):
    seekers, strangers = keep(seeker, at=NOON), keep(stranger, at=NOON)
    find(seekers, job, at=NOON + HOUR)
    type(seeker).objects.filter(pk=seeker.pk).update(time_zone="Atlantis/Capital")

    written = plan_digests(TOMORROW_AT_8)

    seekers.refresh_from_db()
    assert (written, items_of(Digest.objects.get())) == (1, [(strangers.pk, job.pk)])
    assert (seekers.failed_at, seekers.next_due_at) == (TOMORROW_AT_8, TOMORROW_AT_8 + HOUR)
    assert "Atlantis" in seekers.failure


def test_a_job_edited_after_its_mail_is_not_mailed_again(seeker, keep, job):
    alert = keep(seeker, at=NOON)
    find(alert, job, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)

    job.title = "Another title"
    job.save()
    find(alert, job, at=TOMORROW_AT_8 + HOUR)

    assert plan_digests(TOMORROW_AT_8 + DAY) == 0


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("America/New_York", "2026-03-08", "03"),
        ("Europe/Berlin", "2026-03-29", "03"),
        ("Europe/Berlin", "2026-10-25", "02"),
    ],
)
def test_exactly_one_digest_on_a_day_when_the_clocks_change(seeker, keep, zone, day, hour):
    seeker.time_zone = zone
    seeker.save()
    noon = NOON.fromisoformat(f"{day}T12:00+00:00")
    alert = keep(seeker, hour=2, at=noon - DAY)

    for half_hours in range(72):
        at = noon - DAY + half_hours * HOUR / 2
        find(alert, JobFactory(published_at=at), at=at)
        plan_digests(at)

    assert list(Digest.objects.values_list("window", flat=True).filter(window__startswith=day)) == [f"{day}T{hour}"]


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_write_each_digest_once(seeker, stranger, keep):
    job = JobFactory(published_at=NOON)
    for owner in (seeker, stranger):
        keep(owner, at=NOON)
    find(Alert.objects.first(), job, at=NOON + HOUR)

    def plan(_):
        try:
            return plan_digests(TOMORROW_AT_8)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        written = sum(threads.map(plan, range(6)))

    assert (written, Digest.objects.count(), DigestItem.objects.count()) == (2, 2, 2)


@pytest.mark.parametrize("people", [3, 30])
def test_a_batch_of_people_costs_the_same_queries(people, keep, job, django_assert_num_queries):
    for owner in UserFactory.create_batch(people):
        keep(owner, at=NOON)
    find(Alert.objects.first(), job, at=NOON + HOUR)

    with django_assert_num_queries(14):
        written = planning.plan_some(TOMORROW_AT_8)

    assert written == people
