"""From a request to the API to its answer: key, parameters, idempotency, errors, and the check of what is answered."""

import hashlib
import json
import re
import time
import traceback
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from stripe_sandbox import routes, sdk
from stripe_sandbox.account import API_VERSION, Account
from stripe_sandbox.api import (  # noqa: F401 -- each registers its routes
    catalogue,
    checkout,
    customers,
    events,
    invoices,
    payments,
    portal,
    subscriptions,
)
from stripe_sandbox.errors import ApiError

KEPT_FOR = 24 * 3600  # seconds for which an idempotency key answers the same


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    body: str

    @property
    def is_v2(self) -> bool:
        return self.path.startswith("/v2/")

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key") if self.method == "POST" else None


@dataclass
class Answer:
    status: int
    body: dict
    headers: dict[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        return json.dumps(self.body, indent=2).encode()


KEY_IN_USE = Answer(
    409,
    {
        "error": {
            "type": "idempotency_error",
            "code": "idempotency_key_in_use",
            "message": "There is currently another in-progress request using this Idempotent Key (that probably means "
            "you submitted twice, and the other request is still going through). Please try again later.",
        }
    },
)


def answer(account: Account, request: Request, notes: list[dict], differences: list[str]) -> Answer:
    """Do what is asked. `notes` gets a line on each request, `differences` what the SDK wouldn't expect."""
    asked = {"id": account.new_id("req", 14), "idempotency_key": request.idempotency_key}
    note = {
        "method": request.method,
        "path": request.path,
        "idempotency_key": request.idempotency_key,
        "replayed": False,
    }
    with account.lock:
        account.request = asked
        try:
            answered = answer_once(account, request, note, differences)
        finally:
            account.request = None
    answered.headers |= {"Request-Id": asked["id"], "Stripe-Version": API_VERSION}
    notes.append(note | {"status": answered.status})
    return answered


def answer_once(account: Account, request: Request, note: dict, differences: list[str]) -> Answer:
    key = request.idempotency_key
    note["params"] = {}
    try:
        check_key(request.headers.get("authorization", ""))
        sent = sent_params(request)
        note["params"] = sent
        refuse_text_that_is_none(sent)
        if key and (kept := remembered(account, request, key)):
            note["replayed"] = True
            return Answer(kept["status"], kept["body"], {"Idempotent-Replayed": "true"})
        route, names = routes.find(request.method, request.path)
        params = read_params(route, sent)
    except ApiError as error:  # nothing was begun: the key may be used again
        return Answer(error.status, {"error": error.error})
    answered = perform(account, route, params, names, differences)
    if key:
        account.answers[key] = {
            "print": fingerprint(request), "at": time.time(), "status": answered.status, "body": answered.body
        }  # fmt: skip
    return answered


def check_key(authorization: str) -> None:
    kind, _, key = authorization.partition(" ")
    if kind != "Bearer" or not key:
        raise ApiError("You did not provide an API key.", status=401)
    if re.match(r"(sk|rk)_live_", key):
        raise ApiError(
            "This is the sandbox, and that is a live key: it was not used. Keep it away from here.", status=401
        )
    if not re.match(r"(sk|rk)_test_\w+$", key):
        raise ApiError(f"Invalid API Key provided: {key[:8]}****", status=401)


def sent_params(request: Request) -> dict:
    """What was sent, as nested dicts of text; JSON for version 2."""
    if request.method in ("GET", "DELETE"):
        return nested(request.query)
    if not request.is_v2:
        return nested(request.body)
    try:
        return json.loads(request.body or "{}")
    except ValueError as error:
        raise ApiError("Invalid JSON.") from error


def refuse_text_that_is_none(sent: Any) -> None:
    if isinstance(sent, dict):
        for one in (*sent, *sent.values()):
            refuse_text_that_is_none(one)
    elif isinstance(sent, str) and ("\ufffd" in sent or "\0" in sent):
        raise ApiError("Invalid string: it must be UTF-8 without null bytes.")


def nested(form: str) -> dict:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *above, last = [part for part in re.split(r"[\[\]]+", name) if part != ""] or [""]
        place = tree
        for part in above:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ApiError(f"Invalid parameter: {name}", param=name)
        place[last] = value
    return tree


def remembered(account: Account, request: Request, key: str) -> dict | None:
    """The answer that the key had before. Raises ApiError when it came with something else."""
    kept = account.answers.get(key)
    if kept is None or kept["at"] < time.time() - KEPT_FOR:
        return None
    if kept["print"] != fingerprint(request):
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return kept


def fingerprint(request: Request) -> str:
    return hashlib.sha256(f"{request.method} {request.path} {request.query} {request.body}".encode()).hexdigest()


def read_params(route: routes.Route, sent: dict) -> dict:
    hint = sdk.params(route.params)
    paged = {"page": sent.pop("page")} if "page" in sent and route.answers.startswith("list:v2.") else {}
    read = sdk.read(hint, sent)
    if unable := read.keys() - route.takes:
        raise ApiError(
            f"Stripe knows {', '.join(sorted(unable))} here, but the sandbox does nothing with it. See its README.",
            status=501,
            kind="api_error",
            param=sorted(unable)[0],
        )
    return read | paged


def perform(account: Account, route: routes.Route, params: dict, names: dict, differences: list[str]) -> Answer:
    expand = params.pop("expand", [])
    try:
        body = account.render(route.function(account, params, **names), expand)
    except ApiError as error:
        return Answer(error.status, {"error": error.error})
    except Exception as error:
        traceback.print_exc()
        differences.append(f"{route.method} {route.pattern.pattern} crashed: {error!r}")
        return Answer(500, {"error": {"type": "api_error", "message": f"The sandbox has a bug: {error!r}"}})
    if found := sdk.answer_differences(route.answers, body):
        differences.extend(found)
        words = "The sandbox's answer isn't what the SDK expects: " + "; ".join(found[:5])
        return Answer(500, {"error": {"type": "api_error", "message": words}})
    return Answer(200, body)
