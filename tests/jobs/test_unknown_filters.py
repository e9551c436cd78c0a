"""Filters of an address that name nothing: told, left out, and never a reason to find nothing."""

import pytest
from django.urls import reverse

from jobs.search import JobSearch
from jobs.search.unknown import UnknownFilter, unknown_filters, without_unknown
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db

SEARCH, ALERT = reverse("jobs:search"), reverse("alerts:new")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("region=nope", "There is no region <bdi>“nope”</bdi>. That filter is left out."),
        ("category=nope", "There is no category <bdi>“nope”</bdi>. That filter is left out."),
        ("level=nope", "There is no level <bdi>“nope”</bdi>. That filter is left out."),
        ("type=nope", "There is no employment type <bdi>“nope”</bdi>. That filter is left out."),
        ("workplace=nope", "There is no workplace <bdi>“nope”</bdi>. That filter is left out."),
        ("country=XX", "There is no country <bdi>“XX”</bdi>. That filter is left out."),
        ("company=nope", "There is no company <bdi>“nope”</bdi>. That filter is left out."),
        ("not_company=nope", "There is no company <bdi>“nope”</bdi>. That filter is left out."),
        ("region=%3Cb%3E", "There is no region <bdi>“&lt;b&gt;”</bdi>. That filter is left out."),
        (
            "region=nope&region=nope&level=x",
            "There is no region <bdi>“nope”</bdi>, and no level <bdi>“x”</bdi>. Those filters are left out.",
        ),
    ],
)
def test_an_unknown_filter_is_told_and_left_out_of_the_search(visitor_client, query, said):
    JobFactory(title="Gardener")

    response = visitor_client.get(f"{SEARCH}?{query}")

    assert said in text_of(response)
    assert [job.title for job in response.context["page"].jobs] == ["Gardener"]
    assert response.context["wanted"] == JobSearch()
    assert '<meta name="robots" content="noindex, follow">' in text_of(response)


def test_the_filters_that_are_known_go_on_filtering(visitor_client):
    JobFactory(title="Gardener", level="senior")
    JobFactory(title="Apprentice", level="junior")

    response = visitor_client.get(f"{SEARCH}?region=nope&level=senior")

    assert [job.title for job in response.context["page"].jobs] == ["Gardener"]
    assert f'href="{ALERT}?level=senior"' in text_of(response)


def test_of_hundreds_of_unknown_filters_five_are_named(visitor_client):
    page = text_of(visitor_client.get(f"{SEARCH}?{'&'.join(f'region=nope{n}' for n in range(300))}"))

    assert page.count("<bdi>“nope") == 5
    assert "and more that nothing is called. Those filters are left out." in page


def test_what_is_known_in_any_spelling_that_the_search_reads_is_not_told():
    company = CompanyFactory(name="Acme")
    query = {"country": ["de", " FR ", ""], "level": "senior", "category": "dev", "company": company.slug, "q": "nope"}

    assert unknown_filters(query) == []


def test_a_search_without_its_unknown_filters_keeps_the_rest():
    query = {"region": ["nope", "germany"], "country": ["de", "xx"], "company": "nope"}

    unknown = unknown_filters(query)

    assert unknown == [("region", "nope"), ("country", "xx"), ("company", "nope")]
    assert without_unknown(JobSearch.from_query(query), unknown).query_string() == "region=germany&country=DE"
    assert UnknownFilter("type", "x").noun == "employment type"


@pytest.mark.parametrize("client_name", ["visitor_client", "seeker_client"])
def test_the_alerts_form_says_what_it_leaves_out(client_name, request):
    page = text_of(request.getfixturevalue(client_name).get(f"{ALERT}?q=python&region=nope&level=nope"))

    assert "There is no region <bdi>“nope”</bdi>, and no level <bdi>“nope”</bdi>. Those filters are left out." in page
    assert 'value="nope"' not in page


@pytest.mark.parametrize("name", ["region", "level", "country"])
def test_an_alert_that_asks_for_what_nothing_is_called_is_refused(seeker, seeker_client, name):
    form = {"q": "python", "rhythm": "daily", "hour": "8", "weekday": "0", name: "nope"}

    page = text_of(seeker_client.post(ALERT, form))

    assert f"There is no {name} “nope”: take it out, or no job can fit." in page
    assert seeker.alerts.count() == 0
