"""Which function answers which request, and how a list is asked for."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.account import Account, list_of
from stripe_sandbox.errors import ApiError

ALWAYS = frozenset({"expand"})
PAGING = frozenset({"limit", "starting_after", "ending_before", "created"})
CREATED = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern
    params: str  # the name of the SDK's TypedDict for what is sent
    takes: frozenset[str]  # of those, what the sandbox acts on; the rest it refuses rather than ignores
    answers: str  # what the answer's `object` says; "list:" and that of the members for a list
    function: Callable[..., dict]


ROUTES: list[Route] = []


def route(method: str, path: str, *, params: str, takes: str = "", answers: str):
    """Answers requests to the path, whose {names} become arguments: f(account, params, …) -> object."""
    acted_on = frozenset(takes.split()) | ALWAYS | (PAGING if answers.startswith("list:") else frozenset())

    def register(function):
        pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))
        ROUTES.append(Route(method, pattern, params, acted_on, answers, function))
        return function

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for one in ROUTES:
        if one.method == method and (match := one.pattern.fullmatch(path)):
            return one, match.groupdict()
    raise ApiError(
        f"Unrecognized request URL ({method}: {path}). The sandbox knows only what its README lists.", status=404
    )


def page(account: Account, found: Iterable[dict], params: dict, url: str) -> dict:
    """The part of what was found, newest first, that `created`, `limit` and the cursors ask for."""
    rows = [one for one in found if was_created(one, params.get("created"))]
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(
            "Invalid integer: limit must be between 1 and 100", code="parameter_invalid_integer", param="limit"
        )
    if after := params.get("starting_after"):
        rows = rows[position(rows, after, "starting_after") + 1 :]
    if before := params.get("ending_before"):
        rows = rows[max(0, position(rows, before, "ending_before") - limit) : position(rows, before, "ending_before")]
    return list_of(rows, url, limit=limit)


def was_created(one: dict, wanted: Any) -> bool:
    if wanted is None or isinstance(wanted, int):
        return wanted in (None, one["created"])
    return all(CREATED[name](one["created"], value) for name, value in wanted.items())


def position(rows: list[dict], wanted: str, param: str) -> int:
    for number, one in enumerate(rows):
        if one["id"] == wanted:
            return number
    raise ApiError(f"No such object: '{wanted}'", code="resource_missing", param=param)
