"""What an alert would have found: shown before it is kept, so that nobody is flooded and nobody waits in vain."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jobs.search import JobSearch
from jobs.search.counting import count_since
from jobs.search.page import newest_titles, search_jobs

SPAN = timedelta(days=30)
TITLES = 3
# More in a week is more than people read; fewer in a month feels like a broken alert.
MANY_A_WEEK, FEW_A_MONTH = 50, 5
MOST_PROPOSALS = 3
MOST_TRIED = 6


@dataclass(frozen=True)
class Proposal:
    """Another search that fits better, and how many it would have found in the same time."""

    label: str
    search: JobSearch
    count: int

    @property
    def query_string(self) -> str:
        return self.search.alert_query_string()


@dataclass(frozen=True)
class Preview:
    """`count` open jobs of the last 30 days, the newest titles, and better searches when it is broad or narrow."""

    count: int
    titles: list[str]
    proposals: list[Proposal]

    @property
    def a_week(self) -> int:
        return weekly(self.count)

    @property
    def is_broad(self) -> bool:
        return self.a_week > MANY_A_WEEK

    @property
    def is_narrow(self) -> bool:
        return self.count < FEW_A_MONTH


def weekly(count: int) -> int:
    return round(count * 7 / SPAN.days)


def preview_of(search: JobSearch, at: datetime) -> Preview:
    """Of a search that doesn't fit nearly all."""
    since = at - SPAN
    count = count_since(search, since)
    titles = newest_titles(search, TITLES, since)
    if count < FEW_A_MONTH:
        return Preview(count, titles, wider(search, count, since))
    if weekly(count) > MANY_A_WEEK:
        return Preview(count, titles, tighter(search, count, since))
    return Preview(count, titles, [])


def wider(search: JobSearch, count: int, since: datetime) -> list[Proposal]:
    """The search with one filter less, or with any of its words: those that find the most.

    A company that was left out is missed by nobody.
    """
    filters = [condition for condition in search.conditions() if condition[0] not in ("q", "not_company")]
    fewer = [(f"Without {label}", search.without(name, value)) for name, value, label in filters]
    others = [(label, other) for label, other in fewer if not other.fits_nearly_all]
    if re.fullmatch(r"\w+( \w+)+", search.keywords):
        others.append(("Any of the words", replace(search, keywords=search.keywords.replace(" ", " or "))))
    proposals = [Proposal(label, other, count_since(other, since)) for label, other in others[:MOST_TRIED]]
    better = [proposal for proposal in proposals if proposal.count > count]
    return sorted(better, key=lambda proposal: -proposal.count)[:MOST_PROPOSALS]


def tighter(search: JobSearch, count: int, since: datetime) -> list[Proposal]:
    """The search with one more condition: of each unused filter the largest value that leaves a readable number."""
    page = search_jobs(search, size=1)
    unused = [facet.values for facet in page.facets if not any(value.is_chosen for value in facet.values)]
    narrowing = [[value for value in values if 0 < value.count < page.total] for values in unused]
    chosen = [readable_value(values) for values in narrowing if values][:MOST_PROPOSALS]
    proposals = [Proposal(f"Only {value.label}", value.search, count_since(value.search, since)) for value in chosen]
    return [proposal for proposal in proposals if 0 < proposal.count < count]


def readable_value(values):
    """The value with the most jobs that still leaves no flood, or else the one with the fewest."""
    few_enough = [value for value in values if weekly(value.count) <= MANY_A_WEEK]
    if few_enough:
        return max(few_enough, key=lambda value: value.count)
    return min(values, key=lambda value: value.count)
