"""Everything of one running sandbox, and keeping it in a file."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stripe_sandbox import due, sdk
from stripe_sandbox.account import Account
from stripe_sandbox.api.events import open_destination
from stripe_sandbox.faults import Faults
from stripe_sandbox.webhooks import Webhooks

SAVE_EVERY = 0.5  # seconds between looks at whether something changed
DEFAULT_DESTINATION = "ed_test_default"


@dataclass
class Sandbox:
    address: str
    webhook_secret: str = "whsec_sandbox"  # noqa: S105 -- known to everybody, like all of the sandbox
    data: Path | None = None
    account: Account = field(default_factory=Account)
    faults: Faults = field(default_factory=Faults)
    requests: list[dict] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)  # between answers and what the SDK expects
    keys_in_use: set[str] = field(default_factory=set)
    keys_lock: threading.Lock = field(default_factory=threading.Lock)
    saved_at_change: int = -1

    def __post_init__(self):
        self.account.settings = self.first_settings()
        if self.data and self.data.exists():
            self.load()
        self.account.listeners.append(self.check_event)
        self.webhooks = Webhooks(self.account, self.differences)

    def first_settings(self) -> dict:
        return {"address": self.address, "after_retries": "cancel"}

    def check_event(self, event: dict) -> None:
        """What webhooks carry is held to the annotations as answers are."""
        about = event["data"]["object"]
        self.differences.extend(sdk.differences("event", event))
        self.differences.extend(f"{event['type']}: {one}" for one in sdk.differences(about["object"], about))

    def deliver_to(self, url: str | None, events: list[str] | None = None) -> None:
        """Have the default destination, of thin events of these kinds or of every kind, at the address; or none."""
        with self.account.lock:
            self.account.objects.pop(DEFAULT_DESTINATION, None)
            self.account.kinds["v2.core.event_destination"].pop(DEFAULT_DESTINATION, None)
            if url:
                open_destination(
                    self.account, id=DEFAULT_DESTINATION, name="The site", type="webhook_endpoint",
                    event_payload="thin", enabled_events=events or ["*"], webhook_endpoint={"url": url},
                    secret=self.webhook_secret,
                )  # fmt: skip

    def reset(self) -> None:
        with self.account.lock:
            self.account.replace({})
            self.account.answers.clear()
            self.account.clock_offset = 0
            self.account.settings = self.first_settings()
            self.requests.clear()
            self.differences.clear()
        self.faults.clear()
        self.webhooks.forget()

    def tick(self) -> None:
        """Do what fell due by now; while the clock is being moved, `now` is another moment."""
        with self.account.lock:
            due.run_until(self.account, self.account.now)

    @contextmanager
    def in_flight(self, key: str | None):
        """Hold the idempotency key while it is used. Yields whether nobody else does."""
        with self.keys_lock:
            alone = key is None or key not in self.keys_in_use
            if key and alone:
                self.keys_in_use.add(key)
        try:
            yield alone
        finally:
            if key and alone:
                self.keys_in_use.discard(key)

    # --- The file ---

    def keep_time_and_file(self, stop: threading.Event) -> None:
        """In a thread of its own: what falls due is done, what changed is written, until told to stop."""
        while not stop.wait(SAVE_EVERY):
            self.tick()
            self.save()
        self.save()

    def save(self) -> None:
        if self.data is None or self.saved_at_change == self.account.changes:
            return
        with self.account.lock:
            self.saved_at_change = self.account.changes
            kept = {
                "address": self.address,
                "objects": self.account.objects,
                "answers": self.account.answers,
                "clock_offset": self.account.clock_offset,
            }
            text = json.dumps(kept)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        beside = self.data.with_suffix(".new")
        beside.write_text(text)
        beside.replace(self.data)

    def load(self) -> None:
        text = self.data.read_text()
        kept = json.loads(text.replace(json.loads(text)["address"], self.address))
        self.account.replace(kept["objects"])
        self.account.answers = {key: one for key, one in kept["answers"].items() if one["at"] > time.time() - 86_400}
        self.account.clock_offset = kept["clock_offset"]
        self.saved_at_change = self.account.changes
