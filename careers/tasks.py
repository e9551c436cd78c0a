"""The background work of guides; each task may be lost or run twice: the next turn does what is left."""

import time

from celery import shared_task
from django.utils import timezone

from careers.link_checks import check_due, follow_figures
from careers.mentions import read_adverts
from careers.models import Guide
from careers.roles import follow_jobs
from careers.survey import outgrown, refresh_markets

# Well before the soft time limit, so that a batch begun in the last moment still ends.
SECONDS = 30
# A check may take another 16 seconds.
SECONDS_OF_CHECKS = 20


@shared_task(name="careers.read_adverts", ignore_result=True)
def read_new_adverts() -> None:
    """Read new and changed adverts for skills."""
    if not read_adverts(until=time.monotonic() + SECONDS, clock=time.monotonic):
        read_new_adverts.delay()


@shared_task(name="careers.follow_roles", ignore_result=True)
def follow_roles() -> int:
    """Note which of the jobs written lately belong to which role; until then pages look at each of them.

    A role that an import brought many jobs is counted anew at once: its page names both numbers. Says how many roles.
    """
    gained = follow_jobs(at=timezone.now())
    if keys := outgrown(gained):
        count_markets.delay(keys)
    return len(gained)


@shared_task(name="careers.publish_scheduled", ignore_result=True)
def publish_scheduled() -> int:
    """Publish the guides whose time has come."""
    return Guide.objects.publish_scheduled(at=timezone.now())


@shared_task(name="careers.refresh_markets", ignore_result=True, soft_time_limit=540, time_limit=600)
def refresh_all_markets() -> int:
    """Survey the market of every role; reads what adverts are still unread first."""
    read_adverts(until=time.monotonic() + 10 * SECONDS, clock=time.monotonic)
    return refresh_markets(Guide.objects.all(), at=timezone.now())


@shared_task(name="careers.count_markets", ignore_result=True, soft_time_limit=540, time_limit=600)
def count_markets(keys: list[int]) -> int:
    """Survey the markets of these guides: somebody asked, or they gained many jobs. The night counts all."""
    read_adverts(until=time.monotonic() + SECONDS, clock=time.monotonic)
    return refresh_markets(Guide.objects.filter(pk__in=keys), at=timezone.now())


@shared_task(name="careers.check_sources", ignore_result=True)
def check_sources() -> None:
    """The night's turn: know which addresses the figures name, and check what is due."""
    follow_figures()
    check_due_sources()


@shared_task(name="careers.check_due_sources", ignore_result=True)
def check_due_sources() -> None:
    """Check sources for a while, and go on after others had their turn."""
    if not check_due(until=time.monotonic() + SECONDS_OF_CHECKS):
        check_due_sources.delay()
