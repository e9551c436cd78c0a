import json
import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs.structured_data import job_posting
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def told_by(client, job) -> dict[str, dict]:
    page = client.get(job.get_absolute_url()).content.decode()
    found = [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)]
    return {data["@type"]: data for data in found}


def test_a_remote_job_is_told_in_full(visitor_client):
    job = JobFactory(
        title="Data engineer",
        company=CompanyFactory(name="Acme", website="https://acme.test/"),
        countries=["AT", "DE"],
        employment_types=["full-time", "contract"],
        pay_min=9_500_000,
        pay_max=12_050_050,
        pay_currency="EUR",
        pay_period="year",
        expires_at=NOW + timedelta(days=9),
    )

    posting = told_by(visitor_client, job)["JobPosting"]

    assert posting == {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Data engineer",
        "description": "<p>You will build the service that our customers use every day.</p>",
        "datePosted": job.published_at.isoformat(),
        "validThrough": job.expires_at.isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": "Acme", "sameAs": "https://acme.test/"},
        "identifier": {"@type": "PropertyValue", "name": "Acme", "value": str(job.pk)},
        "jobLocationType": "TELECOMMUTE",
        "applicantLocationRequirements": [{"@type": "Country", "name": "AT"}, {"@type": "Country", "name": "DE"}],
        "employmentType": ["CONTRACTOR", "FULL_TIME"],
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "EUR",
            "value": {"@type": "QuantitativeValue", "unitText": "YEAR", "minValue": 95000, "maxValue": 120500.5},
        },
    }


def test_the_date_has_a_time_zone():
    posting = job_posting(JobFactory(), NOW)

    assert datetime.fromisoformat(posting["datePosted"]).tzinfo is not None


@pytest.mark.parametrize("workplace", ["hybrid", "onsite", ""])
def test_a_job_at_a_place_is_never_called_remote(workplace):
    posting = job_posting(JobFactory(workplace=workplace, location="Berlin", countries=["DE"]), NOW)

    assert "jobLocationType" not in posting
    assert posting["jobLocation"] == {
        "@type": "Place",
        "address": {"@type": "PostalAddress", "addressCountry": "DE", "addressLocality": "Berlin"},
    }


def test_a_job_at_a_place_of_which_the_country_would_be_guessed_is_not_told():
    assert job_posting(JobFactory(workplace="onsite", countries=["AT", "DE"]), NOW) is None
    assert job_posting(JobFactory(workplace="onsite", countries=[]), NOW) is None


def test_a_remote_job_that_names_no_country_is_not_told():
    assert job_posting(JobFactory(workplace="remote", countries=[], open_worldwide=True), NOW) is None


def test_a_job_whose_source_forbids_it_is_not_told(visitor_client):
    job = JobFactory(may_be_syndicated=False)

    assert list(told_by(visitor_client, job)) == ["BreadcrumbList"]


@pytest.mark.parametrize("text", ["", "<p>Backend engineer</p>", "<p> </p>"])
def test_a_job_that_says_no_more_than_its_title_is_not_told(text):
    assert job_posting(JobFactory(title="Backend engineer", description_raw=text), NOW) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"closed": True},
        {"expires_at": NOW - timedelta(days=1)},
        {"hidden_at": NOW},
        {"published_at": None},
        {"published_at": NOW + timedelta(days=1)},
    ],
)
def test_only_an_open_job_is_told(fields):
    assert job_posting(JobFactory(**fields), timezone.now()) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["full-time"], "FULL_TIME"),
        (["part-time"], "PART_TIME"),
        (["contract"], "CONTRACTOR"),
        (["freelance"], "CONTRACTOR"),
        (["contract", "freelance"], "CONTRACTOR"),
        (["internship"], "INTERN"),
        (["temporary"], "TEMPORARY"),
        (["full-time", "part-time"], ["FULL_TIME", "PART_TIME"]),
    ],
)
def test_employment_types_are_in_their_words(ours, theirs):
    assert job_posting(JobFactory(employment_types=ours), NOW)["employmentType"] == theirs


def test_what_the_advert_does_not_state_is_left_out():
    posting = job_posting(JobFactory(employment_types=[]), NOW)

    assert {"employmentType", "baseSalary", "validThrough", "directApply"} & set(posting) == set()


@pytest.mark.parametrize("period", ["hour", "day", "week", "month", "year"])
def test_pay_keeps_the_period_and_the_end_the_advert_states(period):
    job = JobFactory(pay_min=4550, pay_currency="USD", pay_period=period)

    assert job_posting(job, NOW)["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "unitText": period.upper(),
        "minValue": 45.5,
    }


def test_a_currency_without_minor_units_is_not_divided():
    job = JobFactory(pay_max=5_000_000, pay_currency="JPY", pay_period="year")

    assert job_posting(job, NOW)["baseSalary"]["value"]["maxValue"] == 5_000_000


def test_applying_is_called_direct_only_when_the_advert_gives_an_address_to_write_to():
    assert job_posting(JobFactory(apply_email="jobs@acme.test"), NOW)["directApply"] is True
    assert "directApply" not in job_posting(JobFactory(), NOW)


def test_the_breadcrumbs_are_those_of_the_page(visitor_client, settings):
    settings.SITE_URL = "https://board.test"
    job = JobFactory(title="Data engineer", category="dev")

    breadcrumbs = told_by(visitor_client, job)["BreadcrumbList"]

    assert breadcrumbs["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "name": "Jobs", "item": "https://board.test/jobs/"},
        {"@type": "ListItem", "position": 2, "name": "Programming", "item": "https://board.test/jobs/?category=dev"},
        {"@type": "ListItem", "position": 3, "name": "Data engineer"},
    ]


def test_no_text_of_an_advert_ends_the_script(visitor_client):
    attack = "</script><script>alert(1)</script><!-- & ]]>"
    job = JobFactory(title=attack, company__name=attack)

    response = visitor_client.get(job.get_absolute_url())

    assert b"<script>alert(1)" not in response.content
    assert told_by(visitor_client, job)["JobPosting"]["title"] == attack


def test_lists_tell_nothing_of_single_jobs(visitor_client):
    job = JobFactory()

    for address in ("/", "/jobs/", job.company.get_absolute_url()):
        assert b"ld+json" not in visitor_client.get(address).content
