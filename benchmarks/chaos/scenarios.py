"""One run: digests are sent while everything that may die does."""

import random
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count
from django.utils import timezone

from alerts.digests import Digest
from benchmarks.chaos import postfix, processes, servers
from benchmarks.chaos.mail_server import Progress, arrived, wait_for_port
from benchmarks.harness import say
from benchmarks.measuring.people import JOBS_EACH, make_due_people

WORKERS, BEATS = 4, 2
PATIENCE = 1800  # seconds for a whole run
UNDER_WAY = (Digest.State.READY, Digest.State.SENDING, Digest.State.HANDED_OFF)


@dataclass(frozen=True)
class Plan:
    """What is to happen, and how often."""

    digests: int
    kills: int
    redis_wipes: int
    postgres_restarts: int
    seed: int

    def moments(self) -> list[tuple[int, str, float]]:
        """(mails taken by then, what happens, seconds to wait still), in order."""
        chance = random.Random(self.seed)
        happenings = [("kill", self.kills), ("redis", self.redis_wipes), ("postgres", self.postgres_restarts)]
        return sorted(
            (chance.randrange(1, int(self.digests * 0.95)), what, chance.uniform(0, 0.03))
            for what, times in happenings
            for _ in range(times)
        )


@dataclass
class Crew:
    """The running workers and beats; those that are gone are started again."""

    folder: Path
    workers: list = field(default_factory=list)
    beats: list = field(default_factory=list)
    killed: int = 0

    def keep_up(self) -> None:
        self.workers = [process for process in self.workers if process.is_alive()]
        self.beats = [process for process in self.beats if process.is_alive()]
        while len(self.workers) < WORKERS:
            self.workers.append(processes.worker())
        while len(self.beats) < BEATS:
            self.beats.append(processes.beat(str(self.folder / f"beat-{time.monotonic_ns()}")))

    def kill_workers(self) -> None:
        for process in self.workers:
            process.kill()
        for process in self.workers:
            process.join()
        self.killed += len(self.workers)

    def end(self) -> None:
        for process in [*self.workers, *self.beats]:
            process.kill()
            process.join()


def run(name: str, plan: Plan, log: Path, port: int) -> dict:
    """Run one scenario with a mail server on the port; gives its line."""
    say(f"{name}: {plan.digests} people with an alert that is due")
    make_due_people(plan.digests, due_at=timezone.now())
    crew, began = Crew(log.parent), time.monotonic()
    with mail_server(name, port, log):
        try:
            ended = go_through(plan, crew, Progress(log))
        finally:
            crew.end()
    taken = arrived(log)
    return {
        "scenario": name,
        "seed": plan.seed,
        "digests": plan.digests,
        "kills": crew.killed,
        "redis_wipes": plan.redis_wipes,
        "postgres_restarts": plan.postgres_restarts,
        "beats": BEATS,
        "seconds": round(time.monotonic() - began, 1),
        "ended": ended,
        "lost": plan.digests - len(message_ids_of_whole_digests() & set(taken)),
        "duplicates": sum(taken.values()) - len(taken),
    }


def message_ids_of_whole_digests() -> set[str]:
    """Of the digests that hold all the jobs their person was to hear of."""
    whole = Digest.objects.annotate(jobs=Count("items")).filter(jobs=JOBS_EACH)
    return set(whole.values_list("message_id", flat=True))


@contextmanager
def mail_server(name: str, port: int, log: Path):
    if name == "postfix":
        with postfix.running(port, log):
            yield
        return
    log.touch()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.chaos.mail_server", str(port), str(log)])
    try:
        wait_for_port(port)
        yield
    finally:
        process.kill()
        process.wait()


def go_through(plan: Plan, crew: Crew, progress: Progress) -> bool:
    """Let everything happen in its moment, then wait for the end; whether it came within PATIENCE."""
    moments, until, restarts = plan.moments(), time.monotonic() + PATIENCE, 0
    while time.monotonic() < until:
        crew.keep_up()
        taken = progress.look()
        if moments and taken >= moments[0][0]:
            _, what, pause = moments.pop(0)
            time.sleep(pause)
            happen(what, crew, politely=restarts % 2 == 0)
            restarts += what == "postgres"
            say(f"{taken} mails; {what}; {len(moments)} more to come")
        elif not moments and taken >= plan.digests * 0.9 and is_over(plan):
            return True
        else:
            time.sleep(0.02 if moments else 0.3)
    return False


def happen(what: str, crew: Crew, *, politely: bool) -> None:
    match what:
        case "kill":
            crew.kill_workers()
        case "redis":
            servers.kill_and_empty_redis()
        case "postgres":
            servers.restart_postgres(politely=politely)


def is_over(plan: Plan) -> bool:
    """Whether every digest is written and none is under way."""
    try:
        return Digest.objects.count() == plan.digests and not Digest.objects.filter(state__in=UNDER_WAY).exists()
    except (DatabaseError, InterfaceError):  # restarted since we last asked
        connection.close()
        return False
