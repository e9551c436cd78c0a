"""'Less like this' under each job of a mail."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.exclusions import excluding, exclusions
from alerts.models import Alert, Search
from jobs.search import JobSearch
from tests.factories import CompanyFactory, JobFactory


@pytest.fixture
def alert(seeker):
    search = Search.objects.keep(JobSearch(keywords="baker"))
    timing = {"rhythm": "daily", "hour": 8, "weekday": 0, "at": timezone.now()}
    return Alert.objects.keep(seeker, search=search, name="Bread", **timing)


@pytest.fixture
def bakers(db):
    crust = CompanyFactory(name="Crust")
    return [JobFactory(title="Night Baker", company=crust), *JobFactory.create_batch(4, title="Baker")]


def proposed(search, job) -> list[tuple[str, str, int]]:
    return [(one.label, one.query_string, one.count) for one in exclusions(search, job, timezone.now())]


def test_the_company_and_words_of_the_title_are_proposed_with_what_would_be_left(bakers):
    assert proposed(JobSearch(keywords="baker"), bakers[0]) == [
        ("Without Crust", "q=baker&not_company=crust", 4),
        ("Without the word “night”", "q=baker+-night", 4),
    ]


def test_what_is_left_out_already_or_would_leave_nothing_is_not_proposed(bakers):
    assert proposed(JobSearch(keywords="night baker", companies=("crust",)), bakers[0]) == []
    assert proposed(JobSearch(companies_out=("crust",), keywords="baker -night"), bakers[0]) == []


@pytest.mark.parametrize(
    ("keywords", "with_exclusion"),
    [
        ("baker", "baker -senior"),
        ("", "-senior"),
        ("baker or cook", "baker -senior or cook -senior"),
        ('"trick or treat" OR cook', '"trick or treat" -senior or cook -senior'),
    ],
)
def test_a_word_is_left_out_of_each_alternative(keywords, with_exclusion):
    assert excluding(keywords, "senior") == with_exclusion


def test_the_form_opens_with_the_company_left_out_and_the_new_count_and_changes_nothing(seeker_client, alert, bakers):
    page = seeker_client.get(reverse("alerts:less", args=[alert.pk, bakers[0].pk])).content.decode()

    alert.refresh_from_db()
    assert re.search(r'name="not_company" value="crust" checked', page)
    assert "<b>4</b> open jobs of the last 30 days fit" in page
    assert '<bdi>Without Crust</bdi> <span class="soft">4</span>' in page
    assert alert.search.query_string == "q=baker"


def test_keeping_the_proposal_changes_the_alert(seeker_client, alert, bakers):
    timing = {"rhythm": "daily", "hour": "8", "weekday": "0", "name": "Bread"}

    seeker_client.post(alert.get_absolute_url(), {"q": "baker", "not_company": "crust", **timing})

    alert.refresh_from_db()
    assert alert.search.query_string == "q=baker&not_company=crust"


def test_another_choice_is_a_link_to_the_same_page(seeker_client, alert, bakers):
    here = reverse("alerts:less", args=[alert.pk, bakers[0].pk])

    page = seeker_client.get(f"{here}?q=baker+-night").content.decode()

    assert 'value="baker -night"' in page
    assert f'href="{here}?q=baker+-night" aria-current="true"' in page


def test_a_visitor_logs_in_first_and_comes_back(visitor_client, alert, bakers):
    here = reverse("alerts:less", args=[alert.pk, bakers[0].pk])

    response = visitor_client.get(here)

    assert response.url == f"{reverse('account_login')}?next={here}"
