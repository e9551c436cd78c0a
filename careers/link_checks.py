"""Looking whether the sources of figures still answer: politely, one address of a host at a time."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.utils import timezone

from careers.models import Figure
from careers.source_links import SourceLink
from jobs.outbound import AddressRefused, NoAnswer, ask

logger = logging.getLogger(__name__)

MOST = 10_000
SECONDS_EACH = 8
# A page's beginning is enough to know that it is there.
BYTES = 512


def follow_figures() -> None:
    """One row for each address that a figure names, MOST at most, and none for others."""
    named = Figure.objects.order_by("source_url").values_list("source_url", flat=True).distinct()
    urls = list(named[: MOST + 1])
    if len(urls) > MOST:
        logger.warning("Figures name more than %s addresses; the rest isn't checked.", MOST)
    SourceLink.objects.exclude(url__in=named[:MOST]).delete()
    known = set(SourceLink.objects.values_list("url", flat=True))
    new = [SourceLink(url=url, host=host_of(url)) for url in urls[:MOST] if url not in known]
    SourceLink.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "")[:255]
    except ValueError:
        return ""


def check_due(*, until: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Check what is due until the clock says `until`; whether nothing is left. Hosts rest between two addresses."""
    while clock() < until:
        link = SourceLink.objects.claim(timezone.now())
        if link:
            check(link)
        elif SourceLink.objects.due(timezone.now()).exists():
            time.sleep(0.2)
        else:
            return True
    return False


def check(link: SourceLink) -> None:
    status, problem = look_at(link.url)
    link.note(status, problem, at=timezone.now())


def look_at(url: str) -> tuple[int | None, str]:
    """The status of the address and what is wrong, "" when nothing is; pages that refuse HEAD are asked by GET."""
    try:
        status = ask(url, method="HEAD", seconds=SECONDS_EACH).status
        if not is_fine(status):
            status = ask(url, most=BYTES, seconds=SECONDS_EACH).status
    except (AddressRefused, NoAnswer) as reason:
        return None, str(reason)
    return status, "" if is_fine(status) else in_words(status)


def is_fine(status: int) -> bool:
    return 200 <= status < 300


def in_words(status: int) -> str:
    """Such as "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
