"""The Stripe sandbox in a process of its own, and its controls."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import stripe
from django.conf import settings

from jobboard.supervisor import die_with_parent


class Controls:
    """What can be done to a sandbox at this address, wherever it was started."""

    key = "sk_test_sandbox"
    webhook_secret = "whsec_sandbox"

    def __init__(self, address: str):
        self.address = address

    def control(self, method: str, path: str, /, **given) -> dict:
        """Raises AssertionError with what the sandbox says against it."""
        body = json.dumps(given).encode() if given or method == "POST" else None
        request = urllib.request.Request(f"{self.address}/_sandbox/{path}", body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answered:
                return json.load(answered)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def client(self, **options) -> stripe.StripeClient:
        return stripe.StripeClient(self.key, base_addresses={"api": self.address}, **options)

    def reset(self) -> None:
        self.control("POST", "reset")

    def state(self) -> dict:
        return self.control("GET", "state")

    def differences(self) -> list[str]:
        """Where its answers weren't what the SDK's annotations say."""
        return self.control("GET", "differences")["differences"]

    def now(self) -> int:
        return self.control("GET", "clock")["now"]

    def advance(self, *, days=0, seconds=0) -> int:
        return self.control("POST", "clock", advance=days * 86_400 + seconds)["now"]

    def advance_to(self, moment: int) -> int:
        return self.control("POST", "clock", to=moment)["now"]

    def age(self, *, days=0, seconds=0) -> int:
        """As `advance`, for a site with its own clock: afterwards all of it lies in the past, and it is now again."""
        return self.control("POST", "clock", age=days * 86_400 + seconds)["now"]

    def deliver_to(self, url: str | None) -> None:
        self.control("POST", "destination", url=url)

    def webhooks(self, mode: str, **more) -> None:
        self.control("POST", "webhooks", mode=mode, **more)

    def wait_for_webhooks(self) -> None:
        assert self.control("POST", "webhooks/wait", timeout=30)["done"]

    def deliveries(self) -> list[dict]:
        return self.control("GET", "webhooks")["deliveries"]

    def resend(self, events=None, *, copies=1, shuffle=None) -> int:
        return self.control("POST", "webhooks/resend", events=events, copies=copies, shuffle=shuffle)["sent"]

    def notifications(self, kind: str | None = None) -> list[tuple[bytes, dict[str, str]]]:
        """Thin events to post by hand: bodies and the headers that sign them."""
        found = self.control("GET", "notifications")["notifications"]
        return [
            (one["body"].encode(), {"Stripe-Signature": one["signature"]})
            for one in found
            if kind in (None, json.loads(one["body"])["type"])
        ]

    def fault(self, kind: str, **more) -> None:
        self.control("POST", "faults", kind=kind, **more)

    def no_faults(self) -> None:
        self.control("DELETE", "faults")

    def requests(self) -> list[dict]:
        return self.control("GET", "requests")["requests"]

    def forget_requests(self) -> None:
        self.control("DELETE", "requests")

    def pay(self, session_id: str, **how) -> dict:
        """Complete a Checkout session; `how` may have card, promotion_code, authenticate, email."""
        return self.control("POST", f"checkout/{session_id}/pay", **how)

    def dispute(self, charge_or_invoice: str, reason="fraudulent") -> dict:
        return self.control("POST", "disputes", charge=charge_or_invoice, reason=reason)


class RunningSandbox(Controls):
    """One process, on a port that it keeps; `reset` makes it as new."""

    def __init__(self, data):
        self.data = data
        self.port = 0
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stripe_sandbox", "--port", str(self.port), "--data", str(self.data)],
            cwd=settings.BASE_DIR,
            env={name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")},
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,  # else a run that is killed leaves it behind
        )
        self.address = self.process.stdout.readline().split()[-1]
        self.port = int(self.address.rpartition(":")[2])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process.stdout.close()

    @contextmanager
    def down(self):
        """Connections are refused meanwhile; what it knew comes back."""
        self.stop()
        try:
            yield
        finally:
            self.start()


def wait_until(happened, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)
