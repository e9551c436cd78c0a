import pytest
from django.test import Client
from django.urls import reverse

from jobs.models import JobReport
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def report(client, job, **fields):
    return client.post(reverse("jobs:report", args=[job.pk]), {"reason": "fake", "text": "", **fields})


def test_a_visitor_reports_a_job_and_is_thanked(visitor_client):
    job = JobFactory()

    response = visitor_client.post(
        reverse("jobs:report", args=[job.pk]), {"reason": "money", "text": "They want 50 €."}, follow=True
    )

    kept = JobReport.objects.get()
    assert (kept.job, kept.reason, kept.text, kept.user) == (job, "money", "They want 50 €.", None)
    assert response.redirect_chain == [(job.get_absolute_url(), 302)]
    assert b"Thank you. We will look at this job." in response.content


def test_a_report_without_a_reason_is_asked_again_with_the_text_kept(visitor_client):
    job = JobFactory()

    response = report(visitor_client, job, reason="", text="They want money.")

    assert response.context["form"].errors == {"reason": ["Choose what is wrong with the job."]}
    assert "They want money.</textarea>" in response.content.decode()
    assert JobReport.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [{"reason": "nonsense"}, {"text": "x" * 2001}, {"reason": []}],
)
def test_bad_input_is_an_error_at_its_field(visitor_client, fields):
    response = report(visitor_client, JobFactory(), **fields)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [list(fields)[-1]]


def test_one_visitor_counts_once_however_often_they_report(visitor_client):
    job = JobFactory()

    for _ in range(4):
        report(visitor_client, job)

    job.refresh_from_db()
    assert (JobReport.objects.count(), job.hidden_at) == (1, None)


def test_three_visitors_hide_the_job(visitor_client):
    job = JobFactory()

    for n in (1, 2, 3):
        report(Client(REMOTE_ADDR=f"192.0.2.{n}"), job)

    assert b"being checked" in visitor_client.get(job.get_absolute_url()).content
    assert visitor_client.get(reverse("jobs:search")).context["page"].total == 0


def test_addresses_of_one_household_are_one_reporter():
    job = JobFactory()

    for end in ("1", "2", "ffff"):
        report(Client(REMOTE_ADDR=f"2001:db8:1:2::{end}"), job)

    assert JobReport.objects.count() == 1


def test_the_eleventh_report_of_a_day_is_put_off_with_the_text_kept(visitor_client):
    jobs = JobFactory.create_batch(11)

    answers = [report(visitor_client, job, text="I looked at it.") for job in jobs]

    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert b"I looked at it." in answers[-1].content
    assert JobReport.objects.count() == 10


def test_a_draft_can_not_be_reported(visitor_client):
    assert report(visitor_client, JobFactory(published_at=None)).status_code == 404
