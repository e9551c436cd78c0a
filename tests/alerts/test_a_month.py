"""A month of simulated time, through days on which the clocks change, with everything changed at random.

More of it: pytest tests/alerts/test_a_month.py --simulated-people 100 --simulated-seeds 5
"""

from datetime import UTC, datetime

import pytest

from tests.alerts import simulation

# New York changes on 8 March, London and Berlin on 29 March, Sydney back on 5 April.
START = datetime(2026, 3, 6, tzinfo=UTC)


def pytest_generate_tests(metafunc):
    metafunc.parametrize("seed", range(1, metafunc.config.getoption("--simulated-seeds") + 1))


@pytest.mark.django_db
def test_no_job_twice_none_lost_none_closed_no_empty_mail_and_never_above_the_cap(seed, pytestconfig):
    people = simulation.people(pytestconfig.getoption("--simulated-people"))

    month = simulation.Month(people, START, days=31, seed=seed).run()

    assert month.faults == []
    assert month.mails > len(people)
