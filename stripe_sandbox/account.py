"""The sandbox's one account: its objects, its clock and its events, behind one lock."""

import copy
import itertools
import secrets
import string
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox import sdk
from stripe_sandbox.errors import ApiError, missing

LETTERS = string.ascii_letters + string.digits
API_VERSION = sdk.api_version()


@dataclass
class Account:
    """Objects are the JSON that Stripe would answer; keys that begin with `_` are the sandbox's own and stay here."""

    objects: dict[str, dict] = field(default_factory=dict)  # by id, and by kind and id
    kinds: dict[str, dict[str, dict]] = field(default_factory=lambda: defaultdict(dict))
    answers: dict[str, dict] = field(default_factory=dict)  # to idempotency keys
    clock_offset: float = 0
    settings: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    listeners: list[Callable[[dict], None]] = field(default_factory=list)  # called with each new event
    request: dict | None = None  # what the API is answering at the moment
    changes: int = 0

    frozen_at: int | None = None  # while something is done that fell due a while ago

    @property
    def now(self) -> int:
        return int(time.time() + self.clock_offset) if self.frozen_at is None else self.frozen_at

    # --- Objects ---

    def add(self, kind: str, prefix: str, **given: Any) -> dict:
        """A new object of the kind, kept; `given` may leave out what can be null."""
        known = sdk.annotations(sdk.resource(kind))
        usual = {"id": self.new_id(prefix), "livemode": False, "created": self.now}
        made = sdk.complete(kind, {key: value for key, value in usual.items() if key in known} | given)
        return self.keep(made)

    def keep(self, one: dict) -> dict:
        self.objects[one["id"]] = one
        self.kinds[one["object"]][one["id"]] = one
        self.changes += 1
        return one

    def new_id(self, prefix: str, length: int = 24) -> str:
        return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"

    def find(self, kind: str, wanted: str, *, param: str = "id") -> dict:
        """Raises ApiError (404) for what never was, and for what is deleted."""
        found = self.objects.get(wanted)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind.removeprefix("v2.core."), wanted, param=param)
        return found

    def all(self, kind: str, **equal: Any) -> Iterator[dict]:
        """Newest first, as Stripe lists; `equal` compares fields, None meaning any."""
        wanted = {name: value for name, value in equal.items() if value is not None}
        for one in reversed(list(self.kinds[kind].values())):
            if not one.get("deleted") and all(one.get(name) == value for name, value in wanted.items()):
                yield one

    def change(self, one: dict, event: str | None, **values: Any) -> dict:
        """Set the values; tell the event, with what they were before, if anything is different."""
        before = {name: copy.deepcopy(one.get(name)) for name, value in values.items() if one.get(name) != value}
        one.update(values)
        self.changes += 1
        if before and event:
            self.tell(event, one, before)
        return one

    def delete(self, one: dict, event: str | None) -> dict:
        """Leaves what Stripe leaves: the id and a note that it is deleted."""
        if event:
            self.tell(event, one)
        kept = {"id": one["id"], "object": one["object"], "deleted": True}
        return self.keep(kept)

    def replace(self, objects: dict[str, dict]) -> None:
        """Take over other objects, in their order."""
        self.objects.clear()
        self.kinds.clear()
        for one in objects.values():
            self.keep(one)

    # --- Events ---

    def tell(self, kind: str, about: dict, before: dict | None = None) -> dict:
        """An event of version 1 ("invoice.paid") with a snapshot of the object, handed to the listeners."""
        data = {"object": public(self.render(about)), "previous_attributes": public(before) if before else None}
        if not before:
            del data["previous_attributes"]
        asked = {"id": None, "idempotency_key": None}
        if self.request:
            asked = {"id": self.request["id"], "idempotency_key": self.request["idempotency_key"]}
        event = {
            "id": self.new_id("evt"), "object": "event", "api_version": API_VERSION, "created": self.now, "data": data,
            "livemode": False, "pending_webhooks": 0, "request": asked, "type": kind,
        }  # fmt: skip
        self.keep(event)
        for listener in self.listeners:
            listener(event)
        return event

    # --- Answers ---

    def render(self, one: dict, expand: list[str] = ()) -> dict:
        """A copy for the outside, with the paths of `expand` replaced by the objects that they name."""
        copied = copy.deepcopy(one)
        for path in expand or ():
            self.expand(copied, path.split("."), path)
        return public(copied)

    def expand(self, into: Any, names: list[str], path: str) -> None:
        if not names or into is None:
            return
        if isinstance(into, list):
            for one in into:
                self.expand(one, names, path)
            return
        name, *rest = names
        if not isinstance(into, dict):
            raise cannot_expand(path)
        if name not in into and not self.include(into, name):
            raise cannot_expand(path)
        if isinstance(into[name], str):
            into[name] = self.expanded(into[name], path)
        elif isinstance(into[name], list):
            into[name] = [self.expanded(one, path) if isinstance(one, str) else one for one in into[name]]
        self.expand(into[name], rest, path)

    def include(self, into: dict, name: str) -> bool:
        """Work out what is only there when asked for."""
        maker = INCLUDED.get((into.get("object"), name))
        if maker is None:
            return False
        into[name] = copy.deepcopy(maker(self, into))
        return True

    def expanded(self, wanted: str, path: str) -> dict:
        if wanted not in self.objects:
            raise cannot_expand(path)
        return copy.deepcopy(self.objects[wanted])


@contextmanager
def restored_on_error(account: Account):
    """As if nothing had happened, when the block raises ApiError: Stripe changes all or nothing."""
    before = copy.deepcopy(account.objects)
    with told_afterwards(account):
        try:
            yield
        except ApiError:
            account.replace(before)
            raise


@contextmanager
def told_afterwards(account: Account):
    """Events of the block reach the listeners when it is over, and not at all when it raises."""
    held, account.listeners = account.listeners, [(told := []).append]
    try:
        yield
    finally:
        account.listeners = held
    for event in told:
        for listener in account.listeners:
            listener(event)


INCLUDED: dict[tuple[str, str], Callable[[Account, dict], Any]] = {}


def included(kind: str, name: str):
    """Marks a function as the one that makes a field which only `expand` brings."""

    def mark(function):
        INCLUDED[kind, name] = function
        return function

    return mark


def cannot_expand(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")


def public(value: Any) -> Any:
    """Without the sandbox's own keys, at every depth."""
    if isinstance(value, dict):
        return {key: public(one) for key, one in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(one) for one in value]
    return value


def list_of(found: Iterator[dict] | list[dict], url: str, *, limit: int | None = None) -> dict:
    """A list object with the first of what was found."""
    data = list(itertools.islice(found, (limit or 10) + 1))
    return {"object": "list", "data": data[: limit or 10], "has_more": len(data) > (limit or 10), "url": url}


def all_of(found: Iterator[dict] | list[dict], url: str) -> dict:
    """A list object with all that was found, as lists inside other objects are."""
    return {"object": "list", "data": list(found), "has_more": False, "url": url}
