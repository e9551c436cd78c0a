"""Alerts as people keep them, matched with new jobs by the product and, for comparison, one by one."""

import random
import threading
import time
from collections import Counter
from itertools import accumulate, islice
from pathlib import Path

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from alerts import lexemes
from alerts.matching import BATCH, BY_KEY, PAIRS, batch_size, match_pending, steered
from alerts.searches import Match, keeping
from benchmarks.harness import Stopwatch, median, say
from benchmarks.measuring.corpus import make_jobs, skewed, vocabulary
from jobs.documents import EMPLOYMENT_TYPES, LEVELS, WORKPLACES
from jobs.models import Category, Job, Region
from jobs.search import JobSearch
from jobs.search.sql import TABLE, condition
from jobs.words import STOP_WORDS, words

OLDER_JOBS = 2000  # already matched; lexeme frequencies come from them
ROUNDS = 7
NAIVE_SAMPLE = 1000
PAGE_SAMPLE = 200


def measure(*, alerts: int, jobs: int) -> dict:
    say(f"{OLDER_JOBS} older jobs")
    make_jobs(OLDER_JOBS, seed=1)
    match_older()
    kept, searches = make_alerts(alerts)
    say(f"{alerts} alerts are {len(searches)} distinct searches; keeping them")
    with Stopwatch() as watch:
        keep(searches.values())
    job_ids = make_jobs(jobs, seed=2)
    say("matching, and one query per alert, by turns")
    sample = random.Random(5).sample(kept, min(NAIVE_SAMPLE, alerts))
    match_s, pairs, naive_s, naive_found = compare([searches[alert] for alert in sample], job_ids)
    naive_s *= alerts / len(sample)
    whole_s, peak_mb = time_whole_run()
    return {
        "alerts": alerts,
        "jobs": jobs,
        "searches": len(searches),
        "pairs": pairs,
        "alert_pairs": count_alert_pairs(kept),
        "match_s": round(match_s, 4),
        "write_s": round(max(0.0, whole_s - match_s), 4),
        "naive_s": round(naive_s, 2),
        "naive_sampled": len(sample),
        "ratio": round(naive_s / match_s, 1),
        "pairs_per_s": round(pairs / match_s),
        "keep_ms": round(watch.seconds / len(searches) * 1000, 3),
        "peak_mb": round(peak_mb, 1),
        "ledger_mb": round(ledger_mb(), 1),
        "verified": naive_agrees(naive_found)
        and count_matches() == pairs
        and page_agrees(list(searches.values()), job_ids),
    }


def match_older() -> None:
    match_pending()
    lexemes.refresh()


def make_alerts(n: int) -> tuple[list[str], dict]:
    """The canonical search of each alert, and the JobSearch of each canonical search."""
    chance, make = random.Random(3), search_maker()
    alerts, searches = [], {}
    for _ in range(n):
        search = make(chance)
        canonical = search.alert_query_string()
        alerts.append(canonical)
        searches.setdefault(canonical, search)
    return alerts, searches


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


def keep(searches) -> None:
    """Keep the searches as Search.objects.keep does, without waiting for each answer."""
    by_statement: dict[str, list] = {}
    for search in searches:
        statement, params = keeping(search, query_string=search.alert_query_string(), at=timezone.now())
        by_statement.setdefault(statement, []).append(params)
    with connection.cursor() as cursor:
        for statement, all_params in by_statement.items():
            cursor.executemany(statement, all_params)
        cursor.execute("VACUUM (ANALYZE) alerts_search, alerts_searchanchor")


def compare(sample: list, job_ids: list[int]) -> tuple[float, int, float, dict]:
    """Median time to find all pairs, their number, seconds of asking the sample one by one, and what that found.

    By turns, so that whatever else the machine does weighs on both.
    """
    rounds, naive_s, naive_found = [], 0.0, {}
    for turn in range(ROUNDS):
        rounds.append(find_pairs(job_ids))
        seconds, found = ask_one_by_one(sample[turn::ROUNDS], job_ids)
        naive_s += seconds
        naive_found |= found
    return median(seconds for seconds, _ in rounds), rounds[0][1], naive_s, naive_found


def find_pairs(job_ids: list[int]) -> tuple[float, int]:
    size, pairs = batch_size(), 0
    with Stopwatch() as watch:
        for start in range(0, len(job_ids), size):
            with steered(BY_KEY) as cursor:
                batch = {"job_ids": job_ids[start : start + size], "at": timezone.now()}
                cursor.execute(f"WITH {BATCH} SELECT count(*) FROM ({PAIRS}) pair", batch)
                pairs += cursor.fetchone()[0]
    return watch.seconds, pairs


def time_whole_run() -> tuple[float, float]:
    """Seconds of the product's run from noticing the jobs to the last commit, and the peak memory of its connection."""
    with PeakMemory(backend_pid()) as memory, Stopwatch() as watch:
        match_pending()
    return watch.seconds, memory.peak_mb


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


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


def ask_one_by_one(searches: list, job_ids: list[int]) -> tuple[float, dict]:
    """Seconds of asking each search of the new jobs, and the ids found by canonical search."""
    seconds, found = 0.0, {}
    with connection.cursor() as cursor:
        for search in searches:
            sql, params = condition(search, at=timezone.now())
            began = time.perf_counter()
            cursor.execute(f"SELECT job_id FROM {TABLE} WHERE job_id = ANY (%s) AND {sql}", [job_ids, *params])
            job_ids_found = {job_id for (job_id,) in cursor.fetchall()}
            seconds += time.perf_counter() - began
            found[search.alert_query_string()] = job_ids_found
    return seconds, found


def naive_agrees(found: dict[str, set[int]]) -> bool:
    """Whether Match holds for each search what its own query found."""
    return matches_of(found) == found


def page_agrees(searches: list, job_ids: list[int]) -> bool:
    """Whether the search page finds among the new jobs what Match says, on a sample of searches."""
    sample = random.Random(6).sample(searches, min(PAGE_SAMPLE, len(searches)))
    found = {
        search.alert_query_string(): set(
            Job.objects.matching(search).filter(pk__in=job_ids).values_list("pk", flat=True)
        )
        for search in sample
    }
    return matches_of(found) == found


def matches_of(canonical_searches) -> dict[str, set[int]]:
    found = {query_string: set() for query_string in canonical_searches}
    matches = Match.objects.filter(search__query_string__in=list(found))
    for query_string, job_id in matches.values_list("search__query_string", "job_id"):
        found[query_string].add(job_id)
    return found


def count_matches() -> int:
    return Match.objects.count()


def count_alert_pairs(alerts: list[str]) -> int:
    counts = Match.objects.values_list("search__query_string").annotate(n=Count("*"))
    jobs_of = dict(counts.values_list("search__query_string", "n"))
    return sum(jobs_of.get(alert, 0) for alert in alerts)


def ledger_mb() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('alerts_match')")
        return float(cursor.fetchone()[0]) / 1024**2
