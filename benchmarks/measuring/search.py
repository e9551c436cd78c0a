"""Searches by the share of adverts that have their words, what each takes, and what a plain method answers."""

import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from statistics import median
from typing import NamedTuple

import django
from django.db import connection

from benchmarks.harness import backend_pid, percentile, say, seconds_computed
from benchmarks.measuring.corpus import make_jobs
from jobs.documents import SAMPLE_ONE_IN
from jobs.search import JobSearch, counting
from jobs.search.page import search_jobs

SEED = 1
TIMES = 3  # each search is measured this often by each client
VERIFIED = 3  # searches of each kind that the plain method answers too
DEEP = 20  # pages before the deep page
SIZE = 20
# Share of the adverts that a word stands in.
SHARES = {"rare": (0.0002, 0.002), "medium": (0.02, 0.07), "common": (0.15, 1.0)}
REGIONS, LEVELS = ["usa", "europe", "canada", "germany"], ["senior", "lead", "junior", "middle"]


class Run(NamedTuple):
    """One search: seconds in SQL by the clock, what of it the database computed, matches and statements."""

    kind: str
    seconds: float
    cpu: float
    matches: int
    statements: int


def measure(*, jobs: int, clients: int) -> dict:
    say(f"making {jobs} adverts …")
    make_jobs(jobs, SEED)
    kinds = searches(random.Random(SEED))
    say("measuring …")
    runs = run_clients(kinds, clients)
    say("verifying …")
    wrong = [f"{kind}: {one}" for kind, found in kinds.items() for one in found[:VERIFIED] if not agrees(one)]
    for one in wrong:
        say(f"not equal: {one}")
    queries = {kind: summary([run for run in runs if run.kind == kind]) for kind in kinds}
    return {
        "jobs": jobs,
        "clients": clients,
        "queries": queries,
        "p95_ms": max(query["p95_ms"] for query in queries.values()),
        "cpu_p95_ms": max(query["cpu_p95_ms"] for query in queries.values()),
        "sql_queries_max": max(run.statements for run in runs),
        "index_mb": index_megabytes(),
        "verified": not wrong,
    }


def summary(runs: list[Run]) -> dict:
    times, computing = [run.seconds * 1000 for run in runs], [run.cpu * 1000 for run in runs]
    return {
        "p50_ms": round(median(times), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "cpu_p50_ms": round(median(computing), 2),
        "cpu_p95_ms": round(percentile(computing, 0.95), 2),
        "matches": round(median(run.matches for run in runs)),
    }


def searches(chance: random.Random) -> dict[str, list]:
    """Searches of each kind; the deep pages are those of common words."""
    rare, medium, common = (spread(words, 12) for words in words_by_share().values())
    return {
        "rare": [JobSearch(keywords=word) for word in rare],
        "medium": [JobSearch(keywords=word) for word in medium],
        "common": [JobSearch(keywords=word) for word in common],
        "filtered": [
            JobSearch(keywords=word, regions=(chance.choice(REGIONS),), levels=(chance.choice(LEVELS),))
            for word in medium
        ],
        "common_filtered": [
            JobSearch(keywords=word, regions=(chance.choice(REGIONS),), categories=("dev", "engineering"))
            for word in common
        ],
        "no_keyword": [
            JobSearch(),
            JobSearch(pay_min=150_000),
            JobSearch(workplaces=("remote",), employment_types=("full-time",), sort="pay"),
            JobSearch(posted_within=3),
            *[JobSearch(regions=(region,)) for region in REGIONS],
            *[JobSearch(categories=("dev",), levels=(level,)) for level in LEVELS],
        ],
        "relevance": [JobSearch(keywords=word, sort="relevance") for word in [*rare[::4], *medium[::4], *common[::3]]],
        "deep_page": [JobSearch(keywords=word) for word in common],
    }


def words_by_share() -> dict[str, list[str]]:
    """Words that search takes as they stand, the rarest first, by the share of some 3,000 adverts that have them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ceil(count(*) / 3000.0)::int FROM jobs_jobdocument")
        every = f"job_id % {cursor.fetchone()[0]} = 0"
        cursor.execute(f"SELECT count(*) FROM jobs_jobdocument WHERE {every}")
        (seen,) = cursor.fetchone()
        cursor.execute(
            f"""SELECT word, ndoc FROM ts_stat('SELECT doc FROM jobs_jobdocument WHERE {every}')
            WHERE word ~ '^[a-z]{{3,}}$' AND to_tsvector('english', word) @@ word::tsquery ORDER BY ndoc, word"""
        )
        found = cursor.fetchall()
    return {
        share: [word for word, count in found if low <= count / seen <= high] or [found[0][0]]
        for share, (low, high) in SHARES.items()
    }


def spread(words: list[str], count: int) -> list[str]:
    """As many of the words, at even distances from the first to the last."""
    return [words[place * (len(words) - 1) // (count - 1)] for place in range(count)]


def run_clients(kinds: dict[str, list], clients: int) -> list[Run]:
    """Every search by every client, each a process with a connection."""
    if clients == 1:
        return run_client(kinds, 0)
    with ProcessPoolExecutor(clients, get_context("spawn"), initializer=django.setup) as pool:
        list(pool.map(run_client, [{"rare": kinds["rare"]}] * clients, range(clients)))
        return [run for runs in pool.map(run_client, [kinds] * clients, range(clients)) for run in runs]


def run_client(kinds: dict[str, list], number: int) -> list[Run]:
    """Everything in an order of the client's own; the first of each kind warms up what a process remembers."""
    work = [(kind, search) for kind, found in kinds.items() for search in found for _ in range(TIMES)]
    random.Random(number).shuffle(work)
    pid = backend_pid()
    for kind, found in kinds.items():
        run(kind, found[0], pid)
    return [run(kind, search, pid) for kind, search in work]


def run(kind: str, search, pid: int) -> Run:
    """One search whose answer nobody remembers."""
    cursor = deep_cursor(search) if kind == "deep_page" else ""
    counting.remembered.clear()
    times: list[float] = []
    before = seconds_computed(pid)
    with connection.execute_wrapper(stopwatch(times)):
        page = search_jobs(search, cursor=cursor, size=SIZE)
    return Run(kind, sum(times), seconds_computed(pid) - before, page.total, len(times))


def stopwatch(times: list[float]):
    def time_statement(execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            times.append(time.perf_counter() - started)

    return time_statement


def deep_cursor(search) -> str:
    """Where the page after DEEP others begins."""
    return search_jobs(search, size=SIZE * DEEP).next_cursor


def agrees(search) -> bool:
    """Whether the page, the total and the levels are what reading every advert gives."""
    counting.remembered.clear()
    page = search_jobs(search, size=SIZE)
    of_any_level = plain_rows(search, at=page.at)
    rows = [row for row in of_any_level if not search.levels or row[4] in search.levels]
    if [job.pk for job in page.jobs] != [row[0] for row in in_order(search, rows, at=page.at)][:SIZE]:
        return False
    if not agrees_in_total(page, len(rows)):
        return False
    are_levels_counted = not page.is_about and not (search.levels and len(of_any_level) > counting.EXACT // 2)
    return not are_levels_counted or counts_of_levels(page) == Counter(row[4] for row in of_any_level if row[4])


def agrees_in_total(page, total: int) -> bool:
    """An estimate may be four standard errors of the sample away."""
    if page.is_about:
        return abs(page.total - total) <= 4 * (total * SAMPLE_ONE_IN) ** 0.5
    return page.total == total


def counts_of_levels(page) -> dict[str, int]:
    (levels,) = (facet.values for facet in page.facets if facet.name == "level")
    return {one.value: one.count for one in levels if one.count}


def in_order(search, rows: list[tuple], *, at) -> list[tuple]:
    """Plain rows in the order asked for; relevance ranks the newest thousand."""
    newest = sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)
    if search.sort == "relevance":
        return sorted(newest[:1000], key=lambda row: (relevance(row, at), row[0]), reverse=True)
    if search.sort == "pay":
        return sorted(rows, key=lambda row: (-1 if row[2] is None else row[2], row[0]), reverse=True)
    return newest


def relevance(row: tuple, at) -> int:
    return round((0.05 + row[3]) * 1_000_000 / (1 + max(0.0, (at - row[1]).total_seconds()) / 2_592_000))


def plain_rows(search, *, at) -> list[tuple]:
    """Id, publication, yearly pay, rank and level of each job found at any level, without the index of words."""
    conditions, params = plain_conditions(search, at=at)
    words = search.web_query
    rank = "ts_rank(document.head, websearch_to_tsquery('english', %s))::float8" if words else "0"
    with connection.cursor() as cursor:
        cursor.execute("SET enable_bitmapscan = off")
        cursor.execute(PLAIN.format(rank=rank, conditions=" AND ".join(conditions)), [words] * bool(words) + params)
        rows = cursor.fetchall()
        cursor.execute("RESET enable_bitmapscan")
    return rows


def plain_conditions(search, *, at) -> tuple[list[str], list]:
    """The search on the columns of the adverts themselves."""
    asked = [
        ("job.closed_at IS NULL AND (job.expires_at IS NULL OR job.expires_at > %s)", at),
        ("document.doc @@ websearch_to_tsquery('english', %s)", search.web_query),
        ("category.slug = ANY(%s)", list(search.categories)),
        (PLAIN_REGIONS, list(search.regions)),
        ("job.workplace = ANY(%s)", list(search.workplaces)),
        ("job.employment_types && %s::varchar[]", list(search.employment_types)),
        ("job.pay_yearly >= %s", search.pay_min),
        ("job.published_at >= %s", search.posted_within and at - timedelta(days=search.posted_within)),
    ]
    used = [(sql, value) for sql, value in asked if value]
    return [sql for sql, _ in used], [value for sql, value in used for _ in range(sql.count("%s"))]


PLAIN = """
SELECT job.id, job.published_at, job.pay_yearly, {rank}, job.level
FROM jobs_job job
JOIN jobs_jobdocument document ON document.job_id = job.id
JOIN jobs_category category ON category.id = job.category_id
WHERE {conditions}
"""
PLAIN_REGIONS = """(
    EXISTS (
        SELECT FROM jobs_job_regions stated
        JOIN jobs_region inside ON inside.id = stated.region_id
        JOIN jobs_region around ON around.id = inside.id OR around.countries @> inside.countries
        WHERE stated.job_id = job.id AND around.slug = ANY(%s)
    ) OR (
        NOT EXISTS (SELECT FROM jobs_job_regions stated WHERE stated.job_id = job.id)
        AND job.countries <> '{}'
        AND EXISTS (SELECT FROM jobs_region around WHERE around.slug = ANY(%s) AND around.countries @> job.countries)
    )
)"""


def index_megabytes() -> float:
    """Size of the indexes of the documents and of their sample."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_indexes_size('jobs_jobdocument') + pg_indexes_size('jobs_sampleddocument')")
        return round(cursor.fetchone()[0] / 1024 / 1024, 1)
