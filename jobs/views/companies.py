from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.models import Company, Job
from jobs.search import JobSearch
from jobs.search.page import UnknownPage, search_jobs


@require_safe
def company(request, slug):
    found = get_object_or_404(Company, slug=slug)
    at = timezone.now()
    search = JobSearch(companies=(found.slug,))
    try:
        page = search_jobs(search, cursor=request.GET.get("cursor", ""))
    except UnknownPage:
        return redirect(found)
    return render(
        request,
        "jobs/company.html",
        {
            "company": found,
            "page": page,
            "over_count": Job.objects.posted_by(found).published(at).over(at).count(),
            "alert_query": search.alert_query_string(),
            "canonical": settings.SITE_URL + found.get_absolute_url(),
            "cursor": request.GET.get("cursor", ""),
            "website_labels": (urlsplit(found.web_address()).hostname or "").split("."),
        },
    )
