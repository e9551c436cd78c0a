"""The pages that put several apps together."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.forms import SearchForm
from jobs.search import JobSearch, search_jobs

NEWEST = 8


@require_safe
def home(request):
    page = search_jobs(JobSearch(), size=NEWEST)
    facets = {facet.name: facet.values for facet in page.facets}
    return render(
        request,
        "home.html",
        {
            "form": SearchForm({}),
            "page": page,
            "places": sorted(facets["region"], key=lambda value: value.label),
            "categories": facets["category"],
            "canonical": f"{settings.SITE_URL}/",
        },
    )


@require_safe
def robots(request):
    return render(request, "robots.txt", {"site_url": settings.SITE_URL}, content_type="text/plain; charset=utf-8")
