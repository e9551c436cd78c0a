"""Filters of an address that name nothing here: of an old bookmark, a typing slip, a region that was renamed."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jobs import labels
from jobs.search.wanted import LISTS, JobSearch, clean_text, lists_of, read_list

NOUNS = {"type": "employment type", "not_company": "company"}


class UnknownFilter(NamedTuple):
    """A parameter of the query string and the value that nothing is called by."""

    parameter: str
    value: str

    @property
    def noun(self) -> str:
        return NOUNS.get(self.parameter, self.parameter)


def unknown_filters(query: Mapping) -> list[UnknownFilter]:
    """What a query string filters by and JobSearch can't read or nothing is called by, each once."""
    given = {name: dict.fromkeys(map(clean_text, lists_of(query).get(name, ()))) for name in LISTS}
    return [UnknownFilter(name, value) for name, values in given.items() for value in unknown_values(name, values)]


def unknown_values(name: str, values: Iterable[str]) -> list[str]:
    readings = {value: read_list(name, [value]) for value in values if value}
    nameless = set(labels.unknown(name, [slug for read in readings.values() for slug in read]))
    return [value for value, read in readings.items() if not read or read[0] in nameless]


def without_unknown(search: JobSearch, unknown: Iterable[UnknownFilter]) -> JobSearch:
    for name, value in unknown:
        search = search.without(name, value)
    return search
