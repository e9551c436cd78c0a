"""Search pages of the running site before and while many new jobs are matched."""

import random
import threading
import time
from contextlib import ExitStack
from urllib.parse import urlencode

from django.core.management import call_command

from accounts.nudging import nudge
from alerts.models import Matching
from benchmarks.harness import Stopwatch, percentile, say
from benchmarks.measuring.alerts import (
    ask_one_by_one,
    count_matches,
    keep_all,
    make_alerts,
    match_older,
    matches_of,
    vacuum,
)
from benchmarks.measuring.corpus import make_jobs, vocabulary
from benchmarks.measuring.running import BIN, get, program, site, wait_until

VISITORS = 2
BEFORE_SECONDS = 15
SAMPLE = 200


def measure(*, alerts: int, publish: int, jobs: int, workers: int) -> dict:
    say(f"{jobs} open jobs, {alerts} alerts")
    make_jobs(jobs, seed=1)
    match_older()
    searches = list(dict.fromkeys(make_alerts(alerts)))
    keep_all(searches)
    vacuum()
    call_command("collectstatic", interactive=False, verbosity=0)
    with ExitStack() as running:
        port = running.enter_context(site())
        for number in range(workers):
            queues = ["-Q", "match", "-n", f"match{number}@%h"]
            running.enter_context(program([BIN / "celery", "-A", "jobboard", "worker", "-P", "solo", *queues]))
        before = visit_for(port, BEFORE_SECONDS)
        say(f"{publish} new jobs")
        new = make_jobs(publish, seed=2)
        with Visitors(port) as during, Stopwatch() as matching:
            nudge("alerts.match_jobs")
            wait_until(lambda: all_matched(new))
    return {
        "alerts": alerts,
        "searches": len(searches),
        "jobs": jobs,
        "publish": publish,
        "workers": workers,
        "matches": count_matches(),
        "matching_s": round(matching.seconds, 1),
        **figures("before", before),
        **figures("during", during),
        "verified": all(status == 200 for status, _ in before + during) and agrees(searches, new),
    }


def figures(when: str, visits: list[tuple[int, float]]) -> dict:
    times = [seconds * 1000 for _, seconds in visits]
    return {
        f"{when}_pages": len(times),
        f"{when}_p50_ms": round(percentile(times, 0.5), 1),
        f"{when}_p95_ms": round(percentile(times, 0.95), 1),
    }


def all_matched(job_ids: list[int]) -> bool:
    return Matching.objects.filter(job__in=job_ids, matched_at__isnull=False).count() == len(job_ids)


def agrees(searches: list, job_ids: list[int]) -> bool:
    """Whether Match holds what a query of its own finds for each search of a sample, and what the page finds."""
    sample = random.Random(7).sample(searches, min(SAMPLE, len(searches)))
    _, found = ask_one_by_one(sample, job_ids)
    new = set(job_ids)
    matched = {search: jobs & new for search, jobs in matches_of(sample).items()}
    return matched == found


def visit_for(port: int, seconds: float) -> list[tuple[int, float]]:
    with Visitors(port) as visits:
        time.sleep(seconds)
    return visits


class Visitors:
    """`with Visitors(port) as visits: …` fills the list with (status, seconds) of each page, until the block ends."""

    def __init__(self, port: int):
        self.port, self.visits, self.ended = port, [], threading.Event()
        self.threads = [threading.Thread(target=self.visit, args=[seed]) for seed in range(VISITORS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self.visits

    def __exit__(self, *error):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def visit(self, seed: int) -> None:
        chance, words = random.Random(seed + time.monotonic_ns()), vocabulary()[50:3000]
        while not self.ended.is_set():
            path = f"/jobs/?{urlencode({'q': ' '.join(chance.sample(words, 2)), 'workplace': 'remote'})}"
            with Stopwatch() as watch:
                status = get(self.port, path)
            self.visits.append((status, watch.seconds))
