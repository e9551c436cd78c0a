"""The search page: one GET form whose query string is the search."""

from dataclasses import replace

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.regions import countries
from jobs.forms import SearchForm
from jobs.search import JobSearch
from jobs.search.page import UnknownPage, search_jobs
from jobs.search.unknown import unknown_filters, without_unknown
from jobs.suggestions import completions

SORTS = [
    ("newest", "Newest first"),
    ("relevance", "Best match"),
    ("pay", "Highest pay"),
    ("closing", "Closing soon"),
]


@require_safe
def search(request):
    form = SearchForm(request.GET)
    unknown = unknown_filters(request.GET)
    wanted = without_unknown(JobSearch.from_query(request.GET), unknown)
    if "q" in form.errors:
        wanted = replace(wanted, keywords="")  # half of somebody's words would find what they didn't ask for
    if "pay_currency" in form.errors:
        wanted = wanted.without("pay")  # an amount of nobody knows what
    is_valid = form.is_valid()
    if company := form.cleaned_data.get("company_name"):
        wanted = wanted.with_value("company", company.slug)
        if is_valid:
            return redirect(address_of(wanted))
    cursor = request.GET.get("cursor", "")
    try:
        page = search_jobs(wanted, cursor=cursor)
    except UnknownPage:
        return redirect(first_page_of(request))
    context = controls(form, wanted, page) | results(wanted, page, cursor) | {"unknown": unknown}
    context["may_be_indexed"] = context["may_be_indexed"] and not unknown and not form.errors
    return render(request, "jobs/search.html", context)


def first_page_of(request) -> str:
    """The same address without its cursor: what an old bookmark still means."""
    query = request.GET.copy()
    del query["cursor"]
    return request.path + (f"?{query.urlencode()}" if query else "")


def controls(form, wanted, page) -> dict:
    """What the form shows as chosen."""
    facets = {facet.name: facet for facet in page.facets}
    place = wanted.regions[0] if wanted.regions else ""
    return {
        "form": form,
        "wanted": wanted,
        "completions": completions(wanted.keywords),
        "places": sorted(facets["region"].values, key=lambda value: value.label),
        "place": place,
        "more_places": [value for value in facets["region"].values if value.value != place],
        "facets": [facet for facet in page.facets if facet.name != "region" and facet.values],
        "countries": countries().items(),
        "country": wanted.countries[0] if wanted.countries else "",
        "hidden": hidden_fields(wanted),
        "sorts": [sort for sort in SORTS if sort[0] != "relevance" or wanted.web_query],
        "filter_count": len(wanted.criteria()) - bool(wanted.keywords) - bool(wanted.regions),
    }


def hidden_fields(wanted) -> list[tuple[str, str]]:
    """What the form keeps without a control of its own; the chips undo it."""
    kept = [("country", code) for code in wanted.countries[1:]]
    kept += [("company", slug) for slug in wanted.companies]
    return kept + [("not_company", slug) for slug in wanted.companies_out]


def results(wanted, page, cursor) -> dict:
    criteria = wanted.criteria()
    is_narrow = len(criteria) > 1 or wanted.keywords or wanted.sort != "newest"
    return {
        "page": page,
        "criteria": criteria,
        "clear_all": replace(JobSearch(), sort=wanted.sort),
        "canonical": settings.SITE_URL + address_of(wanted),
        "more": next_address(wanted, page),
        "is_first_page": not cursor,
        # Any words and any two filters make more pages than there are jobs; search engines need none of them.
        "may_be_indexed": not (is_narrow or cursor or page.total == 0),
        "alert_query": wanted.alert_query_string(),
        "feed_query": replace(wanted, sort="newest").query_string(),
    }


def address_of(wanted: JobSearch) -> str:
    query = wanted.query_string()
    return reverse("jobs:search") + (f"?{query}" if query else "")


def next_address(wanted, page) -> str:
    if not page.next_cursor:
        return ""
    address = address_of(wanted)
    return f"{address}{'&' if '?' in address else '?'}cursor={page.next_cursor}"
