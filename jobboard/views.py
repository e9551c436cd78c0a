"""The pages that put several apps together."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from jobboard.sitemaps import SITEMAPS
from jobs.forms import SearchForm
from jobs.search import JobSearch
from jobs.search.page import search_jobs

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
def sitemaps(request):
    """The list of all parts; the framework's own would name the host of the request instead of SITE_URL."""
    pages = [page for name, sitemap in SITEMAPS.items() for page in pages_of(name, sitemap())]
    return render(request, "sitemap_index.xml", {"sitemaps": pages}, content_type="application/xml")


def pages_of(section, sitemap):
    """Where the section's pages are and when it last changed; nothing of one without addresses."""
    paginator = sitemap.paginator
    if not paginator.count:
        return []
    address = settings.SITE_URL + reverse("django.contrib.sitemaps.views.sitemap", kwargs={"section": section})
    numbers = range(2, paginator.num_pages + 1)
    locations = [address, *(f"{address}?p={number}" for number in numbers)]
    return [{"location": location, "last_mod": sitemap.get_latest_lastmod()} for location in locations]


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request):
    """For programs that ask for it unasked; pages name their icons themselves."""
    return redirect(static("icons/icon.png"))


@require_safe
def robots(request):
    return render(request, "robots.txt", {"site_url": settings.SITE_URL}, content_type="text/plain; charset=utf-8")
