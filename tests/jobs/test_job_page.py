from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, JobMark
from jobs.previews import preview_address
from tests.factories import CompanyFactory, JobFactory, UserFactory

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_an_open_job_says_what_the_advert_states(visitor_client):
    job = JobFactory(
        title="Data engineer",
        company__name="Acme",
        pay_min=9_500_000,
        pay_max=12_000_000,
        pay_currency="USD",
        pay_period="year",
    )

    response = visitor_client.get(job.get_absolute_url())

    page = text_of(response)
    assert response.status_code == 200
    assert '<h1 dir="auto">Data engineer</h1>' in page
    assert "$95,000–120,000 a year" in page
    assert "You may apply from Germany." in page
    assert "Apply now" in page


def test_a_job_without_pay_says_so(visitor_client):
    page = text_of(visitor_client.get(JobFactory().get_absolute_url()))

    assert "<dt>Pay</dt><dd> Pay not stated" in page


def test_another_slug_leads_to_the_right_one_for_good(visitor_client):
    job = JobFactory()

    response = visitor_client.get(reverse("jobs:job", args=[job.pk, "quite-another"]))

    assert (response.status_code, response.url) == (301, job.get_absolute_url())


def test_the_bare_number_leads_to_the_job(visitor_client):
    job = JobFactory()

    response = visitor_client.get(f"/jobs/{job.pk}/")

    assert (response.status_code, response.url) == (301, job.get_absolute_url())


@pytest.mark.parametrize("number", ["0", "9223372036854775807", "9223372036854775808", "9" * 400])
def test_a_number_no_job_has_is_not_found(visitor_client, number):
    assert visitor_client.get(f"/jobs/{number}/").status_code == 404
    assert visitor_client.get(f"/jobs/{number}/title/").status_code == 404
    assert visitor_client.post(f"/jobs/{number}/application/").status_code == 404


def test_a_title_that_is_a_word_of_our_addresses_keeps_its_own_page(visitor_client):
    job = JobFactory(title="Report")

    response = visitor_client.get(job.get_absolute_url())

    assert (job.slug, response.status_code) == ("report-job", 200)


@pytest.mark.parametrize("published_at", [None, timezone.now() + timedelta(days=2)])
def test_a_draft_answers_as_if_it_had_never_existed(visitor_client, published_at):
    draft = JobFactory(published_at=published_at)

    of_draft = visitor_client.get(f"/jobs/{draft.pk}/{draft.slug}/")
    of_nothing = visitor_client.get(f"/jobs/{draft.pk + 1000}/{draft.slug}/")

    assert (of_draft.status_code, of_nothing.status_code) == (404, 404)
    assert of_draft.content == of_nothing.content


def test_staff_see_a_draft_by_its_signed_address_for_a_day(visitor_client):
    draft = JobFactory(published_at=None, title="Secret role")
    address = preview_address(draft)

    response = visitor_client.get(address)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        later = visitor_client.get(address)

    assert (response.status_code, later.status_code) == (200, 404)
    assert "Secret role" in text_of(response)
    assert "application/ld+json" not in text_of(response)
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_preview_of_one_job_shows_no_other(visitor_client):
    draft, other = JobFactory.create_batch(2, published_at=None)
    token = preview_address(other).split("=")[1]

    response = visitor_client.get(f"{draft.get_absolute_url()}?preview={token}")

    assert response.status_code == 404


def test_a_closed_job_offers_similar_ones_and_no_way_to_apply(visitor_client):
    job, similar = JobFactory.create_batch(2, title="Backend engineer")
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    response = visitor_client.get(job.get_absolute_url())

    page = text_of(response)
    assert response.status_code == 200
    assert "This job is closed" in page
    assert similar.get_absolute_url() in page
    assert reverse("alerts:new") in page
    assert reverse("jobs:apply", args=[job.pk]) not in page
    assert "application/ld+json" not in page
    assert '<meta name="robots" content="noindex">' in page


def test_a_job_past_its_last_day_is_closed_before_anybody_marks_it(visitor_client):
    job = JobFactory(expires_at=timezone.now() - timedelta(minutes=1))

    assert "This job is closed" in text_of(visitor_client.get(job.get_absolute_url()))


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 410)])
def test_a_closed_job_is_gone_after_thirty_days(visitor_client, days, status):
    job, similar = JobFactory.create_batch(2, title="Backend engineer")
    job.close(by=None, at=timezone.now() - timedelta(days=days), reason=Job.CloseReason.FILLED)

    response = visitor_client.get(job.get_absolute_url())

    assert response.status_code == status
    assert similar.get_absolute_url() in text_of(response)


def test_a_job_hidden_by_reports_says_only_that_it_is_being_checked(visitor_client):
    job = JobFactory(description_raw="<p>Send us a hundred dollars.</p>")
    job.hide(at=timezone.now())

    page = text_of(visitor_client.get(job.get_absolute_url()))

    assert "This job is being checked" in page
    assert "hundred dollars" not in page
    assert "closed" not in page.lower()
    assert "application/ld+json" not in page


def test_an_unverified_company_is_named_with_the_host_one_is_led_to(visitor_client):
    job = JobFactory(apply_url="https://apply.acme.test/7")
    verified = JobFactory(company=CompanyFactory(verified_at=timezone.now()))

    assert "You’ll continue at <b>apply.acme.test</b>" in visitor_client.get(job.get_absolute_url()).content.decode()
    assert "haven’t verified" not in text_of(visitor_client.get(verified.get_absolute_url()))


def test_the_alert_offered_has_the_role_and_the_place_only(visitor_client):
    job = JobFactory(title="Senior Data Engineer (m/f/d) - Payments", level="senior", regions=["germany"])

    page = visitor_client.get(job.get_absolute_url()).content.decode()

    assert f"{reverse('alerts:new')}?q=data+engineer&amp;region=germany" in page


def test_the_job_page_knows_whether_its_reader_saved_it(seeker, seeker_client):
    job = JobFactory()
    JobMark.objects.keep(user=seeker, job=job, at=timezone.now())

    page = text_of(seeker_client.get(job.get_absolute_url()))

    assert reverse("jobs:unsave", args=[job.pk]) in page
    assert f'action="{reverse("jobs:save", args=[job.pk])}"' not in page


def test_the_job_page_asks_the_same_few_questions_with_three_and_thirty_similar_jobs(
    seeker_client, django_assert_max_num_queries
):
    job, *_ = JobFactory.create_batch(4, title="Backend engineer")
    seeker_client.get(job.get_absolute_url())
    with django_assert_max_num_queries(12) as few:
        seeker_client.get(job.get_absolute_url())

    JobFactory.create_batch(27, title="Backend engineer")

    with django_assert_max_num_queries(len(few.captured_queries)):
        seeker_client.get(job.get_absolute_url())


def test_only_reading_is_answered(visitor_client):
    assert visitor_client.post(JobFactory().get_absolute_url()).status_code == 405


def test_a_stranger_learns_nothing_of_what_another_saved(stranger_client):
    job = JobFactory()
    JobMark.objects.create(user=UserFactory(), job=job)

    assert reverse("jobs:save", args=[job.pk]) in text_of(stranger_client.get(job.get_absolute_url()))
