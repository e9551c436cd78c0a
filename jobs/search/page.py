"""One page of what a search finds, with counts."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils import timezone

from jobs.models import Job
from jobs.search import facets
from jobs.search.cursors import Position, UnknownPage, read_cursor, write_cursor
from jobs.search.sql import TABLE, condition
from jobs.search.wanted import LISTS, JobSearch

__all__ = ["SearchPage", "UnknownPage", "count_since", "job_ids_of", "newest_titles", "search_jobs"]

# Relevance looks at this many of the newest matches: to rank them all would read every advert.
RANKED = 1000
SORT_KEYS = {
    "newest": "(extract(epoch FROM published_at) * 1000000)::bigint",
    "pay": "coalesce(pay_yearly, -1)",
    # Soonest first in descending order; adverts without a last day come last.
    "closing": "-coalesce((extract(epoch FROM expires_at) * 1000000)::bigint, 9000000000000000000)",
}


@dataclass(frozen=True)
class Drop:
    """A condition to give up, and how many jobs there would be."""

    label: str
    search: JobSearch
    count: int


@dataclass(frozen=True)
class SearchPage:
    """Jobs in order; `total` is rounded when `is_about`; `next_cursor` is '' on the last page.

    `suggestion` is the search with other spelling; `drops` says what to give up when nothing is found.
    """

    jobs: list[Job]
    total: int
    is_about: bool
    facets: list[facets.Facet]
    next_cursor: str
    at: datetime
    suggestion: JobSearch | None = None
    drops: list[Drop] = field(default_factory=list)


def search_jobs(search: JobSearch, *, cursor: str = "", size: int = 20) -> SearchPage:
    """A page of open jobs; raises UnknownPage (a 404) for a cursor that isn't one of ours."""
    sort = sort_of(search)
    after = read_cursor(sort, cursor) if cursor else None
    at = after.at if after else timezone.now()
    places, total, counts = found(search, sort, after, at=at, size=size)
    return SearchPage(
        jobs=cards(places[:size]),
        total=total,
        is_about=False,
        facets=facets.facets_of(search, counts),
        next_cursor=write_cursor(sort, Position(*places[size - 1], at)) if len(places) > size else "",
        at=at,
        drops=drops(search, at=at) if total == 0 else [],
    )


def sort_of(search: JobSearch) -> str:
    """The order that makes sense: nothing is relevant without keywords."""
    return "newest" if search.sort == "relevance" and not search.web_query else search.sort


def found(search, sort, after, *, at, size):
    """Sort keys and ids of the page's jobs and of one more, the total, and the counts of the facets."""
    now = timezone.now()
    chosen = [name for name in facets.COLUMNS if getattr(search, LISTS[name])]
    matches, params = condition(search, at=now)
    order, order_params = page_sql(search, sort, after, at=at, size=size)
    ctes = [f"matches AS MATERIALIZED (SELECT * FROM {TABLE} WHERE {matches})", f"page AS ({order})"]
    params += order_params
    selects = [
        "SELECT 0, job_id, ARRAY[]::int[], key FROM page",
        facets.counts_sql("matches", [name for name in facets.COLUMNS if name not in chosen]),
    ]
    for name in chosen:
        wider, wider_params = condition(search.without(name), at=now)
        ctes.append(f"without_{name} AS MATERIALIZED (SELECT * FROM {TABLE} WHERE {wider})")
        params += wider_params
        selects.append(
            f"SELECT * FROM ({facets.counts_sql(f'without_{name}', [name])}) counts WHERE mask <> {facets.EVERYTHING}"
        )
    with connection.cursor() as db:
        db.execute(f"WITH {', '.join(ctes)} {' UNION ALL '.join(selects)}", params)
        rows = db.fetchall()
    places = sorted(((key, job_id) for mask, job_id, _, key in rows if mask == 0), reverse=True)
    total = next(count for mask, _, _, count in rows if mask == facets.EVERYTHING)
    return places, total, facets.read_counts(row for row in rows if row[0] in facets.MASKS)


def page_sql(search, sort, after, *, at, size) -> tuple[str, list]:
    """SELECT of (key, job_id) for the page after a position, one row more than its size, over `matches`."""
    if sort == "relevance":
        source, params = ranked_sql(search, at=at)
    else:
        source, params = f"SELECT {SORT_KEYS[sort]} AS key, job_id FROM matches", []
    if after:
        params = [*params, after.key, after.job_id]
    limit = "WHERE (key, job_id) < (%s, %s)" if after else ""
    return f"SELECT key, job_id FROM ({source}) keyed {limit} ORDER BY key DESC, job_id DESC LIMIT {size + 1}", params


def ranked_sql(search, *, at) -> tuple[str, list]:
    """Relevance of the newest matches: rank of title, company and tags in millionths, halved at thirty days."""
    query, params = search.keyword_tsquery_sql()
    sql = f"""
        SELECT ((0.05 + ts_rank(head, {query})) * 1000000
            / (1 + greatest(0, extract(epoch FROM %s - published_at)::float8) / 2592000))::bigint AS key, job_id
        FROM (SELECT job_id, published_at, head FROM matches WHERE published_at <= %s
              ORDER BY published_at DESC, job_id DESC LIMIT {RANKED}) newest"""
    return sql, [*params, at, at]


def cards(places) -> list[Job]:
    jobs = Job.objects.for_cards().in_bulk([job_id for _, job_id in places])
    return [jobs[job_id] for _, job_id in places if job_id in jobs]


def drops(search, *, at) -> list[Drop]:
    """For a search without result: each condition that stands in its way, the most fruitful first."""
    criteria = search.criteria()
    if len(criteria) < 2:
        return []
    selects, params = [], []
    for number, criterion in enumerate(criteria):
        sql, values = condition(criterion.search, at=at)
        selects.append(f"SELECT {number} AS number, count(*) FROM {TABLE} WHERE {sql}")
        params += values
    with connection.cursor() as db:
        db.execute(" UNION ALL ".join(selects), params)
        counts = dict(db.fetchall())
    found = [Drop(*criterion, counts[number]) for number, criterion in enumerate(criteria) if counts[number]]
    return sorted(found, key=lambda drop: -drop.count)


def job_ids_of(search: JobSearch, *, at) -> RawSQL:
    """The ids of the open jobs found, for filter(pk__in=…)."""
    sql, params = condition(search, at=at)
    return RawSQL(f"SELECT job_id FROM {TABLE} WHERE {sql}", params)  # noqa: S611 - no value is written into the SQL


def count_since(search: JobSearch, since: datetime) -> int:
    """How many open jobs found were published since then."""
    sql, params = condition(search, at=timezone.now())
    with connection.cursor() as db:
        db.execute(f"SELECT count(*) FROM {TABLE} WHERE {sql} AND published_at >= %s", [*params, since])
        return db.fetchone()[0]


def newest_titles(search: JobSearch, n: int, since: datetime) -> list[str]:
    """Titles of the newest open jobs found that were published since then."""
    jobs = Job.objects.matching(search).filter(published_at__gte=since)
    return list(jobs.order_by("-published_at", "-pk").values_list("title", flat=True)[:n])
