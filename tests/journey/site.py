"""The whole site as `manage.py up` runs it, in a folder and on a port of its own."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jobboard.mail_sink import free_port

OWN_SERVERS = ("DATABASE_URL", "REDIS_URL", "DEVELOPMENT", "SECRET_KEY", "EMAIL_URL", "DATA_DIR")


@dataclass
class RunningSite:
    """Its address, and that of the sandbox which stands for Stripe."""

    address: str
    payments: str


@contextmanager
def running_site(folder: Path):
    """Yields the RunningSite once the banner is there; stops all of it at the end."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env=environment | {"DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=(folder / "errors").open("w"),
        text=True,
    )
    try:
        sandbox = re.search(r"Payments go to\s+(http://\S+)/", banner_of(process, folder))
        yield RunningSite(f"http://localhost:{port}", payments=sandbox[1] if sandbox else "")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def banner_of(process, folder: Path) -> str:
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops everything" in line:
            return "".join(lines)
    raise AssertionError((folder / "errors").read_text())
