"""The stand-in for Stripe that `manage.py up` runs beside the site, unless there is a key for Stripe itself.

It is a program of its own that the site only talks to: nothing here imports it.
"""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from django.urls import reverse

from jobboard.mail_sink import free_port
from jobboard.supervisor import Program, wait_until_listening
from subscriptions.stripe_gateway import EVENTS

# Known to everybody, as the sandbox takes any key for tests and listens on loopback only.
KEY, WEBHOOK_SECRET = "sk_test_sandbox", "whsec_sandbox"
NAME = "The Stripe sandbox"


def is_wanted() -> bool:
    """Without a key, and where the package is installed at all: a production image leaves it out."""
    return not os.environ.get("STRIPE_SECRET_KEY") and find_spec("stripe_sandbox") is not None


def prepare(*, site_port: int, site_url: str, data: Path) -> tuple[Program, int]:
    """The program and its port; the site's programs that start afterwards find it in their environment."""
    port = next_free_port(site_port + 1)
    os.environ["STRIPE_SECRET_KEY"] = KEY
    os.environ["STRIPE_WEBHOOK_SECRET"] = WEBHOOK_SECRET
    os.environ["STRIPE_API_BASE"] = f"http://127.0.0.1:{port}"
    kinds = ",".join(f"v1.{kind}" for kind in EVENTS)
    to = f"{site_url}{reverse('stripe_webhook')}"
    events = ["--webhook-url", to, "--webhook-events", kinds, "--webhook-secret", WEBHOOK_SECRET]
    options = ["--port", str(port), "--data", str(data), "--quiet", *events]
    return Program(NAME, [sys.executable, "-m", "stripe_sandbox", *options]), port


def next_free_port(wanted: int) -> int:
    """The wanted one if nobody has it, so that addresses stay the same from one start to the next."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError):
            return free_port()
        return wanted


@contextmanager
def being_set_up(port: int):
    """Have `stripe_setup` make product, prices and portal while the block waits for the rest. Yields what to call then.

    That gives its complaint when it failed, and nothing otherwise.
    """
    wait_until_listening(port)
    command = [sys.executable, "manage.py", "stripe_setup"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:

        def complaint() -> str:
            _, words = process.communicate()
            return words.strip() if process.returncode else ""

        try:
            yield complaint
        finally:
            process.kill()
