"""How many jobs a search finds, and how many each value of a filter would leave.

Up to EXACT matches are counted one by one. Of more, on a board with more than LARGE jobs, a sample tells about how
many there are; it also tells beforehand which of both it will be, in a fraction of the time.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from jobs.documents import SAMPLE_ONE_IN
from jobs.search import facets
from jobs.search.cursors import moment
from jobs.search.orders import RANKED
from jobs.search.sql import ALONE, NARROW, SAMPLE, TABLE, condition, fetch, reading_of
from jobs.search.wanted import LISTS, JobSearch

LARGE = 20_000
EXACT = 3_000
# Answers and the board's size are kept for a minute in the process, and only where counting takes time: on a large
# board. A cache in PostgreSQL or Redis would cost more than most of these statements.
REMEMBERED_FOR = 60
# Entries of the index that are read in the time in which one vector is fetched and unpacked: 45 ns and 7.5 µs.
UNPACKING = 166
MOST_REMEMBERED = 500
remembered: dict[str, tuple[float, "Answer"]] = {}
board: dict[str, float] = {"until": 0.0, "size": 0}


@dataclass(frozen=True)
class Answer:
    """`is_about` when the numbers come from the sample: then the matches are also too many to read them all.

    More than orders.RANKED of them were published since `newest_since`; None when all can be read.
    """

    total: int
    is_about: bool
    counts: dict[str, Counter]
    newest_since: datetime | None = None


def forget() -> None:
    """Count anew from here on; for tests and benchmarks."""
    remembered.clear()
    board["until"] = 0.0


def count_since(search: JobSearch, since: datetime) -> int:
    """How many open jobs found were published since then."""
    sql, params = condition(search, at=timezone.now())
    ((count,),) = fetch(
        f"SELECT count(*) FROM {TABLE} WHERE {sql} AND published_at >= %s", [*params, since], reading=ALONE
    )
    return count


def kept() -> Answer:
    """The numbers of all open jobs, which the database keeps up to date."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return answer({"": cursor.fetchall()})


KEPT = """
SELECT mask, number, regions, sum(change)::bigint FROM jobs_opencount
GROUP BY mask, number, regions HAVING sum(change) <> 0
"""


def is_known_small() -> bool:
    """Whether the board was small when its jobs were counted last, within the last minute."""
    return time.monotonic() < board["until"] and not is_large()


def is_large() -> bool:
    """Whether the board has more jobs than can be counted while somebody waits."""
    return board["size"] > LARGE


def is_nearer_in_order(total: int) -> bool:
    """Whether the newest RANKED of so many matches are found sooner by going through the jobs than by their words.

    On the way each job's vector is unpacked, size / total of them for a match; the index gives every match instead.
    """
    return total * total > RANKED * UNPACKING * board["size"]


def recall(search: JobSearch) -> Answer | None:
    """The answer that somebody who asked the same got within the last minute."""
    until, found = remembered.get(key_of(search), (0.0, None))
    return found if time.monotonic() < until else None


def remember(search: JobSearch, found: Answer) -> None:
    if not is_large():
        return
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()
    remembered[key_of(search)] = (time.monotonic() + REMEMBERED_FOR, found)


def key_of(search: JobSearch) -> str:
    return search.without("sort").query_string()


def variants(search: JobSearch) -> dict[str, tuple[JobSearch, list[str]]]:
    """The search itself, then without each of its filters in turn, with the facets that each of them counts.

    Someone who chose Germany wants to know how many jobs Austria would add: a facet's counts leave out its own filter.
    """
    chosen = [name for name in facets.COLUMNS if getattr(search, LISTS[name])]
    rest = [name for name in facets.COLUMNS if name not in chosen]
    return {"": (search, rest)} | {name: (search.without(name), [name]) for name in chosen}


def counts_by_variant(names_of: dict[str, list[str]]) -> list[str]:
    """SELECTs of counts over the tables matches_0, matches_1, …, one for each variant."""
    return [
        f"SELECT {number} AS variant, mask, number, regions, n"
        f" FROM ({facets.counts_sql(f'matches_{number}', names)}) counts"
        for number, names in enumerate(names_of.values())
    ]


def matches_sql(number: int, search: JobSearch, table: str, *, at, columns: str = NARROW) -> tuple[str, list]:
    """The table expression matches_<number> of the documents that a variant finds."""
    sql, params = condition(search, at=at)
    return f"matches_{number} AS MATERIALIZED (SELECT {columns} FROM {table} WHERE {sql})", params


@dataclass(frozen=True)
class Sampled:
    """Rows of counts in the sample for each variant of a search, and when the last of its newest was published."""

    rows: dict[str, list[tuple]]
    newest_since: datetime | None


def sample(search: JobSearch, *, at) -> Sampled | None:
    """What the sample says of the search; None on a small board, where all is counted."""
    if is_known_small():
        return None
    wanted = variants(search)
    tables = [matches_sql(number, one, SAMPLE, at=at) for number, (one, _) in enumerate(wanted.values())]
    counts = counts_by_variant({name: names for name, (_, names) in wanted.items()})
    sql = f"WITH {', '.join(table for table, _ in tables)} {' UNION ALL '.join([*counts, NEWEST_SINCE, SIZE])}"
    rows = fetch(sql, [value for _, params in tables for value in params], reading=reading_of(search))
    apart = {row[0]: row[-1] for row in rows if row[0] < 0}
    board.update(size=apart[-2], until=time.monotonic() + REMEMBERED_FOR)
    if not is_large():
        return None
    since = moment(apart[-1]) if -1 in apart else None
    return Sampled(by_variant((row for row in rows if row[0] >= 0), wanted), since)


# How many jobs the board has, in the same query.
SIZE = f"SELECT -2, 0, 0, NULL, coalesce(sum(change), 0)::bigint FROM jobs_opencount WHERE mask = {facets.EVERYTHING}"
# Twice as many as are ranked, so that the chance of the sample doesn't matter.
NEWEST_SINCE = f"""
SELECT -1, 0, 0, NULL, (extract(epoch FROM published_at) * 1000000)::bigint
FROM (SELECT published_at FROM matches_0 ORDER BY published_at DESC OFFSET {2 * RANKED // SAMPLE_ONE_IN} LIMIT 1) last
"""


def by_variant(rows, names) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {name: [] for name in names}
    for variant, *row in rows:
        found[list(names)[variant]].append(tuple(row))
    return found


def total_of(rows) -> int:
    return sum(n for mask, _, _, n in rows if mask == facets.EVERYTHING)


def countable(search: JobSearch, sampled: Sampled | None) -> list[str]:
    """The variants to count one by one: all on a small board, else those that stay within EXACT together."""
    if sampled is None:
        return list(variants(search))
    chosen, left = [], EXACT
    for name, rows in sampled.rows.items():
        about = total_of(rows) * SAMPLE_ONE_IN
        if about <= left:
            chosen.append(name)
            left -= about if name else 0
    return chosen


def answer(exact: dict[str, list[tuple]], sampled: Sampled | None = None) -> Answer:
    """The answer that rows of counts for each variant make; the sample speaks for variants that weren't counted."""
    sampled = sampled or Sampled({}, None)
    scaled = {name: [(*row, n * SAMPLE_ONE_IN) for *row, n in rows] for name, rows in sampled.rows.items()}
    rows = {**scaled, **exact}
    grouped = [row for name in rows for row in rows[name] if row[0] in facets.MASKS]
    return Answer(total_of(rows[""]), "" not in exact, facets.read_counts(grouped), sampled.newest_since)
