"""Work of the board that Celery does; PostgreSQL remembers all of it, a lost message only delays it."""

from celery import shared_task
from django.utils import timezone

from jobs import suggestions
from jobs.documents import OpenCount
from jobs.models import Job
from jobs.nudging import nudge_after_publishing
from jobs.reminders import remind_everybody


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
    now = timezone.now()
    closed = Job.objects.overdue(now).close(by=None, at=now, reason=Job.CloseReason.EXPIRED)
    appeared = Job.objects.open(now).filter(document__isnull=True)
    if appeared.exists():
        appeared.refresh_documents()
        nudge_after_publishing()
    return closed


@shared_task(name="jobs.remind_of_closing", ignore_result=True)
def remind_of_closing() -> int:
    """Tell people of saved jobs that close soon."""
    return remind_everybody(timezone.now())
