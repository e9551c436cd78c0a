"""Alerts as people keep them, matched with new jobs by the product and, for comparison, one by one."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from alerts import lexemes
from alerts.matching import BATCH, BY_KEY, PAIRS, batch_size, match_pending, steered
from alerts.searches import Match, Search, fingerprint, keeping
from benchmarks.harness import Stopwatch, backend_pid, median, say, seconds_computed
from benchmarks.measuring.corpus import make_jobs, skewed, vocabulary
from jobs.documents import EMPLOYMENT_TYPES, LEVELS, WORKPLACES
from jobs.models import Category, Job, Region
from jobs.search import JobSearch
from jobs.search.sql import TABLE, condition
from jobs.words import STOP_WORDS, words

OLDER_JOBS = 2000  # already matched; lexeme frequencies come from them
ROUNDS = 7  # by turns with asking one by one; fewer when one takes long, but never fewer than three
MOST_SECONDS = 60
NAIVE_SAMPLE = 1000
PAGE_SAMPLE = 200
KEEP_SAMPLE = 1000
KEEPERS = 2  # connections that keep searches side by side


def measure(*, alerts: int, jobs: int) -> dict:
    say(f"{OLDER_JOBS} older jobs")
    make_jobs(OLDER_JOBS, seed=1)
    match_older()
    with Stopwatch() as making:
        kept = make_alerts(alerts)
        searches = list(dict.fromkeys(kept))
        say(f"{alerts} alerts are {len(searches)} distinct searches; keeping them")
        keep_all(searches[KEEP_SAMPLE:])
    keep_s = keep_one_by_one(searches[:KEEP_SAMPLE])
    vacuum()
    job_ids = make_jobs(jobs, seed=2)
    say("matching, and one query per alert, by turns")
    sample = random.Random(5).sample(kept, min(NAIVE_SAMPLE, alerts))
    match, search_pairs, naive, naive_found = compare(sample, job_ids)
    naive = naive * (alerts / len(sample))
    whole_s, peak_mb = time_whole_run()
    pairs = count_alert_pairs(kept)
    return {
        "alerts": alerts,
        "jobs": jobs,
        "searches": len(searches),
        "pairs": pairs,
        "search_pairs": search_pairs,
        "match_s": round(match.seconds, 4),
        "match_cpu_s": round(match.cpu, 4),
        "write_s": round(max(0.0, whole_s - match.seconds), 4),
        "naive_s": round(naive.seconds, 2),
        "naive_cpu_s": round(naive.cpu, 2),
        "naive_sampled": len(sample),
        "ratio": round(naive.seconds / match.seconds, 1),
        "cpu_ratio": round(naive.cpu / match.cpu, 1) if match.cpu else None,
        "pairs_per_s": round(pairs / match.seconds),
        "search_pairs_per_s": round(search_pairs / match.seconds),
        "keep_ms": round(keep_s * 1000, 3),
        "making_s": round(making.seconds, 1),
        "peak_mb": round(peak_mb, 1),
        "ledger_mb": round(ledger_mb(), 1),
        "verified": naive_agrees(naive_found) and count_matches() == search_pairs and page_agrees(searches, job_ids),
    }


def match_older() -> None:
    match_pending()
    lexemes.refresh()


def make_alerts(n: int) -> list[JobSearch]:
    """What each alert looks for, in its canonical spelling; equal ones are the same object."""
    chance, make, known = random.Random(3), search_maker(), {}
    return [known.setdefault(search, search) for search in (make(chance) for _ in range(n))]


def search_maker():
    """Random searches as people keep them: some words far more often than others, some filters.

    Tuned so that a million alerts are some 570,000 distinct searches and an alert finds one new job in forty.
    """
    asked = asked_words(words_of_titles(), vocabulary()[600:8000])
    weights = list(accumulate(1 / rank**1.1 for rank in range(1, len(asked) + 1)))
    categories = list(Category.objects.order_by("position").values_list("slug", flat=True))
    regions = list(Region.objects.order_by("pk").values_list("slug", flat=True))

    def make(chance: random.Random) -> JobSearch:
        def some(share: float, values: list[str], most: int = 1) -> tuple[str, ...]:
            if chance.random() >= share:
                return ()
            return tuple(sorted({skewed(values, chance) for _ in range(chance.randint(1, most))}))

        keywords = make_keywords(chance, chance.choices(asked, cum_weights=weights, k=3))
        return JobSearch(
            keywords=keywords,
            categories=some(0.25 if keywords else 0.7, categories, 2),
            regions=some(0.3, regions, 2),
            employment_types=some(0.08, EMPLOYMENT_TYPES),
            levels=some(0.15, LEVELS, 2),
            workplaces=some(0.15, WORKPLACES),
            countries=some(0.04, ["US", "GB", "DE", "CA", "AT"]),
            pay_min=chance.choice([40, 50, 60, 80, 100, 120]) * 1000 if chance.random() < 0.1 else None,
        )

    return make


def make_keywords(chance: random.Random, words: list[str]) -> str:
    """One word or two, a phrase, either of two, one but not the other, three; some have filters only."""
    one, two, three = words
    forms = [one, f"{one} {two}", f'"{one} {two}"', f"{one} or {two}", f"{one} -{two}", f"{one} {two} {three}", ""]
    return chance.choices(forms, weights=[52, 28, 5, 2, 2, 8, 3])[0]


def asked_words(common: list[str], rare: list[str]) -> list[str]:
    """The words by how often they are asked for: six rarer ones for each that titles share."""
    others = iter(rare)
    return [one for word in common for one in (*islice(others, 6), word)] + list(others)


def words_of_titles() -> list[str]:
    """Words of titles and tags, the commonest first."""
    titles = Counter()
    for title, tags in Job.objects.order_by("pk").values_list("title", "tags"):
        titles.update(words(title) + tags)
    return [word for word, _ in titles.most_common() if word not in STOP_WORDS and len(word) > 1]


def keep_all(searches: list[JobSearch]) -> None:
    """Keep them by the product's own statements, whose parameters come from tables that COPY has filled."""
    with ThreadPoolExecutor(KEEPERS) as keepers:
        list(keepers.map(keep_share, [searches[start::KEEPERS] for start in range(KEEPERS)]))


def keep_share(searches: list[JobSearch]) -> None:
    by_statement: dict[str, list] = {}
    for search in searches:
        statement, params = keeping(search, query_string=search.alert_query_string(), at=timezone.now())
        by_statement.setdefault(statement, []).append(params)
    try:
        for statement, all_params in by_statement.items():
            keep_from_a_table(statement, all_params)
    finally:
        connection.close()


# Types of keeping()'s first parameters; the others are text.
TYPES = ["uuid", "text", "bigint", "timestamptz", "jsonb"]


def keep_from_a_table(statement: str, all_params: list[list]) -> None:
    names = [f"p{number}" for number in range(len(all_params[0]))]
    types = TYPES + ["text"] * (len(names) - len(TYPES))
    columns = ", ".join(f"{name} {of}" for name, of in zip(names, types, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE wanted ({columns})")
        with cursor.copy("COPY wanted FROM STDIN") as copy:
            for params in all_params:
                copy.write_row(params)
        cursor.execute(
            f"SELECT count(kept) FROM ({statement.replace('%s', '{}').format(*names)} AS kept FROM wanted) t"
        )
        cursor.execute("DROP TABLE wanted")


def keep_one_by_one(searches: list[JobSearch]) -> float:
    """Seconds for each, as somebody who saves an alert waits for it."""
    with Stopwatch() as watch:
        for search in searches:
            Search.objects.keep(search)
    return watch.seconds / len(searches)


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) alerts_search, alerts_searchanchor")


class Cost(NamedTuple):
    """Seconds by the wall, and those that the database's process computed."""

    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other):
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu)

    def __mul__(self, times):
        return Cost(self.seconds * times, self.cpu * times)


class Meter:
    """`with Meter() as meter: …` then meter.cost, of this thread's connection."""

    def __init__(self):
        self.pid = backend_pid()

    def __enter__(self):
        self.began = Cost(time.perf_counter(), seconds_computed(self.pid))
        return self

    def __exit__(self, *error):
        self.cost = self.began * -1 + Cost(time.perf_counter(), seconds_computed(self.pid))


def compare(sample: list[JobSearch], job_ids: list[int]) -> tuple[Cost, int, Cost, dict]:
    """Median cost of finding all pairs, their number, the cost of asking the sample one by one, and what that found.

    By turns, so that whatever else the machine does weighs on both.
    """
    rounds, naive, naive_found, until = [], Cost(), {}, time.monotonic() + MOST_SECONDS
    for turn in range(ROUNDS):
        if turn < 3 or time.monotonic() < until:
            rounds.append(find_pairs(job_ids))
        cost, found = ask_one_by_one(sample[turn::ROUNDS], job_ids)
        naive, naive_found = naive + cost, naive_found | found
    costs = [cost for cost, _ in rounds]
    match = Cost(median(cost.seconds for cost in costs), median(cost.cpu for cost in costs))
    return match, rounds[0][1], naive, naive_found


def find_pairs(job_ids: list[int]) -> tuple[Cost, int]:
    size, pairs = batch_size(), 0
    with Meter() as meter:
        for start in range(0, len(job_ids), size):
            with steered(BY_KEY) as cursor:
                batch = {"job_ids": job_ids[start : start + size], "at": timezone.now()}
                cursor.execute(f"WITH {BATCH} SELECT count(*) FROM ({PAIRS}) pair", batch)
                pairs += cursor.fetchone()[0]
    return meter.cost, pairs


def time_whole_run() -> tuple[float, float]:
    """Seconds of the product's run from noticing the jobs to the last commit, and the peak memory of its connection."""
    with PeakMemory(backend_pid()) as memory, Stopwatch() as watch:
        match_pending()
    return watch.seconds, memory.peak_mb


class PeakMemory:
    """`with PeakMemory(pid) as memory: …` then memory.peak_mb, of what the process holds for itself alone."""

    def __init__(self, pid: int):
        self.status = Path(f"/proc/{pid}/status")
        self.peak_mb, self.ended = 0.0, threading.Event()
        self.watcher = threading.Thread(target=self.watch)

    def __enter__(self):
        self.watcher.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        self.watcher.join()

    def watch(self) -> None:
        while True:
            ended = self.ended.wait(0.01)
            line = next(line for line in self.status.read_text().splitlines() if line.startswith("RssAnon"))
            self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
            if ended:
                return


def ask_one_by_one(searches: list[JobSearch], job_ids: list[int]) -> tuple[Cost, dict]:
    """The cost of asking each search of the new jobs, and the ids found by canonical search."""
    found = {}
    with connection.cursor() as cursor, Meter() as meter:
        for search in searches:
            sql, params = condition(search, at=timezone.now())
            cursor.execute(f"SELECT job_id FROM {TABLE} WHERE job_id = ANY (%s) AND {sql}", [job_ids, *params])
            found[search] = {job_id for (job_id,) in cursor.fetchall()}
    return meter.cost, found


def naive_agrees(found: dict[JobSearch, set[int]]) -> bool:
    """Whether Match holds for each search what its own query found."""
    return matches_of(found) == found


def page_agrees(searches: list[JobSearch], job_ids: list[int]) -> bool:
    """Whether the search page finds among the new jobs what Match says, on a sample of searches."""
    sample = random.Random(6).sample(searches, min(PAGE_SAMPLE, len(searches)))
    found = {
        search: set(Job.objects.matching(search).filter(pk__in=job_ids).values_list("pk", flat=True))
        for search in sample
    }
    return matches_of(found) == found


def matches_of(searches) -> dict[JobSearch, set[int]]:
    """The jobs that Match holds for each of the searches."""
    by_name = {fingerprint(search.alert_query_string()): search for search in searches}
    found = {search: set() for search in searches}
    matches = Match.objects.filter(search__fingerprint__in=list(by_name))
    for name, job_id in matches.values_list("search__fingerprint", "job_id"):
        found[by_name[name]].add(job_id)
    return found


def count_matches() -> int:
    return Match.objects.count()


def count_alert_pairs(alerts: list[JobSearch]) -> int:
    """How many pairs of an alert and a job the matches stand for."""
    jobs_of = dict(Match.objects.values_list("search__query_string").annotate(n=Count("*")).order_by())
    times = Counter(alerts)
    return sum(jobs_of.get(search.alert_query_string(), 0) * n for search, n in times.items())


def ledger_mb() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('alerts_match')")
        return float(cursor.fetchone()[0]) / 1024**2
