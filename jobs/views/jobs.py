"""A job's page: open, over, being checked, gone, or a preview for staff."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import structured_data, wording
from jobs.marks import has_saved, marks_of
from jobs.models import Job
from jobs.previews import may_preview
from jobs.search import JobSearch
from jobs.similar import similar_jobs


@require_safe
def job(request, pk, slug=""):
    at = timezone.now()
    advert = get_object_or_404(Job.objects.for_page(), pk=pk)
    if not advert.is_published(at):
        return preview(request, advert, at)
    if slug != advert.slug:
        return redirect(advert, permanent=True)
    if not advert.is_open(at):
        return job_not_open(request, advert, at)
    return open_job(request, advert, at)


def open_job(request, advert, at):
    page = page_of(advert, at) | {
        "similar": similar_jobs(advert),
        "mark": marks_of(request.user, [advert.pk]).get(advert.pk, ""),
        "is_saved": has_saved(request.user, advert),
        "structured_data": [structured_data.as_script(data) for data in told_to_search_engines(advert, at)],
    }
    return let_apply(advert, render(request, "jobs/job.html", page))


def let_apply(advert, response):
    """Let the apply form end at the employer's site: browsers hold each redirect after a form against the policy."""
    if advert.apply_url:
        response.csp_policy = settings.SECURE_CSP | {"form-action": ["'self'", "https:", "http:"]}
    return response


def told_to_search_engines(advert, at):
    return [data for data in (structured_data.job_posting(advert, at), structured_data.breadcrumbs(advert)) if data]


def job_not_open(request, advert, at):
    """A page that says so and leads on; 410 once the job has been over for some time."""
    page = page_of(advert, at) | {
        "similar": similar_jobs(advert),
        "is_being_checked": advert.hidden_at is not None and not advert.is_over(at),
    }
    if is_long_over(advert, at):
        return render(request, "jobs/job_gone.html", page, status=410)
    return render(request, "jobs/job_over.html", page)


def is_long_over(advert, at) -> bool:
    ends = [end for end in (advert.closed_at, advert.expires_at) if end is not None and end <= at]
    return bool(ends) and min(ends) + timedelta(days=settings.JOB_GRACE_DAYS) <= at


def preview(request, advert, at):
    if not may_preview(advert, request.GET.get("preview", "")):
        raise Http404
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    response = render(request, "jobs/job_preview.html", page_of(advert, at))
    for name, value in headers.items():
        response.headers[name] = value
    return response


def page_of(advert, at) -> dict:
    """What each of a job's pages needs."""
    return {
        "job": advert,
        "at": at,
        "canonical": settings.SITE_URL + advert.get_absolute_url(),
        "apply_host": urlsplit(advert.apply_url).hostname,
        "alert_query": jobs_like(advert).alert_query_string(),
    }


def jobs_like(advert) -> JobSearch:
    """The search an alert for jobs like this one keeps: the role and the place; more would find too little."""
    regions = tuple(sorted(region.slug for region in advert.regions.all()))
    countries = tuple(advert.countries) if not regions and len(advert.countries) == 1 else ()
    return JobSearch(
        keywords=wording.role_words(advert.title), regions=regions if len(regions) <= 3 else (), countries=countries
    )
