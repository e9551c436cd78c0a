"""What an alert has found and not told yet, while jobs, searches and plans change under it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from alerts.models import Alert, Digest, DigestItem, Search
from alerts.planning import plan_digests
from alerts.rhythm import GATHERED_FOR, QUIET_TIME, Rhythm
from alerts.sending import send_digests
from jobs.models import Job
from jobs.search import JobSearch
from subscriptions.models import ComplimentaryPlus
from tests.alerts.conftest import NOON, find
from tests.factories import JobFactory

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOMORROW_AT_8 = NOON.replace(day=24, hour=8)
AWAY = {
    "closed by mistake": (
        lambda jobs: jobs.close(by=None, at=TOMORROW_AT_8 - MINUTE, reason=Job.CloseReason.FILLED),
        lambda jobs: jobs.reopen(),
    ),
    "hidden by reports": (lambda jobs: jobs.hide(at=TOMORROW_AT_8 - MINUTE), lambda jobs: jobs.unhide()),
    "past its last day": (
        lambda jobs: jobs.extend(until=TOMORROW_AT_8 - MINUTE),
        lambda jobs: jobs.extend(until=TOMORROW_AT_8 + 30 * DAY),
    ),
}


@pytest.fixture
def job(db):
    return JobFactory(title="Rust baker", published_at=NOON - DAY)


def real(words: str) -> Search:
    return Search.objects.keep(JobSearch(keywords=words))


def told() -> list[tuple[str, list[int]]]:
    """The windows of all digests with the jobs of each."""
    digests = Digest.objects.order_by("created_at").prefetch_related("items")
    return [(digest.window, sorted(item.job_id for item in digest.items.all())) for digest in digests]


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.WEEKLY])
@pytest.mark.parametrize(("leave", "come_back"), AWAY.values(), ids=AWAY)
def test_a_job_that_is_not_open_at_the_slot_comes_with_the_next_once_it_is_back(
    seeker, keep, job, rhythm, leave, come_back
):
    jobs = Job.objects.filter(pk=job.pk)
    alert = keep(seeker, rhythm=rhythm, weekday=1, at=NOON)
    find(alert, job, at=NOON + HOUR)
    leave(jobs)
    plan_digests(TOMORROW_AT_8)
    before = told()
    come_back(jobs)

    for days in (1, 7, 8):
        plan_digests(TOMORROW_AT_8 + days * DAY)

    next_slot = "2026-11-25T08" if rhythm == Rhythm.DAILY else "2026-12-01T08"
    assert (before, told()) == ([], [(next_slot, [job.pk])])


@pytest.mark.parametrize(("leave", "come_back"), AWAY.values(), ids=AWAY)
def test_an_instant_alert_wakes_for_a_job_that_is_back(seeker, keep, job, leave, come_back):
    jobs = Job.objects.filter(pk=job.pk)
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(alert, job, at=TOMORROW_AT_8 - 2 * MINUTE)
    plan_digests(TOMORROW_AT_8 - 2 * MINUTE)
    leave(jobs)
    plan_digests(TOMORROW_AT_8 + MINUTE)
    alert.refresh_from_db()
    asleep = alert.next_due_at
    come_back(jobs)
    written_at(job, TOMORROW_AT_8 + 5 * HOUR)

    plan_digests(TOMORROW_AT_8 + 5 * HOUR)
    plan_digests(TOMORROW_AT_8 + 5 * HOUR + GATHERED_FOR)

    assert (asleep, told()) == (None, [("instant:2026-11-24T13", [job.pk])])


def written_at(job: Job, at) -> None:
    """As if the job's document had been written then, by the clock of the test."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_jobdocument SET written_at = %s WHERE job_id = %s", [at, job.pk])


def test_a_job_that_was_hidden_while_its_mail_waited_comes_when_it_is_back(seeker, keep, job):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    find(alert, job, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    job.hide(at=NOON + 3 * MINUTE)
    Digest.objects.claim(NOON + 3 * MINUTE)
    job.unhide()
    written_at(job, NOON + 3 * HOUR)

    plan_digests(NOON + 3 * HOUR)
    plan_digests(NOON + 3 * HOUR + GATHERED_FOR)

    assert told() == [("instant:2026-11-23T12", []), ("instant:2026-11-23T15", [job.pk])]


def test_a_match_of_a_job_that_is_deleted_stops_nobody(seeker, stranger, keep, job):
    mine, theirs = keep(seeker, at=NOON), keep(stranger, words="rust", at=NOON)
    gone = JobFactory(published_at=NOON - DAY)
    find(mine, gone, job, at=NOON + HOUR)
    find(theirs, job, at=NOON + HOUR)
    with connection.cursor() as cursor:
        # As when matching ends just after the job was deleted: no foreign key holds these rows.
        cursor.execute("DELETE FROM jobs_jobdocument WHERE job_id = %s", [gone.pk])
        cursor.execute("DELETE FROM jobs_job_regions WHERE job_id = %s", [gone.pk])
        cursor.execute("DELETE FROM jobs_job WHERE id = %s", [gone.pk])

    plan_digests(TOMORROW_AT_8)

    assert told() == [("2026-11-24T08", [job.pk]), ("2026-11-24T08", [job.pk])]


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.INSTANT])
def test_another_search_still_tells_what_both_find(seeker, keep, job, rhythm):
    other = JobFactory(title="Rust plumber", published_at=NOON - DAY)
    alert = keep(seeker, search=real("rust"), rhythm=rhythm, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(alert, job, other, at=NOON + HOUR)

    alert.change(search=real("rust -plumber"), name="rust -plumber", at=NOON + HOUR + MINUTE)
    for hours in range(1, 48):
        plan_digests(NOON + hours * HOUR + 5 * MINUTE)

    assert [jobs for _, jobs in told()] == [[job.pk]]


@pytest.mark.parametrize(("words", "comes"), [("rust -cook", True), ("rust -baker", False)])
@pytest.mark.parametrize(("leave", "come_back"), AWAY.values(), ids=AWAY)
def test_another_search_still_tells_a_job_that_was_away_when_it_began_if_it_finds_it(
    seeker, keep, job, leave, come_back, words, comes
):
    jobs = Job.objects.filter(pk=job.pk)
    alert = keep(seeker, search=real("rust"), at=NOON)
    find(alert, job, at=NOON + HOUR)
    leave(jobs)
    alert.change(search=real(words), at=TOMORROW_AT_8 - MINUTE / 2)
    come_back(jobs)

    plan_digests(TOMORROW_AT_8 + DAY)

    assert [jobs for _, jobs in told()] == ([[job.pk]] if comes else [])


def test_another_search_tells_nothing_that_was_told(seeker, keep, job):
    alert = keep(seeker, search=real("rust"), at=NOON)
    find(alert, job, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)
    Digest.objects.update(state="sent", sent_at=TOMORROW_AT_8)

    alert.change(search=real("rust baker"), name="rust baker", at=TOMORROW_AT_8 + MINUTE)
    plan_digests(TOMORROW_AT_8 + DAY)

    assert told() == [("2026-11-24T08", [job.pk])]


def test_a_mail_that_waits_tells_only_what_the_alert_looks_for_when_it_goes(seeker, keep, job):
    other = JobFactory(title="Rust plumber", published_at=NOON - DAY)
    alert = keep(seeker, search=real("rust"), name="rust", at=NOON)
    find(alert, job, other, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)

    alert.change(search=real("plumber"), name="plumber", at=TOMORROW_AT_8 + MINUTE)
    digest = Digest.objects.claim(TOMORROW_AT_8 + 2 * MINUTE)

    assert [item.job_id for item in digest.contents(TOMORROW_AT_8 + 2 * MINUTE)] == [other.pk]
    assert sorted(DigestItem.objects.values_list("job", "digest")) == [(job.pk, None), (other.pk, digest.pk)]


def test_what_an_earlier_search_found_alone_is_never_told(seeker, keep, job):
    alert = keep(seeker, search=real("baker"), at=NOON)
    find(alert, job, at=NOON + HOUR)
    plan_digests(TOMORROW_AT_8)

    alert.change(search=real("plumber"), name="plumber", at=TOMORROW_AT_8 + MINUTE)
    send_digests()
    plan_digests(TOMORROW_AT_8 + DAY)

    assert (mail.outbox, Digest.objects.get().state) == ([], "suppressed")


def test_a_plan_that_is_lost_for_an_hour_costs_nothing_that_was_found(seeker, keep, job):
    plus = ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=NOON)
    keep(seeker, words="used later", at=NOON + HOUR)
    alert = keep(seeker, rhythm=Rhythm.WEEKLY, weekday=4, at=NOON)
    Alert.objects.filter(pk=alert.pk).update(activated_at=NOON)
    find(alert, job, at=NOON + HOUR)

    plus.end(NOON + 2 * DAY)
    alert.refresh_from_db()
    waited = alert.is_waiting
    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=NOON + 2 * DAY + HOUR)
    plan_digests(NOON.replace(day=27, hour=8))

    assert (waited, told()) == (True, [("2026-11-27T08", [job.pk])])


def test_a_plan_that_returns_after_days_makes_up_for_nothing(seeker, keep, job):
    plus = ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=NOON)
    keep(seeker, words="used later", at=NOON + HOUR)
    alert = keep(seeker, words="python", at=NOON)
    plus.end(NOON + 2 * DAY)
    find(alert, job, at=NOON + 3 * DAY)

    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=NOON + 4 * DAY)
    plan_digests(NOON + 6 * DAY)

    alert.refresh_from_db()
    assert (alert.is_active, alert.activated_at, told()) == (True, NOON + 4 * DAY, [])


def test_nobody_hears_twice_within_the_hour_because_another_alert_starts(subscriber, keep):
    jobs = [JobFactory(published_at=NOON - DAY) for _ in range(2)]
    spoken = keep(subscriber, words="first", rhythm=Rhythm.INSTANT, at=NOON)
    find(spoken, jobs[0], at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(spoken, jobs[1], at=NOON + 10 * MINUTE)
    plan_digests(NOON + 10 * MINUTE)

    fresh = keep(subscriber, words="second", rhythm=Rhythm.INSTANT, at=NOON + 20 * MINUTE)
    fresh.pause(NOON + 21 * MINUTE, by=Alert.PausedBy.PERSON)
    fresh.activate(NOON + 22 * MINUTE)
    for minutes in range(20, 70):
        plan_digests(NOON + minutes * MINUTE)

    first = NOON + GATHERED_FOR
    assert list(Digest.objects.order_by("pk").values_list("created_at", flat=True)) == [first, first + QUIET_TIME]


def test_an_instant_alert_that_starts_again_within_the_hour_waits_with_what_it_has_found(seeker, keep, job):
    alert = keep(seeker, rhythm=Rhythm.INSTANT, at=NOON)
    find(alert, JobFactory(published_at=NOON - DAY), at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(alert, job, at=NOON + 10 * MINUTE)

    alert.pause(NOON + 11 * MINUTE, by=Alert.PausedBy.PERSON)
    alert.activate(NOON + 12 * MINUTE)

    assert alert.next_due_at == NOON + GATHERED_FOR + QUIET_TIME


def test_a_quiet_alert_does_not_come_along_at_the_weekend(subscriber, keep):
    saturday = NOON.replace(day=28, hour=6)
    quiet = keep(subscriber, words="quiet", rhythm=Rhythm.INSTANT, at=NOON)
    quiet.change(quiet_weekends=True, at=NOON)
    keep(subscriber, words="daily", at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    job = JobFactory(published_at=saturday)
    find(quiet, job, at=saturday)

    for hours in range(60):
        plan_digests(saturday + hours * HOUR)

    assert told() == [("2026-11-30T08", [job.pk])]


def test_an_instant_alert_is_not_woken_by_what_its_search_found_for_others_before(seeker, stranger, keep, job):
    search = real("rust")
    theirs = keep(stranger, search=search, at=NOON)
    mine = keep(seeker, words="else", rhythm=Rhythm.INSTANT, at=NOON)
    plan_digests(NOON + GATHERED_FOR)
    find(theirs, job, at=NOON + 2 * MINUTE)

    mine.change(search=search, name="rust", at=NOON + 3 * MINUTE)
    for minutes in (3, 5, 6):
        plan_digests(NOON + minutes * MINUTE)

    mine.refresh_from_db()
    assert (mine.next_due_at, told()) == (None, [])
