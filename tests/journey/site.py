"""The whole site as `manage.py up` runs it, in a folder and on a port of its own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from jobboard.mail_sink import free_port

OWN_SERVERS = ("DATABASE_URL", "REDIS_URL", "DEVELOPMENT", "SECRET_KEY", "EMAIL_URL", "DATA_DIR")


@contextmanager
def running_site(folder: Path):
    """Yields the address once the banner is there; stops all of it at the end."""
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
        wait_for_banner(process, folder)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def wait_for_banner(process, folder: Path) -> None:
    for line in process.stdout:
        if "Ctrl-C stops everything" in line:
            return
    raise AssertionError((folder / "errors").read_text())
