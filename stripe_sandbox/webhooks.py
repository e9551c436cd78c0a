"""Delivers events to their destinations, signed as Stripe signs, and in every wrong way that a site must bear."""

import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import random
import threading
import time
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from stripe_sandbox import sdk
from stripe_sandbox.account import Account
from stripe_sandbox.thin import fits, notification, thin_event

MODES = ("normal", "duplicate", "reversed", "delayed", "dropped", "forged", "too_old", "wrong_mode")
RETRY_AFTER = (2, 10, 60)  # seconds; Stripe goes on for days
ANSWER_WITHIN = 10
TOLERATED_AGE = 300  # seconds, the SDK's default


@dataclass(order=True)
class Delivery:
    due_at: float
    number: int
    url: str = field(compare=False)
    secret: str = field(compare=False)
    body: str = field(compare=False)
    event: str = field(compare=False)
    kind: str = field(compare=False)
    signed_ago: int = field(default=0, compare=False)
    tries: int = field(default=0, compare=False)
    again: bool = field(default=True, compare=False)


class Webhooks:
    """Events are queued while the account's lock is held, and sent by a thread of its own afterwards."""

    def __init__(self, account: Account, differences: list[str]):
        self.account = account
        self.differences = differences
        self.condition = threading.Condition()
        self.numbers = itertools.count()
        self.stopped = False
        self.forget()
        account.listeners.append(self.take)
        threading.Thread(target=self.run, daemon=True, name="webhooks").start()

    def forget(self) -> None:
        with self.condition:
            self.queue: list[Delivery] = []
            self.held: list[Delivery] = []  # in the mode "reversed", until somebody waits for them
            self.done: list[dict] = []
            self.sending = 0
            self.mode, self.delay, self.copies = "normal", 5.0, 2

    def set_mode(self, mode: str, *, delay: float = 5.0, copies: int = 2) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        self.mode, self.delay, self.copies = mode, delay, copies

    # --- What is sent ---

    def take(self, event: dict) -> None:
        thin = thin_event(self.account, event)
        self.differences.extend(sdk.differences("v2.core.event", thin) if thin else ())
        for url, secret, body in self.addressed(event, thin):
            about = thin if body["object"] == "v2.core.event" else event
            self.queue_up(url, secret, body, about)

    def addressed(self, event: dict, thin: dict | None):
        for endpoint in self.account.all("webhook_endpoint", status="enabled"):
            if fits(event["type"], endpoint["enabled_events"]):
                yield endpoint["url"], endpoint["_secret"], event
        for destination in self.account.all("v2.core.event_destination", status="enabled"):
            is_thin = destination["event_payload"] == "thin"
            about = thin if is_thin else event
            if about and fits(about["type"], destination["enabled_events"]):
                yield destination["_url"], destination["_secret"], notification(thin) if is_thin else event

    def queue_up(self, url: str, secret: str, body: dict, about: dict) -> None:
        mode = self.mode
        if mode == "dropped":
            self.note(url, about, status=None, words="dropped")
            return
        if mode == "wrong_mode":
            body = body | {"livemode": True}
        made = Delivery(
            time.time() + (self.delay if mode == "delayed" else 0),
            next(self.numbers),
            url,
            "whsec_forged" if mode == "forged" else secret,
            json.dumps(body),
            about["id"],
            about["type"],
            signed_ago=TOLERATED_AGE + 60 if mode == "too_old" else 0,
            again=mode not in ("forged", "too_old", "wrong_mode"),
        )
        with self.condition:
            if mode == "reversed":
                self.held.insert(0, made)
                return
            for _ in range(self.copies if mode == "duplicate" else 1):
                heapq.heappush(self.queue, replace(made))
            self.condition.notify_all()

    def resend(self, events: list[str] | None, *, copies: int = 1, shuffle: int | None = None) -> int:
        """Send events again, all of them when none is named, each so many times."""
        with self.account.lock:
            kinds = self.account.kinds
            found = [
                (self.account.objects[one["snapshot_event"]], one)
                for one in kinds["v2.core.event"].values()
                if events is None or one["id"] in events or one["snapshot_event"] in events
            ]
            wanted = [sent for event, thin in found for sent in self.addressed(event, thin)] * copies
        if shuffle is not None:
            random.Random(shuffle).shuffle(wanted)  # noqa: S311 -- an order, no secret
        for url, secret, body in wanted:
            self.queue_up(url, secret, body, body)
        return len(wanted)

    # --- Sending ---

    def run(self) -> None:
        while not self.stopped:
            if made := self.next_due():
                try:
                    self.send(made)
                finally:
                    with self.condition:
                        self.sending -= 1
                        self.condition.notify_all()

    def next_due(self) -> Delivery | None:
        with self.condition:
            wait = self.queue[0].due_at - time.time() if self.queue else 60
            if wait > 0:
                self.condition.wait(wait)
                return None
            self.sending += 1
            return heapq.heappop(self.queue)

    def send(self, made: Delivery) -> None:
        made.tries += 1
        status, words = post(made.url, made.body, signature(made.body, made.secret, time.time() - made.signed_ago))
        self.note(made.url, {"id": made.event, "type": made.kind}, status=status, words=words)
        taken = status is not None and 200 <= status < 300
        if not taken and made.again and made.tries <= len(RETRY_AFTER):
            made.due_at = time.time() + RETRY_AFTER[made.tries - 1]
            with self.condition:
                heapq.heappush(self.queue, made)

    def note(self, url: str, about: dict, *, status: int | None, words: str) -> None:
        self.done.append({"event": about["id"], "type": about["type"], "url": url, "status": status, "words": words})

    def wait(self, timeout: float) -> bool:
        """Let out what is held, and wait until nothing is on its way. False when it took too long."""
        until = time.monotonic() + timeout
        with self.condition:
            now = time.time()
            for number, made in enumerate(self.held):
                made.due_at = now + number / 1e6
                heapq.heappush(self.queue, made)
            self.held = []
            self.condition.notify_all()
            while self.queue or self.sending:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self.condition.wait(min(left, 0.5))
        return True


def signature(body: str, secret: str, at: float) -> str:
    """The Stripe-Signature header: https://docs.stripe.com/webhooks#verify-manually"""
    signed = hmac.new(secret.encode(), f"{int(at)}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={int(at)},v1={signed}"


def post(url: str, body: str, signed: str) -> tuple[int | None, str]:
    """Status and reason of the answer; None when there was none."""
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.hostname, to.port, timeout=ANSWER_WITHIN)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": signed,
    }
    try:
        connection.request("POST", to.path + (f"?{to.query}" if to.query else ""), body.encode(), headers)
        answered = connection.getresponse()
        answered.read()
        return answered.status, answered.reason
    except (OSError, http.client.HTTPException) as error:
        return None, str(error) or type(error).__name__
    finally:
        connection.close()
