"""What to give up of a search that finds nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from jobs.search.sql import TABLE, condition, fetch, reading_of
from jobs.search.wanted import JobSearch

# Nobody who gives something up needs to know better how many jobs there would be.
ENOUGH = 100
MOST_PAIRS = 4


@dataclass(frozen=True)
class Drop:
    """Conditions to give up in words, the search without them, and how many jobs it finds: up to ENOUGH, or more."""

    labels: tuple[str, ...]
    search: JobSearch
    count: int

    @property
    def is_more(self) -> bool:
        return self.count == ENOUGH


def drops(search: JobSearch, *, at) -> list[Drop]:
    """For a search without result: what stands in its way, the most fruitful first.

    Each parameter that is enough alone; else pairs of them; else all but the words, if those find anything. There are
    so few parameters that one statement counts what all of them, and one more what all pairs would leave.
    """
    said = search.parameters_in_words()
    if companies := said.get("not_company"):
        said["not_company"] = f"leaving out {companies.removeprefix('not ').replace(' and not ', ' and ')}"
    if len(said) < 2:
        return []
    if alone := fruitful(search, said, [(name,) for name in said], at=at):
        return alone
    pairs = list(combinations(said, 2)) if len(said) > 2 else []
    filters = tuple(name for name in said if name != "q")
    whole = [filters] if "q" in said and len(filters) > 2 else []
    found = fruitful(search, said, [*pairs, *whole], at=at)
    return [drop for drop in found if len(drop.labels) == 2][:MOST_PAIRS] or found


def fruitful(search, said: dict[str, str], groups: Iterable[tuple[str, ...]], *, at) -> list[Drop]:
    """Those groups of parameters without which there are jobs."""
    without = {names: without_all(search, names) for names in groups}
    if not without:
        return []
    selects, params = [], []
    for number, left in enumerate(without.values()):
        sql, values = condition(left, at=at)
        some = f"SELECT 1 FROM {TABLE} WHERE {sql} LIMIT {ENOUGH}"
        selects.append(f"SELECT {number}, count(*) FROM ({some}) matches")
        params += values
    counts = dict(fetch(" UNION ALL ".join(selects), params, reading=reading_of(search)))
    found = [
        Drop(tuple(said[name] for name in names), left, counts[number])
        for number, (names, left) in enumerate(without.items())
        if counts[number]
    ]
    return sorted(found, key=lambda drop: -drop.count)


def without_all(search: JobSearch, names: Iterable[str]) -> JobSearch:
    for name in names:
        search = search.without(name)
    return search
