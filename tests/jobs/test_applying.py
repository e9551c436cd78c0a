from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import Application, ApplyClick, Job
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

MID_HOUR = timezone.now().replace(minute=20)


def apply(client, job, **extra):
    return client.post(reverse("jobs:apply", args=[job.pk]), **extra)


def test_a_visitor_is_led_to_the_address_of_the_advert(visitor_client):
    job = JobFactory(apply_url="https://careers.acme.test/apply?job=7&lang=de#form")

    response = apply(visitor_client, job)

    assert (response.status_code, response["Location"]) == (303, "https://careers.acme.test/apply?job=7&lang=de#form")


def test_no_parameter_changes_where_one_is_led(visitor_client):
    job = JobFactory()
    evil = {"url": "https://evil.example", "next": "https://evil.example", "apply_url": "https://evil.example"}

    by_form = visitor_client.post(reverse("jobs:apply", args=[job.pk]), evil)
    by_query = visitor_client.post(f"{reverse('jobs:apply', args=[job.pk])}?url=https://evil.example")

    assert {by_form["Location"], by_query["Location"]} == {job.apply_url}


def test_looking_at_the_address_applies_for_nothing(visitor_client):
    assert visitor_client.get(reverse("jobs:apply", args=[JobFactory().pk])).status_code == 405
    assert ApplyClick.objects.count() == 0


def test_an_email_advert_answers_with_a_page_that_opens_the_mail_program(visitor_client):
    job = JobFactory(title="R&D: 50% “lead”?", apply_email="jobs+rd@acme.test")

    response = apply(visitor_client, job)

    assert response.status_code == 200
    assert response.context["mailto"] == (
        "mailto:jobs%2Brd@acme.test?subject=Application%3A%20R%26D%3A%2050%25%20%E2%80%9Clead%E2%80%9D%3F"
    )


def test_the_address_to_write_to_is_not_on_the_job_page(visitor_client):
    job = JobFactory(apply_email="jobs@acme.test")

    assert b"jobs@acme.test" not in visitor_client.get(job.get_absolute_url()).content


@pytest.mark.parametrize("fields", [{"closed": True}, {"hidden_at": timezone.now()}])
def test_a_job_that_is_not_open_leads_to_its_page_and_counts_nothing(visitor_client, fields):
    job = JobFactory(**fields)

    response = apply(visitor_client, job)

    assert response.url == job.get_absolute_url()
    assert ApplyClick.objects.count() == 0


def test_a_draft_can_not_be_applied_for(visitor_client):
    assert apply(visitor_client, JobFactory(published_at=None)).status_code == 404


def test_a_thousand_clicks_of_one_visitor_in_an_hour_are_one_row(visitor_client):
    job = JobFactory()

    with time_machine.travel(MID_HOUR, tick=False):
        for _ in range(20):
            apply(visitor_client, job)

    click = ApplyClick.objects.get()
    assert click.hour_at == MID_HOUR.replace(minute=0, second=0, microsecond=0)
    assert Application.objects.count() == 0


def test_clicks_in_two_hours_and_of_two_visitors_are_counted_each(visitor_client):
    job = JobFactory()

    for at in (MID_HOUR, MID_HOUR + timedelta(hours=1)):
        with time_machine.travel(at):
            apply(visitor_client, job)
            apply(Client(REMOTE_ADDR="192.0.2.9"), job)

    assert ApplyClick.objects.count() == 4


def test_no_address_is_kept_and_the_hash_of_tomorrow_is_another(visitor_client):
    job = JobFactory()

    for days in (0, 1):
        with time_machine.travel(MID_HOUR + timedelta(days=days)):
            apply(visitor_client, job)

    first, second = ApplyClick.objects.values_list("visitor", flat=True)
    assert first != second
    assert "127.0.0.1" not in first + second


def test_a_forged_forwarding_header_makes_nobody_a_new_visitor(visitor_client):
    job = JobFactory()

    for n in range(3):
        apply(visitor_client, job, headers={"X-Forwarded-For": f"198.51.100.{n}"})

    assert ApplyClick.objects.count() == 1


def test_behind_a_proxy_of_ours_its_word_counts_and_what_stands_before_it_does_not(visitor_client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    job = JobFactory()

    for n in range(3):
        apply(visitor_client, job, headers={"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.5"})
    apply(visitor_client, job, headers={"X-Forwarded-For": "203.0.113.6"})

    assert ApplyClick.objects.count() == 2


def test_what_a_seeker_applied_for_is_known_to_them(seeker, seeker_client):
    job = JobFactory()

    apply(seeker_client, job)

    assert Application.objects.get().user == seeker
    assert b"You went on to apply" in seeker_client.get(job.get_absolute_url()).content


def test_applying_has_no_limit_and_needs_no_account(visitor_client):
    jobs = JobFactory.create_batch(30)

    assert {apply(visitor_client, job).status_code for job in jobs} == {303}


def test_a_form_of_another_site_can_not_apply():
    job = JobFactory()

    response = Client(enforce_csrf_checks=True).post(reverse("jobs:apply", args=[job.pk]))

    assert response.status_code == 403


def test_only_the_page_with_the_apply_form_lets_a_form_leave_the_site(visitor_client):
    job, by_mail = JobFactory(), JobFactory(apply_email="jobs@acme.test")

    policies = [visitor_client.get(page)["Content-Security-Policy"] for page in pages_of(job, by_mail)]

    assert ["form-action 'self' https: http:" in policy for policy in policies] == [True, False, False]


def pages_of(job, by_mail):
    return [job.get_absolute_url(), by_mail.get_absolute_url(), reverse("jobs:search")]


def test_deleting_an_account_keeps_the_count_without_the_person(seeker, seeker_client):
    job = JobFactory()
    apply(seeker_client, job)

    seeker.delete()

    assert (ApplyClick.objects.count(), Application.objects.count()) == (1, 0)
    assert Job.objects.get() == job
