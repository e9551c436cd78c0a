"""What the pages of a person's own jobs have in common: pages by cursor, the way back, and removing with Undo."""

from typing import NamedTuple

from django.contrib import messages
from django.template.loader import render_to_string

from accounts.logging_in import is_ours

PAGE = 20


class OwnPage(NamedTuple):
    """One page of a list; `more` is the cursor of the next one, None on the last."""

    entries: list
    more: int | None
    is_first: bool

    @property
    def is_beyond_the_end(self) -> bool:
        """Whether its last row was taken off while others stand before it."""
        return not self.entries and not self.is_first


def page_of(entries, request) -> OwnPage:
    """The page that the request's cursor names, of an OwnJobsQuerySet; the first when it names none."""
    after = number(request.GET.get("cursor", ""))
    found = list(entries.newest_first().for_page().after(after)[: PAGE + 1])
    return OwnPage(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None, after is None)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def way_back(request, otherwise: str) -> str:
    address = request.POST.get("next", "")
    return address if is_ours(request, address) else otherwise


def offer_undo(request, job, *, words: str, undo: str, back: str) -> None:
    """Say of the job's title what happened, with a button that posts to `undo` and comes back."""
    said = {"job": job, "words": words, "undo": undo, "back": back}
    messages.info(request, render_to_string("jobs/_removed.html", said, request=request))
