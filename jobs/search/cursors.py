"""Where a page ended: the sort key and id of its last job, in a short text for the next page's address."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 2**63 - 1


class UnknownPage(Exception):
    """The cursor isn't one of ours, or belongs to another order."""


class Position(NamedTuple):
    """Jobs after this one in descending order of (key, id); `at` is when the first page was made."""

    key: int
    job_id: int
    at: datetime


def write_cursor(sort: str, position: Position) -> str:
    text = f"{sort}.{position.key}.{position.job_id}.{microseconds(position.at)}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(sort: str, cursor: str) -> Position:
    """The position a cursor names; raises UnknownPage for a forged one."""
    match = re.fullmatch(r"(\w+)\.(-?[0-9]{1,19})\.([0-9]{1,19})\.([0-9]{1,19})", decoded(cursor), re.ASCII)
    if not match or match[1] != sort:
        raise UnknownPage("That page doesn't exist.")
    key, job_id, at = (int(number) for number in match.groups()[1:])
    if abs(key) > LARGEST or job_id > LARGEST:
        raise UnknownPage("That page doesn't exist.")
    return Position(key, job_id, moment(at))


def decoded(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        return ""


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime:
    """The inverse of microseconds(); raises UnknownPage for a time that no calendar has."""
    try:
        return EPOCH + timedelta(microseconds=number)
    except OverflowError as error:
        raise UnknownPage("That page doesn't exist.") from error
