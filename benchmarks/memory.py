"""What `make run` keeps in memory after some use: `python -m benchmarks.memory [--rounds N] [--json]`."""

import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.harness import Stopwatch, arguments, finish, say
from jobboard.mail_sink import free_port

# Megabytes that each may keep resident.
WEB_WORKER, CELERY_WORKER, ALL = 150, 200, 900
PAGES = [
    "/",
    "/jobs/",
    "/jobs/?q=engineer",
    "/guides/",
    "/guides/machine-learning-engineer/",
    "/plans/",
    "/sitemap.xml",
]


def main() -> None:
    options = arguments("Memory and start of the whole site", rounds=30)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with running_site(folder) as (_, first_start):
            pass
        with running_site(folder) as (site, second_start):
            address = f"http://localhost:{port_of(site)}"
            use(address, options.rounds)
            result = memory_of(site, folder) | {"first_start_s": first_start, "second_start_s": second_start}
    limits = {"web_worker_mb": WEB_WORKER, "celery_worker_mb": CELERY_WORKER, "all_mb": ALL, "second_start_s": 15}
    result["verified"] = all(result[key] <= limit for key, limit in limits.items())
    finish(result, as_json=options.json)


@contextmanager
def running_site(folder: str):
    """The process of `manage.py up` and the seconds until its banner."""
    own = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, "manage.py", "up", "--port", str(free_port())]
    with Stopwatch() as watch:
        process = subprocess.Popen(
            command,
            env=environment | {"DATA_DIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while "Ctrl-C" not in process.stdout.readline():
            if process.poll() is not None:
                raise SystemExit("the site did not start")
    say(f"started in {watch.seconds:.1f} s")
    try:
        yield psutil.Process(process.pid), round(watch.seconds, 1)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def port_of(site: psutil.Process) -> str:
    return site.cmdline()[-1]


def use(address: str, rounds: int) -> None:
    for _ in range(rounds):
        for page in PAGES:
            urllib.request.urlopen(address + page).read()


def memory_of(site: psutil.Process, folder: str) -> dict:
    """Resident megabytes; pages that processes share count once for each of them, so the sum is too high."""
    children = site.children(recursive=True)
    servers = [process for process in psutil.process_iter() if folder in " ".join(command_of(process))]
    workers = {
        name: [megabytes(p) for p in children if name in " ".join(command_of(p))] for name in ("gunicorn", "celery")
    }
    everything = {process.pid: process for process in [site, *children, *servers, *children_of(servers)]}
    return {
        "web_worker_mb": max(workers["gunicorn"]),
        "celery_worker_mb": max(workers["celery"]),
        "all_mb": round(sum(map(megabytes, everything.values())), 1),
        "processes": len(everything),
    }


def children_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [child for process in processes for child in process.children(recursive=True)]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return []


def megabytes(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 2**20, 1)


if __name__ == "__main__":
    main()
