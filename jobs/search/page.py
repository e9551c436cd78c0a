"""One page of what a search finds, with counts."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from jobs.models import Job
from jobs.search import counting, facets, orders
from jobs.search.cursors import Position, UnknownPage, read_cursor, write_cursor
from jobs.search.drops import Drop, drops
from jobs.search.sql import BY_ORDER, BY_WORDS, NARROW, TABLE, condition, fetch, reading_of
from jobs.search.wanted import JobSearch
from jobs.suggestions import FEW, other_spelling

__all__ = ["SearchPage", "UnknownPage", "newest_titles", "search_jobs"]


@dataclass(frozen=True)
class SearchPage:
    """Jobs in order; with `is_about`, the total and the counts of facets are estimates.

    `next_cursor` is '' on the last page, `left` how many jobs come after the first page: further on nobody counts them.
    `suggestion` is the search with other spelling; `drops` says what to give up when nothing is found.
    """

    jobs: list[Job]
    total: int
    is_about: bool
    facets: list[facets.Facet]
    next_cursor: str
    at: datetime
    left: int | None = None
    suggestion: JobSearch | None = None
    drops: list[Drop] = field(default_factory=list)

    @property
    def next_in_words(self) -> str:
        """What stands on the link to the next page."""
        if self.left is None:
            return "Next jobs"
        if self.left > len(self.jobs):
            return f"Next {len(self.jobs)} jobs"
        return "The last job" if self.left == 1 else f"The last {self.left} jobs"


def search_jobs(search: JobSearch, *, cursor: str = "", size: int = 20) -> SearchPage:
    """A page of open jobs; raises UnknownPage for a cursor that isn't one of ours."""
    order = orders.name_of(search)
    after = read_cursor(order, cursor) if cursor else None
    at = after.at if after else timezone.now()
    places, answer = found(search, after, at=at, size=size)
    return SearchPage(
        jobs=cards(places[:size]),
        total=answer.total,
        is_about=answer.is_about,
        facets=facets.facets_of(search, answer.counts),
        next_cursor=write_cursor(order, Position(*places[size - 1], at)) if len(places) > size else "",
        at=at,
        left=None if after else max(answer.total - size, 0),
        suggestion=other_spelling(search) if answer.total <= FEW and not after else None,
        drops=drops(search, at=at) if answer.total == 0 else [],
    )


def found(search, after, *, at, size) -> tuple[list[tuple[int, int]], counting.Answer]:
    """Sort keys and ids of the page's jobs and of one more, with the numbers of the whole search."""
    if search.is_empty:
        answer = counting.kept()
        return walk(search, answer, after, at=at, size=size), answer
    if known := counting.recall(search):
        if known.is_about:
            return walk(search, known, after, at=at, size=size), known
        return gather(search, [], after, at=at, size=size)[0], known
    sampled = counting.sample(search, at=timezone.now())
    countable = counting.countable(search, sampled)
    if "" in countable:
        places, exact = gather(search, countable, after, at=at, size=size)
        answer = counting.answer(exact, sampled)
    else:
        answer = counting.answer({}, sampled)
        places = walk(search, answer, after, at=at, size=size)
    counting.remember(search, answer)
    return places, answer


def walk(search, answer, after, *, at, size) -> list[tuple[int, int]]:
    """The page of a search that finds many: go through the jobs in order until it is full."""
    (sql, params), reading = condition(search, at=timezone.now()), BY_ORDER
    if orders.name_of(search) == "relevance" and answer.newest_since and not counting.is_nearer_in_order(answer.total):
        # A thousand to rank are far to walk to; among those that are new enough they are found by their words.
        sql, params, reading = f"{sql} AND published_at >= %s", [*params, answer.newest_since], BY_WORDS
    page, values = orders.page_sql(search, TABLE, (sql, params), after, at=at, size=size)
    return fetch(page, values, reading=reading)


def gather(search, countable, after, *, at, size) -> tuple[list[tuple[int, int]], dict[str, list[tuple]]]:
    """The page of a search that finds few, and rows of counts for its countable variants, in one statement."""
    now, variants = timezone.now(), counting.variants(search)
    columns = f"{NARROW}, head" if orders.name_of(search) == "relevance" else NARROW
    tables = [counting.matches_sql(0, search, TABLE, at=now, columns=columns)]
    tables += [counting.matches_sql(n, variants[name][0], TABLE, at=now) for n, name in enumerate(countable) if name]
    page = orders.page_sql(search, "matches_0", ("true", []), after, at=at, size=size)
    selects = [f"SELECT -1, 0, job_id, NULL::text, key FROM ({page[0]}) page"]
    selects += counting.counts_by_variant({name: variants[name][1] for name in countable})
    sql = f"WITH {', '.join(table for table, _ in tables)} {' UNION ALL '.join(selects)}"
    params = [value for _, values in [*tables, page] for value in values]
    rows = fetch(sql, params, reading=reading_of(search))
    places = orders.in_order(search, [(key, job_id) for variant, _, job_id, _, key in rows if variant == -1])
    return places, counting.by_variant((row for row in rows if row[0] != -1), countable)


def cards(places) -> list[Job]:
    jobs = Job.objects.for_cards().in_bulk([job_id for _, job_id in places])
    return [jobs[job_id] for _, job_id in places if job_id in jobs]


def newest_titles(search: JobSearch, n: int, since: datetime) -> list[str]:
    """Titles of the newest open jobs found that were published since then."""
    jobs = Job.objects.matching(search).filter(published_at__gte=since)
    return list(jobs.order_by("-published_at", "-pk").values_list("title", flat=True)[:n])
