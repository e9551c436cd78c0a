"""How often somebody may do something that costs others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from jobs.limits import AN_HOUR, within_limit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked(minutes: int, key: str = "asking") -> bool:
    with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
        return within_limit(key, most=3, seconds=AN_HOUR)


def test_an_hour_is_an_hour_from_the_first_on_however_often_one_asks(db):
    answers = [asked(minutes) for minutes in (0, 1, 2, 3, 9, 30, 59)]
    next_hour = [asked(minutes) for minutes in (60, 61, 100, 119, 120)]

    assert answers == [True, True, True, False, False, False, False]
    assert next_hour == [True, True, True, False, True]


def test_each_is_counted_apart(db):
    answers = [asked(0, "one") for _ in range(4)] + [asked(0, "another")]

    assert answers == [True, True, True, False, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("many-connections")
@pytest.mark.usefixtures("a_connection_for_each_thread")
def test_of_twenty_at_once_no_more_than_three_slip_through():
    def ask(_):
        try:
            return within_limit("asking", most=3, seconds=AN_HOUR)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(ask, range(20)))

    assert answers.count(True) == 3
