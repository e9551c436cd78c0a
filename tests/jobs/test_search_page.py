import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.search import JobSearch
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db

SEARCH = "/jobs/"


def titles(response) -> list[str]:
    return [job.title for job in response.context["page"].jobs]


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_all_open_jobs_are_listed_newest_first(visitor_client):
    JobFactory(title="Older", published_at=timezone.now() - timedelta(days=2))
    JobFactory(title="Newer")
    JobFactory(title="Draft", published_at=None)
    JobFactory(title="Closed", closed=True)

    response = visitor_client.get(SEARCH)

    assert titles(response) == ["Newer", "Older"]
    assert "<b>2</b> jobs</p>" in text_of(response)


def test_keyword_place_and_filters_come_from_the_address(visitor_client):
    JobFactory(title="Data engineer", regions=["germany"], level="senior")
    JobFactory(title="Data engineer in Spain", regions=["spain"], level="senior")
    JobFactory(title="Junior data engineer", regions=["germany"], level="junior")

    response = visitor_client.get(SEARCH, {"q": "data", "region": "germany", "level": "senior"})

    page = text_of(response)
    assert titles(response) == ["Data engineer"]
    assert 'name="q" value="data"' in page
    assert '<option value="germany" selected>Germany</option>' in page
    assert re.search(
        r'<input type="checkbox" id="level-senior" name="level" value="senior" form="search" checked>', page
    )


def test_each_condition_has_a_chip_that_removes_it_alone(visitor_client):
    response = visitor_client.get(SEARCH, {"q": "data", "region": "germany", "level": "senior"})

    chips = [(criterion.label, criterion.search.query_string()) for criterion in response.context["criteria"]]
    assert chips == [
        ("“data”", "region=germany&level=senior"),
        ("Germany", "q=data&level=senior"),
        ("Senior", "q=data&region=germany"),
    ]
    assert "Clear all" in text_of(response)


def test_counts_of_a_filter_ignore_the_filter_itself(visitor_client):
    JobFactory(level="senior")
    JobFactory.create_batch(2, level="junior")

    response = visitor_client.get(SEARCH, {"level": "senior"})

    facets = {facet.name: facet for facet in response.context["facets"]}
    assert {value.value: value.count for value in facets["level"].values} == {"senior": 1, "junior": 2}


def test_the_canonical_address_leaves_out_what_is_empty_default_or_unknown(visitor_client, settings):
    settings.SITE_URL = "https://board.test"

    page = text_of(
        visitor_client.get(SEARCH, {"q": "", "sort": "newest", "page": "2", "utm_source": "x", "level": "lead"})
    )

    assert '<link rel="canonical" href="https://board.test/jobs/?level=lead">' in page


@pytest.mark.parametrize(
    ("query", "indexed"),
    [
        ({}, True),
        ({"category": "dev"}, True),
        ({"category": "dev", "region": "germany"}, False),
        ({"q": "engineer"}, False),
        ({"sort": "pay"}, False),
        ({"category": "legal"}, False),
    ],
)
def test_search_engines_are_asked_for_lists_of_one_filter_at_most_that_hold_something(visitor_client, query, indexed):
    JobFactory(category="dev", regions=["germany"])

    response = visitor_client.get(SEARCH, query)

    assert ('<meta name="robots" content="noindex, follow">' not in text_of(response)) is indexed


def test_the_pages_hold_every_job_once(visitor_client):
    jobs = JobFactory.create_batch(45)

    seen, address = [], SEARCH
    while address:
        response = visitor_client.get(address)
        seen += response.context["page"].jobs
        address = response.context["more"]

    assert sorted(job.pk for job in seen) == [job.pk for job in jobs]


def test_the_next_page_keeps_the_search(visitor_client):
    JobFactory.create_batch(21, level="senior")

    response = visitor_client.get(SEARCH, {"level": "senior"})

    assert response.context["more"].startswith("/jobs/?level=senior&cursor=")


@pytest.mark.parametrize(
    ("jobs", "first", "second"),
    [(20, None, None), (21, "The last job", None), (40, "The last 20 jobs", None), (41, "Next 20 jobs", "Next jobs")],
)
def test_the_way_to_more_says_how_many_more_there_are(visitor_client, jobs, first, second):
    company = CompanyFactory()
    JobFactory.create_batch(jobs, company=company)

    for address in (SEARCH, company.get_absolute_url()):
        page = visitor_client.get(address)
        after = visitor_client.get(f"{address}?cursor={page.context['page'].next_cursor}")

        assert (way_on(page), way_on(after)) == (first, second)
        assert ("Back to the first jobs" in text_of(page), "Back to the first jobs" in text_of(after)) == (
            False,
            first is not None,
        )


def way_on(response) -> str | None:
    found = re.search(r'<nav class="pager".*?<a [^>]*>([^<]*)</a>', text_of(response))
    return found and found[1]


def test_the_alert_beside_the_count_keeps_this_search(visitor_client):
    page = text_of(visitor_client.get(SEARCH, {"q": "data", "region": "germany", "sort": "pay", "posted": "7"}))

    assert page.count(f'href="{reverse("alerts:new")}?q=data&amp;region=germany"') == 3


def test_an_empty_result_says_what_to_give_up_and_offers_the_alert(visitor_client):
    JobFactory.create_batch(3, level="senior", regions=["spain"])

    response = visitor_client.get(SEARCH, {"level": "senior", "region": "germany"})

    page = text_of(response)
    assert "Without <bdi>Germany</bdi>: 3 jobs" in page
    assert 'href="/jobs/?level=senior"' in page
    assert "Keep as alert" in page


def test_a_company_is_found_by_its_name_in_any_spelling(visitor_client):
    company = CompanyFactory(name="Ärzte GmbH")
    JobFactory(company=company)

    response = visitor_client.get(SEARCH, {"company_name": "ARZTE  gmbh", "level": "senior"})

    assert response.url == f"/jobs/?level=senior&company={company.slug}"


def test_a_company_is_searched_for_beside_a_filter_with_a_mistake(visitor_client):
    JobFactory(title="Nurse", company=CompanyFactory(name="Acme"))
    JobFactory(title="Cook")

    response = visitor_client.get(SEARCH, {"company_name": "acme", "pay": "lots"})

    assert [job.title for job in response.context["page"].jobs] == ["Nurse"]
    assert "The pay <bdi>“lots”</bdi> is left out." in text_of(response)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("pay", "NaN", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "Infinity", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "-0", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "1e400", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "1.200k", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "lots", "Enter a whole amount, such as 60000 or 60k."),
        ("pay_currency", "XXL", "Choose one from the list."),
        ("pay_period", "eon", "Choose one from the list."),
        ("posted", "-3", "Choose one from the list."),
        ("company_name", "Nobody Ltd", "No company of this name has jobs here. Use the whole name."),
        ("q", "x" * 201, "Search for 200 characters at most; this has 201."),
    ],
)
def test_bad_input_is_told_beside_its_field_with_what_was_typed(visitor_client, name, value, error):
    JobFactory()

    response = visitor_client.get(SEARCH, {name: value})

    assert response.status_code == 200
    assert response.context["form"].errors == {name: [error]}
    assert f'aria-describedby="id_{name}_error"' in text_of(response)
    if name != "q":
        said = text_of(response)[text_of(response).index('id="results"') :]
        assert f'<bdi>“{value}”</bdi> is left out. <a href="#id_{name}">{error}</a></p>' in said
    if name in ("pay", "company_name"):
        assert f'name="{name}" value="{value}"' in text_of(response)


# Of pesos no rate is known.
@pytest.mark.parametrize("currency", ["COP", "XXL"])
def test_pay_that_can_not_be_compared_is_left_out_of_chips_results_and_alerts_alike(visitor_client, currency):
    JobFactory(title="Nurse")
    query = {"q": "nurse", "pay": "60k", "pay_currency": currency}

    response = visitor_client.get(SEARCH, query)

    assert [criterion.label for criterion in response.context["criteria"]] == ["“nurse”"]
    assert [job.title for job in response.context["page"].jobs] == ["Nurse"]
    assert f"The pay in the currency <bdi>“{currency}”</bdi> is left out." in text_of(response)
    assert response.context["alert_query"] == response.context["feed_query"] == "q=nurse"


def test_a_feed_and_an_alert_leave_out_pay_that_can_not_be_compared(visitor_client):
    query = {"q": "nurse", "pay": "60k", "pay_currency": "COP"}

    feed = text_of(visitor_client.get(reverse("jobs:feed"), query))
    alert = visitor_client.get(reverse("alerts:new"), query)

    assert ("“nurse”</title>" in feed, "COP" in feed) == (True, False)
    assert alert.context["search"] == JobSearch(keywords="nurse")


def test_an_empty_page_says_which_filters_to_give_up_together(visitor_client):
    JobFactory(category="legal", level="senior", workplace="onsite")

    page = text_of(visitor_client.get(SEARCH, {"category": "legal", "level": "intern", "workplace": "remote"}))

    assert "No single filter stands in the way. Give two up and there are some:" in page
    assert 'href="/jobs/?category=legal" data-swap rel="nofollow"><span>Without <bdi>Intern</bdi>' in page
    assert "<bdi>Intern</bdi> and <bdi>Remote</bdi>: 1 job</span>" in page


def test_an_empty_page_says_that_a_company_is_left_out(visitor_client):
    job = JobFactory(title="Cook")

    page = text_of(visitor_client.get(SEARCH, {"q": "cook", "not_company": job.company.slug}))

    assert f"Without <bdi>leaving out {job.company}</bdi>: 1 job" in page


def test_an_empty_page_offers_to_keep_the_words_alone(visitor_client):
    JobFactory(title="Cook", category="dev", level="junior", workplace="onsite")
    filters = {"category": "legal", "level": "intern", "workplace": "remote"}

    page = text_of(visitor_client.get(SEARCH, {"q": "cook", **filters}))

    assert "Your words alone find some:" in page
    assert 'href="/jobs/?q=cook" data-swap rel="nofollow"><span>Clear all filters: 1 job</span>' in page


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ({"q": "glassblower", "level": "intern"}, "Try fewer or other words, or"),
        ({"level": "intern", "category": "legal"}, "Try fewer or other filters, or"),
        ({}, "No job is open at the moment."),
    ],
)
def test_an_empty_page_speaks_of_what_was_asked_for(visitor_client, query, advice):
    assert advice in text_of(visitor_client.get(SEARCH, query))


def test_half_of_too_many_words_is_neither_searched_nor_offered_as_an_alert(visitor_client):
    job = JobFactory(title="Beekeeper")

    page = text_of(visitor_client.get(SEARCH, {"q": "welder " * 30}))

    assert "Your words are too long to search for. So you see all jobs." in page
    assert f'data-job="{job.pk}"' in page
    assert 'id="keep" data-part hidden' in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%ED%A0%80",
        "q=a+%26+%7C+!+(+%3C-%3E",
        "q=%25%25%25___",
        "q=" + "%F0%9F%A6%84" * 200,
        "q=%E2%80%AEgnp.exe",
        "q='%22%5C;--",
        "q=-",
        "q=%22%22",
        "page=-1",
        "page=1e3&page=%EF%BC%91",
        "filter[company__owner__email__startswith]=a",
        "company__owner=1&pk__in=1",
        "region=../../etc/passwd",
        "category=%00&level=%ED%A0%80&country=%00",
        "posted=99999999999999999999",
        "pay=99999999999999999999&pay_currency=JPY",
        "lat=91&lon=181&radius=-5",
        "&".join(["region=germany"] * 900),
        "sort=drop+table",
    ],
)
def test_no_query_string_breaks_the_page(visitor_client, query):
    JobFactory()

    assert visitor_client.get(f"{SEARCH}?{query}").status_code == 200
    assert visitor_client.get(f"{reverse('jobs:feed')}?{query}").status_code == 200


def test_too_many_parameters_are_a_bad_request(visitor_client):
    assert visitor_client.get(SEARCH + "?" + "&".join(f"a{n}=1" for n in range(1001))).status_code == 400


@pytest.mark.parametrize("cursor", ["AAAA", "x", "\x00", "é", "bmV3ZXN0LjEuMS4x" * 30])
def test_a_cursor_that_is_none_leads_to_the_first_page_of_the_same_search(visitor_client, cursor):
    company = CompanyFactory(name="Acme")

    searched = visitor_client.get(SEARCH, {"q": "data", "pay": "abc", "cursor": cursor})
    listed = visitor_client.get(SEARCH, {"cursor": cursor})
    of_a_company = visitor_client.get(company.get_absolute_url(), {"cursor": cursor})

    assert (searched.status_code, searched["Location"]) == (302, "/jobs/?q=data&pay=abc")
    assert (listed.status_code, listed["Location"]) == (302, "/jobs/")
    assert (of_a_company.status_code, of_a_company["Location"]) == (302, "/companies/acme/")


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "{{7*7}}{% debug %}${7*7}", '"><img src=x onerror=alert(1)>']
)
def test_what_was_searched_is_printed_as_text(visitor_client, words):
    page = visitor_client.get(SEARCH, {"q": words}).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in re.sub(r"<option.*?</option>", "", page)


def test_no_link_follows_a_forged_host(visitor_client, settings):
    settings.SITE_URL = "https://board.test"
    JobFactory()

    page = text_of(
        visitor_client.get(SEARCH, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    )

    assert "evil.example" not in page


def test_the_page_asks_as_many_questions_with_three_jobs_as_with_thirty(seeker_client, django_assert_max_num_queries):
    query = {"level": "senior", "sort": "pay"}
    JobFactory.create_batch(3, regions=["germany"])
    seeker_client.get(SEARCH, query)
    with django_assert_max_num_queries(8) as few:
        seeker_client.get(SEARCH, query)

    JobFactory.create_batch(27, regions=["germany"])

    with django_assert_max_num_queries(len(few.captured_queries)):
        seeker_client.get(SEARCH, query)


def test_home_shows_the_newest_jobs_and_true_counts(visitor_client):
    JobFactory.create_batch(9, category="dev")
    JobFactory(category="legal", title="Counsel")
    JobFactory(category="legal", closed=True)

    response = visitor_client.get("/")

    page = text_of(response)
    assert len(response.context["page"].jobs) == 8
    assert "10 open jobs" in page
    assert 'href="/jobs/?category=dev">Programming<span class="facet__count">9</span>' in page
    assert 'href="/jobs/?category=legal">Legal<span class="facet__count">1</span>' in page


def test_home_of_an_empty_board_leads_on(visitor_client):
    response = visitor_client.get("/")

    assert response.status_code == 200
    assert "No job is open yet" in text_of(response)


def test_home_asks_few_questions_however_many_jobs_there_are(visitor_client, django_assert_max_num_queries):
    JobFactory.create_batch(30, regions=["germany"])

    with django_assert_max_num_queries(5):
        visitor_client.get("/")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"q": "the"}, "So you see all jobs."),
        ({"q": "the", "level": "senior"}, "So you see all jobs that fit your filters."),
    ],
)
def test_a_word_that_is_too_common_is_said_to_be_left_out(visitor_client, query, shown):
    JobFactory(title="Other nurse", level="senior")

    response = visitor_client.get(SEARCH, query)

    page = text_of(response)
    assert titles(response) == ["Other nurse"]
    assert f"“the” is too common a word to look for.</bdi> {shown}" in page
    assert 'name="q" value="the"' in page


def test_a_word_that_is_searched_for_is_not_said_to_be_left_out(visitor_client):
    page = text_of(visitor_client.get(SEARCH, {"q": "the nurse"}))

    assert "too common" not in page
