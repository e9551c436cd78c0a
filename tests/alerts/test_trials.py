"""The button that sends a test of an alert."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import TransactionalMail
from alerts.models import Alert, DigestItem, Match, Search, Suppression
from jobs.search import JobSearch
from tests.factories import CompanyFactory, JobFactory


@pytest.fixture
def alert(seeker):
    search = Search.objects.keep(JobSearch(keywords="baker"))
    timing = {"rhythm": "daily", "hour": 8, "weekday": 0, "at": timezone.now()}
    return Alert.objects.keep(seeker, search=search, name="Bread", **timing)


def ask(client, alert) -> str:
    return client.post(reverse("alerts:test", args=[alert.pk]), follow=True).content.decode()


def test_a_test_mails_the_newest_open_jobs_and_promises_nothing(seeker, seeker_client, alert):
    JobFactory.create_batch(12, title="Baker", company=CompanyFactory(name="Crust"))
    JobFactory(title="Baker", closed=True)
    due = alert.next_due_at

    page = ask(seeker_client, alert)

    mail = TransactionalMail.objects.get()
    alert.refresh_from_db()
    assert "A test of Bread is on its way to seeker@example.com." in page
    assert (mail.to, mail.subject) == ("seeker@example.com", "Test: Crust is hiring: Baker – and 11 more")
    assert (mail.html.count('class="job"'), "This is the test that you asked for." in mail.text) == (10, True)
    assert "/alerts/opened/" not in mail.text
    assert (DigestItem.objects.count(), Match.objects.count(), alert.next_due_at) == (0, 0, due)


def test_a_paused_alert_can_be_tested_too(seeker_client, alert):
    JobFactory(title="Baker")
    alert.pause(timezone.now(), by="person")

    ask(seeker_client, alert)

    assert TransactionalMail.objects.count() == 1


def test_the_fourth_test_within_an_hour_is_refused(seeker_client, alert):
    JobFactory(title="Baker")

    pages = [ask(seeker_client, alert) for _ in range(4)]

    assert TransactionalMail.objects.count() == 3
    assert "Three tests an hour are the most." in pages[3]


def test_without_a_job_there_is_no_mail_and_the_page_says_why(seeker_client, alert):
    page = ask(seeker_client, alert)

    assert (TransactionalMail.objects.count(), "No open job fits Bread now" in page) == (0, True)


def test_no_test_goes_to_an_address_that_gets_no_alerts(seeker, seeker_client, alert):
    JobFactory(title="Baker")
    Suppression.objects.add(seeker.email, reason="complained", at=timezone.now())

    page = ask(seeker_client, alert)

    assert (TransactionalMail.objects.count(), "No alert goes to your address" in page) == (0, True)


def test_a_stranger_cannot_test_an_alert(stranger_client, alert):
    JobFactory(title="Baker")

    response = stranger_client.post(reverse("alerts:test", args=[alert.pk]))

    assert (response.status_code, TransactionalMail.objects.count()) == (404, 0)
