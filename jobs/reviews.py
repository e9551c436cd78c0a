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
    """A list that staff look through: `waiting()` is the condition on jobs that wait there, `why` says it of them."""

    waiting: Callable[[], Q | Combinable]
    why: str
    title: str
    url_name: str
    query: str = ""

    @property
    def link(self) -> SafeString:
        return format_html('<a href="{}{}">{}</a>', reverse(self.url_name), self.query, self.title)


class KeptBack(Exception):
    """Raised when a job that waits for review is to be published."""


def reviews() -> list[Review]:
    return [import_string(name) for name in settings.BEFORE_PUBLISHING]


def reviews_of(jobs: QuerySet) -> list[tuple[int, Review]]:
    """(how many of these jobs wait there, the review), those where none waits left out."""
    counted = [(jobs.filter(review.waiting()).count(), review) for review in reviews()]
    return [(count, review) for count, review in counted if count]


def waiting_anywhere() -> Q:
    """The condition on jobs that somebody must look at before they go on the board."""
    return reduce(or_, (Q(review.waiting()) for review in reviews()), Q(pk__in=[]))
