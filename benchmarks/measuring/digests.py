"""Digests of a whole board, planned, written and sent by the product."""

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.mail import Adverts, compose
from alerts.models import Alert, Digest, Search
from alerts.planning import plan_digests
from alerts.sending import send
from alerts.smtp import MailServer
from benchmarks.chaos.mail_server import Progress, arrived, wait_for_port
from benchmarks.harness import Stopwatch, percentile, say
from benchmarks.measuring import senders
from benchmarks.measuring.people import JOBS_EACH, find_jobs, make_due_people
from jobboard.mail_sink import free_port

DUE_AT_ONCE = 10_000
RENDERED, COUNTED = 1_000, 50
# What a worker's memory may grow by from the first mails to the last, in megabytes.
GROWTH = 10


def measure(*, people: int, workers: int) -> dict:
    say(f"{people} people, each with an alert that has found {JOBS_EACH} jobs")
    # An hour ago, so that those who fall due later do so in another slot.
    make_due_people(people, due_at=timezone.now() - timedelta(hours=1))
    with Stopwatch() as planning:
        digests = plan_digests(timezone.now())
    analyze()
    render_s = time_rendering(digests)
    with mail_server() as (port, log):
        queries = count_queries(min(COUNTED, digests // 10))
        say(f"{digests} planned in {planning.seconds:.1f} s; sending by {workers}")
        send_s, early_mb, late_mb = time_sending(digests, workers, port, log)
        sent_before = Progress(log).look()
        waits = time_freshness(min(people, DUE_AT_ONCE), workers, port, log, sent_before)
        taken = arrived(log)
    wanted = set(Digest.objects.values_list("message_id", flat=True))
    lost, duplicates = len(wanted - set(taken)), sum(taken.values()) - len(taken)
    all_sent = Digest.objects.sent().count() == digests + len(waits)
    return {
        "people": people,
        "workers": workers,
        "digests": digests,
        "plan_s": round(planning.seconds, 2),
        "render_s": round(render_s, 2),
        "send_s": round(send_s, 2),
        "planned_per_s": round(digests / planning.seconds, 1),
        "rendered_per_s": round(digests / render_s, 1),
        "per_s": round(digests / send_s, 1),
        "queries_per_digest": queries,
        "rss_mb_start": early_mb,
        "rss_mb_end": late_mb,
        "due_at_once": len(waits),
        "due_to_sent_p50_s": round(percentile(waits, 0.5), 2),
        "due_to_sent_p99_s": round(percentile(waits, 0.99), 2),
        "lost": lost,
        "duplicates": duplicates,
        "verified": digests == people and all_sent and lost == duplicates == 0 and late_mb <= early_mb + GROWTH,
    }


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) alerts_alert, alerts_digest, alerts_digestitem, accounts_user")


def time_rendering(digests: int) -> float:
    """Seconds that writing all mails takes one process, from a sample."""
    sample = list(Digest.objects.select_related("recipient").order_by("pk")[:RENDERED])
    adverts = Adverts()
    with Stopwatch() as watch:
        for digest in sample:
            digest.job_count = JOBS_EACH
            compose(digest, timezone.now(), adverts).message().as_bytes()
    return watch.seconds * digests / len(sample)


@contextmanager
def mail_server():
    """Its port, and the log of what it took."""
    with tempfile.TemporaryDirectory() as folder:
        port, log = free_port(), Path(folder) / "mail.log"
        log.touch()
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.chaos.mail_server", str(port), str(log), "0"])
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
        settings.EMAIL_PORT = port
        try:
            wait_for_port(port)
            yield port, log
        finally:
            process.kill()
            process.wait()


def count_queries(digests: int) -> float:
    """Statements for each digest that is sent, on average; some digests are sent to find out."""
    adverts = Adverts()
    with MailServer() as server, CaptureQueriesContext(connection) as queries:
        for _ in range(digests):
            send(Digest.objects.claim(timezone.now()), server, adverts)
    return round(len(queries) / digests, 1)


def time_sending(digests: int, workers: int, port: int, log: Path) -> tuple[float, float, float]:
    """Seconds for all that is ready, and the largest worker's megabytes early and at the end."""
    progress = Progress(log)
    already = progress.look()
    crew, early_mb = senders.start(workers, port), None
    try:
        wait_for(progress, already + 1)
        with Stopwatch() as watch:
            wait_for(progress, already + (digests - already) // 20)
            early_mb = largest_mb(crew)
            wait_for(progress, digests)
        time.sleep(1)  # for the last reply to be noted
        return watch.seconds * digests / (digests - already), early_mb, largest_mb(crew)
    finally:
        end(crew)


def time_freshness(people: int, workers: int, port: int, log: Path, sent_before: int) -> list[float]:
    """Seconds from falling due to being handed over, for people who fall due in the same moment."""
    find_jobs(list(Search.objects.order_by("pk")), seed=2)
    chosen = Alert.objects.order_by("pk").values_list("pk", flat=True)[:people]
    due_at = timezone.now() + timedelta(seconds=5)
    Alert.objects.filter(pk__in=list(chosen)).update(next_due_at=due_at)
    analyze()
    crew, progress = senders.start(workers, port), Progress(log)
    try:
        wait_for(progress, sent_before + people)
        time.sleep(1)  # for the last reply to be noted
    finally:
        end(crew)
    sent = Digest.objects.sent().filter(created_at__gte=due_at).values_list("handed_off_at", flat=True)
    return [(handed_off_at - due_at).total_seconds() for handed_off_at in sent]


def wait_for(progress: Progress, count: int) -> None:
    until = time.monotonic() + 1800
    while progress.look() < count:
        if time.monotonic() > until:
            raise SystemExit(f"only {progress.count} of {count} mails arrived")
        time.sleep(0.02)


def largest_mb(crew: list) -> float:
    return round(max(psutil.Process(process.pid).memory_info().rss for process in crew) / 2**20, 1)


def end(crew: list) -> None:
    for process in crew:
        process.kill()
        process.join()
