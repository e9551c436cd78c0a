"""What every benchmark needs: a database of its own, a clock, and one JSON object at the end."""

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.core.management import call_command
from django.db import connection, connections

from jobboard import embedded


def say(words: str) -> None:
    """Progress goes to standard error, so that standard output holds the result alone."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def answer(name: str, description: str, **numbers: int) -> None:
    """Print what measure() of benchmarks.measuring.NAME gives for the numbers asked for, and end the process.

    Measuring modules read models at their top, so they are imported once Django stands on a database of its own.
    """
    options = vars(arguments(description, **numbers))
    as_json = options.pop("json")
    with own_database(name):
        result = import_module(f"benchmarks.measuring.{name}").measure(**options)
    finish(result, as_json=as_json)


def arguments(description: str, **numbers: int) -> argparse.Namespace:
    """Options --name for each of `numbers` with its default, and --json."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser.parse_args()


def finish(result: dict, *, as_json: bool) -> None:
    """Print the result; exit with 1 when it holds `verified` and that is not true."""
    sys.stdout.write(json.dumps(result, indent=None if as_json else 2) + "\n")
    sys.exit(0 if result.get("verified", True) else 1)


@contextmanager
def own_database(name: str):
    """Django set up on a migrated database of its own, on the configured or embedded server; dropped at the end."""
    os.environ["DEVELOPMENT"] = os.environ["DEBUG"] = "false"
    os.environ.setdefault("SECRET_KEY", "for-benchmarks-only-" + "b" * 50)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    embedded.ensure_servers()
    server = os.environ["DATABASE_URL"]
    database = f"benchmark_{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"')
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    try:
        prepare()
        yield
    finally:
        close_connections()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
        os.environ["DATABASE_URL"] = server
        embedded.stop_servers()


def prepare() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def close_connections() -> None:
    for each in connections.all():
        each.close_pool() if hasattr(each, "close_pool") else each.close()


def backend_pid() -> int:
    """The process of PostgreSQL that serves this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def seconds_computed(pid: int) -> float:
    """How long a process of this machine has computed; 0 where the kernel doesn't tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


class Stopwatch:
    """`with Stopwatch() as watch: …` then watch.seconds, by the wall and `cpu` of this process."""

    def __enter__(self):
        self.began, self.cpu_began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error):
        self.seconds = time.perf_counter() - self.began
        self.cpu = time.process_time() - self.cpu_began


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


median = statistics.median
