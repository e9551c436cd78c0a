"""Work of the board that Celery does; PostgreSQL remembers all of it, a lost message only delays it."""

import logging

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from jobs import suggestions
from jobs.documents import OpenCount

logger = logging.getLogger(__name__)


def nudge_after_publishing() -> None:
    """Once the transaction is kept, wake the tasks that wait for new jobs."""
    transaction.on_commit(send_nudges, robust=True)


def send_nudges() -> None:
    try:
        with impatient_connection() as connection:
            for name in settings.AFTER_PUBLISHING:
                current_app.send_task(name, connection=connection, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        # Redis is away: the jobs are published all the same, and beat runs the tasks at their next turn.
        logger.warning("Could not nudge %s: %s", ", ".join(settings.AFTER_PUBLISHING), error)


def impatient_connection():
    """A connection that gives up at once: somebody's page waits for it, and nothing depends on it."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 1, "interval_start": 0, "interval_max": 0.1}
    return current_app.connection_for_write().clone(transport_options=options)


@shared_task(name="jobs.refresh_terms", ignore_result=True)
def refresh_terms() -> int:
    """Learn the words of new jobs, for suggestions, completion and similar jobs."""
    return suggestions.refresh_terms()


@shared_task(name="jobs.sum_up_counts", ignore_result=True)
def sum_up_counts() -> None:
    """Fold the changes of the counts into one row for each number."""
    OpenCount.objects.sum_up()


@shared_task(name="jobs.close_expired", ignore_result=True)
def close_expired() -> int:
    """Close what is past its last day and take up what was published for a time that has come."""
    from jobs.models import Job

    now = timezone.now()
    closed = Job.objects.overdue(now).close(by=None, at=now, reason=Job.CloseReason.EXPIRED)
    appeared = Job.objects.open(now).filter(document__isnull=True)
    if appeared.exists():
        appeared.refresh_documents()
        send_nudges()
    return closed
