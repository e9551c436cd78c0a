"""The background work of matching; PostgreSQL remembers what is to be done: any of these may be lost or run twice."""

import time

from celery import shared_task
from django.utils import timezone

from alerts import lexemes, weeks
from alerts.matching import match_pending
from alerts.searches import Search
from jobs.nudging import nudge

# Well before the soft time limit, so that a batch begun in the last moment still ends.
SECONDS = 30


@shared_task(name="alerts.match_jobs")
def match_jobs() -> None:
    matches, done = match_pending(until=time.monotonic() + SECONDS)
    if matches:
        nudge("alerts.plan_digests")
    if not done:
        nudge("alerts.match_jobs")


@shared_task(name="alerts.refresh_lexemes")
def refresh_lexemes() -> None:
    lexemes.refresh()


@shared_task(name="alerts.drop_old_matches")
def drop_old_matches() -> None:
    weeks.prepare(timezone.now())
    weeks.drop_old(timezone.now())


@shared_task(name="alerts.remove_unused_searches")
def remove_unused_searches() -> None:
    Search.objects.unused(timezone.now()).delete()


@shared_task(name="alerts.follow_exchange_rates")
def follow_exchange_rates() -> None:
    Search.objects.refresh_pay()


@shared_task(name="alerts.refresh_searches", soft_time_limit=540, time_limit=600)
def refresh_searches() -> None:
    Search.objects.refresh()
