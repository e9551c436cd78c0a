"""Two months of simulated time, through all days on which clocks change, with everything changed at random.

More of it: pytest tests/alerts/test_a_month.py --simulated-people 100 --simulated-seeds 5
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerts import simulation

SEASONS = {
    # Forward: New York and Havana on 8 March, Beirut and Europe on the 29th. Back: Sydney and Auckland on 5 April.
    "spring": (datetime(2026, 3, 6, tzinfo=UTC), 0),
    # Forward: Sydney and Lord Howe on 4 October. Back: Europe on the 25th, Cairo on the 30th, New York on 1 November.
    "autumn": (datetime(2026, 10, 2, tzinfo=UTC), 10),
}


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, metafunc.config.getoption("--simulated-seeds") + 1))


@pytest.mark.django_db
@pytest.mark.parametrize("season", SEASONS)
def test_no_job_twice_none_lost_none_closed_no_empty_mail_and_never_above_the_cap(season, seed, pytestconfig):
    start, first_zone = SEASONS[season]
    people = simulation.people(pytestconfig.getoption("--simulated-people"), first_zone=first_zone)

    month = simulation.Month(people, start, days=31, seed=seed).run()

    assert month.faults == []
    assert month.mails > len(people)


def test_people_begin_in_twenty_zones_and_both_seasons_change_their_clocks():
    begun = {zone for _, first in SEASONS.values() for zone in simulation.ZONES[first : first + 10]}
    changing = {name: clocks_changed(start) for name, (start, _) in SEASONS.items()}

    assert len(begun) == len(simulation.ZONES) == 20
    assert {name: (-1 in ways, 1 in ways) for name, ways in changing.items()} == {
        "spring": (True, True),
        "autumn": (True, True),
    }


def clocks_changed(start: datetime) -> set[int]:
    """1 where clocks go forward within the 31 days, -1 where they go back."""
    end = start + 31 * simulation.DAY
    moved = {end.astimezone(zone).utcoffset() - start.astimezone(zone).utcoffset() for zone in simulation.CLOCKS}
    return {(by > timedelta()) - (by < timedelta()) for by in moved}
