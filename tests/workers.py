"""A Celery worker in a process of its own, on the databases of the tests."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

PATIENCE_SECONDS = 90
COMMAND = [
    sys.executable,
    "-m",
    "celery",
    "-A",
    "jobboard",
    "worker",
    "-P",
    "solo",
    "-Q",
    "default,match,mail",
    "-l",
    "INFO",
]


@contextmanager
def running_worker(**surroundings_of_its_own: str):
    """Yields the process, which the test may kill."""
    process = subprocess.Popen(
        COMMAND,
        env=os.environ | surroundings() | surroundings_of_its_own,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def surroundings() -> dict[str, str]:
    return {"DATABASE_URL": database_url(), "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}"}


def database_url() -> str:
    database = connection.settings_dict
    host = database["HOST"] or database["OPTIONS"]["host"]
    port = database["PORT"] or database["OPTIONS"].get("port", "")
    port = port and f"&port={port}"
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={host}{port}"


def wait_until(happened) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < ends_at, "nothing came within the patience of this test"
        time.sleep(0.2)
