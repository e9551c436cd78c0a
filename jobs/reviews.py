"""What somebody must look at before a job goes on the board; settings.BEFORE_PUBLISHING names it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Review:
    """A list that staff look through: `waiting()` is the condition on jobs that wait there, `why` says it of them.

    Whoever has the `permission` decides by publishing; without one nothing but the list lets a job through.
    """

    waiting: Callable[[], Q | Combinable]
    why: str
    title: str
    url_name: str
    query: str = ""
    permission: str = ""

    def binds(self, user) -> bool:
        """Whether this person has to wait for it; the board itself, None, always does."""
        return not (self.permission and user and user.has_perm(self.permission))

    @property
    def link(self) -> SafeString:
        return format_html('<a href="{}{}">{}</a>', reverse(self.url_name), self.query, self.title)


class KeptBack(Exception):
    """Raised when a job that waits for review is to be published."""


def reviews(by) -> list[Review]:
    """Those that bind whoever publishes."""
    return [review for review in map(import_string, settings.BEFORE_PUBLISHING) if review.binds(by)]


def reviews_of(jobs: QuerySet, *, by) -> list[tuple[int, Review]]:
    """(how many of these jobs wait there, the review), each job counted once, those where none waits left out."""
    counted = []
    for review in reviews(by):
        counted.append((jobs.filter(review.waiting()).count(), review))
        jobs = jobs.exclude(review.waiting())
    return [(count, review) for count, review in counted if count]


def waiting_anywhere(by) -> Q:
    """The condition on jobs that somebody else must look at before this person can put them on the board."""
    return reduce(or_, (Q(review.waiting()) for review in reviews(by)), Q(pk__in=[]))
