"""The background work of matching; PostgreSQL remembers what is to be done: any of these may be lost or run twice."""

from celery import shared_task
from django.utils import timezone

from alerts import lexemes, weeks
from alerts.matching import match_some, notice, pending_batches
from alerts.searches import Search
from jobs.nudging import nudge

# Other workers that are asked to help with many jobs at once; more than there are costs an empty look each.
MOST_HELPERS = 15


@shared_task(name="alerts.match_jobs")
def match_jobs() -> None:
    """Notice what was published and begin with it; many jobs are shared with as many workers as are free."""
    notice(timezone.now())
    helpers = min(pending_batches() - 1, MOST_HELPERS)
    nudge(*["alerts.match_batch"] * helpers)
    match_batch()


@shared_task(name="alerts.match_batch")
def match_batch() -> None:
    """Match one batch and ask for the next one, so that other work of this worker waits no longer than that takes."""
    jobs, matches = match_some()
    if matches:
        nudge("alerts.plan_digests")
    # Asked only after a batch went well: one that can't be matched is tried again by beat, not at once.
    if jobs and pending_batches():
        nudge("alerts.match_batch")


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
    if Search.objects.refresh_pay():
        nudge("alerts.follow_exchange_rates")  # for those that did not fit in


@shared_task(name="alerts.refresh_searches")
def refresh_searches() -> None:
    Search.objects.begin_refreshing(timezone.now())
    refresh_some_searches()


@shared_task(name="alerts.refresh_some_searches")
def refresh_some_searches() -> None:
    """Read a piece of the searches anew and ask for the next; beat asks too, should that be lost."""
    if Search.objects.refresh_some():
        nudge("alerts.refresh_some_searches")
