from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.transaction import TransactionManagementError, atomic
from django.utils import timezone

from subscriptions.entitlements import back_to_free, end_passed_grants, locked_plan_of, plan_of, plans_of
from subscriptions.models import ComplimentaryPlus
from subscriptions.plans import FREE, PLUS
from subscriptions.tasks import end_passed_grants as end_passed_grants_task

heard = []


def hear(user, plan, *, at):
    heard.append((user.email, plan.key, at))


@pytest.fixture
def listener(settings):
    settings.AFTER_PLAN_CHANGE = ["tests.subscriptions.test_entitlements.hear"]
    heard.clear()
    return heard


def grant(user, at, **fields):
    return ComplimentaryPlus.objects.grant(user, reason="wrote a guide", by=None, at=at, **fields)


def test_someone_new_is_on_free(seeker):
    assert plan_of(seeker) == FREE


def test_a_grant_gives_plus_until_its_last_moment(seeker):
    now = timezone.now()
    grant(seeker, now, until=now + timedelta(days=30))

    days = {day: plans_of([seeker.pk], now + timedelta(days=day))[seeker.pk].key for day in (0, 29, 30)}

    assert days == {0: "plus", 29: "plus", 30: "free"}


def test_whoever_listens_hears_of_plus_and_of_its_end(seeker, listener):
    now = timezone.now()

    given = grant(seeker, now)
    given.end(now + timedelta(days=1))
    given.end(now + timedelta(days=2))

    assert listener == [(seeker.email, "plus", now), (seeker.email, "free", now + timedelta(days=1))]


def test_one_of_two_grants_ending_leaves_plus(seeker, listener):
    now = timezone.now()
    first, _second = grant(seeker, now), grant(seeker, now)

    first.end(now + timedelta(days=1))

    assert (plan_of(seeker), listener[-1][1]) == (PLUS, "plus")


def test_a_grant_that_ends_by_date_is_announced_once(seeker, stranger, listener):
    now = timezone.now()
    grant(seeker, now - timedelta(days=2), until=now - timedelta(days=1))
    grant(stranger, now - timedelta(days=2), until=now + timedelta(days=1))
    listener.clear()

    counts = [end_passed_grants(now), end_passed_grants(now)]

    assert (counts, listener) == ([1, 0], [(seeker.email, "free", now)])


def test_the_task_ends_what_has_passed(seeker):
    now = timezone.now()
    given = grant(seeker, now - timedelta(days=2), until=now - timedelta(days=1))

    end_passed_grants_task()

    given.refresh_from_db()
    assert given.ended_at >= now


def test_back_to_free_ends_every_grant(seeker):
    now = timezone.now()
    grant(seeker, now)
    grant(seeker, now)

    back_to_free(seeker, timezone.now())

    assert (plan_of(seeker), ComplimentaryPlus.objects.filter(ended_at=None).count()) == (FREE, 0)


def test_a_listener_that_fails_leaves_the_plan_as_it_was(seeker, settings):
    settings.AFTER_PLAN_CHANGE = ["tests.subscriptions.test_entitlements.no_such_function"]

    with pytest.raises(ImportError):
        grant(seeker, timezone.now())

    assert ComplimentaryPlus.objects.count() == 0


def test_the_locked_plan_is_read_inside_a_transaction(seeker):
    with atomic():
        assert locked_plan_of(seeker.pk) == FREE


@pytest.mark.django_db(transaction=True)
def test_the_locked_plan_is_refused_outside_a_transaction(seeker):
    with pytest.raises(TransactionManagementError):
        locked_plan_of(seeker.pk)


def test_the_plans_of_many_people_cost_one_query(seeker, subscriber, django_assert_num_queries):
    with django_assert_num_queries(1):
        plans = plans_of([seeker.pk, subscriber.pk], timezone.now())

    assert plans == {seeker.pk: FREE, subscriber.pk: PLUS}


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"reason": "x", "until": timezone.now() - timedelta(days=9)},
        {"reason": "x", "ended_at": timezone.now() - timedelta(days=9)},
    ],
)
def test_the_database_refuses_a_grant_without_sense(seeker, fields):
    with pytest.raises(IntegrityError):
        ComplimentaryPlus.objects.create(user=seeker, started_at=timezone.now(), **fields)
