"""The site's programs as they run for others, on the database of a benchmark."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

PATIENCE_SECONDS = 240
BIN = Path(sys.executable).parent


@contextmanager
def program(command: list):
    process = subprocess.Popen(
        [str(part) for part in command], cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@contextmanager
def site():
    """The port of gunicorn with two workers, once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8", "--no-control-socket"]
    with program([BIN / "gunicorn", "jobboard.wsgi", *options, "--log-level", "error"]):
        wait_until(lambda: answers_at(port))
        yield port


def answers_at(port: int) -> bool:
    try:
        return get(port, "/healthz") == 200
    except OSError:
        return False


def get(port: int, path: str) -> int:
    """The status of a page that was read to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def wait_until(happened) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > ends_at:
            raise SystemExit("it took too long")
        time.sleep(0.5)
