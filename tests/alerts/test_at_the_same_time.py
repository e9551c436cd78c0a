"""Somebody stops or deletes an alert while something else changes it: stopping wins."""

from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from alerts import alert as module
from alerts import stopping, tokens
from alerts.housekeeping import keep_house
from alerts.models import Alert
from tests.alerts.conftest import NOON, search_for

pytestmark = pytest.mark.django_db(transaction=True)
LONGER_THAN_A_CLICK = 0.5


@pytest.fixture
def meanwhile(monkeypatch):
    """Run something in another connection while an alert's change is between reading the row and writing it."""
    threads = []

    def meanwhile(act):
        def closing():
            try:
                act()
            finally:
                connection.close()

        threads.append(Thread(target=closing))
        carry_over = module.carry_over

        def carry_over_slowly(*args, **kwargs):
            threads[0].start()
            threads[0].join(LONGER_THAN_A_CLICK)
            return carry_over(*args, **kwargs)

        monkeypatch.setattr(module, "carry_over", carry_over_slowly)

    yield meanwhile
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "leave",
    [
        lambda alert: stopping.stop(tokens.Scope(tokens.ALERT, alert.pk), timezone.now()),
        lambda alert: alert.discard(timezone.now()),
        lambda alert: alert.pause(timezone.now(), by=Alert.PausedBy.PERSON),
    ],
    ids=["one click", "deleted", "paused"],
)
def test_what_is_stopped_while_it_is_edited_stays_stopped(seeker, keep, meanwhile, leave):
    alert = keep(seeker)
    meanwhile(lambda: leave(Alert.objects.get(pk=alert.pk)))

    alert.change(search=search_for("rust"), name="rust", at=timezone.now())

    wait_for_the_click()
    after = Alert.objects.get(pk=alert.pk)
    assert (after.name, after.is_active, after.stopped_at is None) == ("rust", False, False)


def wait_for_the_click() -> None:
    """The other connection waits for the row until the change is kept; give it the time to go on."""
    for _ in range(100):
        if not Alert.objects.active().exists():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")


def test_a_break_that_was_made_final_does_not_end(seeker, keep):
    alert = keep(seeker)
    alert.pause(NOON, by=Alert.PausedBy.PERSON, resumes_at=NOON)
    resuming = list(Alert.objects.resuming(NOON))
    stopping.stop(tokens.Scope(tokens.ALERT, alert.pk), timezone.now())

    for each in resuming:
        each.end_break(NOON)
    keep_house(NOON)

    alert.refresh_from_db()
    assert (alert.is_active, alert.resumes_at) == (False, None)
