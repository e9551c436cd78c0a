"""The page behind "see all 37" in an alert's mail: the jobs of that mail and no others."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts import tokens
from alerts.digests import Digest
from alerts.mail import finds_among
from alerts.views.tokens import private_token_page
from jobs.models import Job
from jobs.search.cursors import Position, UnknownPage, microseconds, moment, read_cursor, write_cursor

JOBS_ON_A_PAGE = 20


@require_safe
@private_token_page
def mail(request, pk, signature):
    if not tokens.belongs_to_mail(pk, signature):
        raise Http404
    digest, at = get_object_or_404(Digest.objects.mails(), pk=pk), timezone.now()
    cursor = request.GET.get("cursor", "")
    jobs = Job.objects.filter(pk__in=digest.items.values("job"), hidden_at__isnull=True).published(at)
    try:
        page = page_of(jobs, cursor)
    except UnknownPage:
        return redirect(request.path)
    counts = {"job_count": jobs.count(), "open_count": jobs.open(at).count()}
    if not counts["job_count"]:
        return render(request, "alerts/mail_jobs.html", {"jobs": [], "job_count": 0, "why_empty": why_empty(digest)})
    context = {"cursor": cursor, "next": next_cursor(page, at), "notes": notes_on(digest, page["jobs"], at)}
    return render(request, "alerts/mail_jobs.html", context | counts | page)


def why_empty(digest: Digest) -> str:
    """What a mail held goes with its alert and its account, and then nothing tells any more which jobs they were."""
    if digest.recipient_id is None:
        return "The account that this mail was sent to has been deleted, and with it what its mails held."
    if digest.items.exists():
        return "The jobs of this mail have been taken off the board."
    return "The alert of this mail has been deleted, or its jobs have."


def notes_on(digest: Digest, jobs, at) -> dict[int, dict]:
    """By the job's pk: where it is opened and counted, which alerts found it, and the way to less like it."""
    return {
        find.job.pk: {
            "job_url": find.path,
            "text": f"Found by {find.found_by}",
            "url": find.less_path,
            "label": "Less like this",
        }
        for find in finds_among(digest, jobs, at)
    }


def page_of(jobs, cursor: str) -> dict:
    """The newest jobs after the cursor, and whether there are more. Raises UnknownPage."""
    jobs = jobs.for_cards().order_by("-published_at", "-pk")
    if cursor:
        position = read_cursor("newest", cursor)
        published_at = moment(position.key)
        jobs = jobs.filter(Q(published_at__lt=published_at) | Q(published_at=published_at, pk__lt=position.job_id))
    jobs = list(jobs[: JOBS_ON_A_PAGE + 1])
    return {"jobs": jobs[:JOBS_ON_A_PAGE], "has_more": len(jobs) > JOBS_ON_A_PAGE}


def next_cursor(page: dict, at) -> str:
    if not page["has_more"]:
        return ""
    last = page["jobs"][-1]
    return write_cursor("newest", Position(microseconds(last.published_at), last.pk, at))
