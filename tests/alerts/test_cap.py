"""The cap of the plan under fire: fifty real threads, each with a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from alerts.alert import CapReached
from alerts.models import Alert
from subscriptions.entitlements import back_to_free
from subscriptions.models import ComplimentaryPlus
from tests.alerts.conftest import search_for

THREADS = 50
# In one group, so that no two of these tests need a hundred connections at a time, which is all that PostgreSQL has.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("many-connections"),
    pytest.mark.usefixtures("a_connection_for_each_thread"),
]


def all_at_once(calls):
    """Run each call in a thread of its own, none before all are there."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def waiting_alerts(owner):
    rows = [
        Alert(
            owner=owner,
            search=search_for(f"word{n}"),
            name=f"word{n}",
            paused_at=timezone.now(),
            paused_by=Alert.PausedBy.PERSON,
        )
        for n in range(THREADS)
    ]
    return Alert.objects.bulk_create(rows)


def starting(alert):
    def start():
        try:
            alert.activate(timezone.now())
        except CapReached:
            return "refused"
        return "started"

    return start


@pytest.mark.parametrize(("person", "places"), [("seeker", 1), ("subscriber", 10)])
def test_fifty_starts_at_once_fill_the_places_and_no_more(person, places, request):
    owner = request.getfixturevalue(person)
    alerts = waiting_alerts(owner)

    answers = all_at_once([starting(alert) for alert in alerts])

    assert (answers.count("started"), answers.count("refused")) == (places, THREADS - places)
    slots = owner.alerts.active().order_by("slot").values_list("slot", flat=True)
    assert list(slots) == list(range(1, places + 1))


def test_starts_while_the_plan_shrinks_never_end_above_the_smaller_plan(subscriber):
    alerts = waiting_alerts(subscriber)
    calls = [starting(alert) for alert in alerts[: THREADS - 1]]
    calls.insert(THREADS // 2, lambda: back_to_free(subscriber, timezone.now()))

    all_at_once(calls)

    assert subscriber.alerts.active().count() == 1


def test_starts_while_the_plan_grows_never_end_above_the_larger_plan(seeker):
    alerts = waiting_alerts(seeker)
    calls = [starting(alert) for alert in alerts[: THREADS - 1]]
    calls.insert(
        THREADS // 2, lambda: ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=timezone.now())
    )

    all_at_once(calls)

    assert 1 <= seeker.alerts.active().count() <= 10
