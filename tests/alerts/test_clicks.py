"""Links of a mail: counted when a person opens one, and leading nowhere but to the job's page here."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.clicks import opening_url
from alerts.housekeeping import keep_house
from alerts.models import Click, Digest, DigestItem
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from tests.alerts.conftest import find
from tests.factories import JobFactory

BY_A_PERSON = {"Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def mailed(seeker, keep):
    """An alert, a job that it has mailed, and the path of the mail's link."""
    alert, job = keep(seeker, rhythm=Rhythm.INSTANT), JobFactory()
    find(alert, job)
    plan_digests(timezone.now())
    return alert, job, path(Digest.objects.get().pk, job)


def path(digest_id, job) -> str:
    return opening_url(digest_id, job).removeprefix("http://localhost:8000")


def test_a_click_is_counted_once_without_login_and_leads_to_the_job(visitor_client, mailed):
    alert, job, link = mailed

    answers = [visitor_client.get(link, headers=BY_A_PERSON) for _ in range(2)]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, job.get_absolute_url())] * 2
    assert list(Click.objects.values_list("alert", "job")) == [(alert.pk, job.pk)]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Mode": "no-cors"}, BY_A_PERSON | {"Sec-Purpose": "prefetch"}, BY_A_PERSON | {"Purpose": "x"}],
)
def test_a_program_that_follows_the_links_of_a_mail_is_led_there_and_not_counted(visitor_client, mailed, headers):
    answer = visitor_client.get(mailed[2], headers=headers)

    assert (answer.url, Click.objects.count()) == (mailed[1].get_absolute_url(), 0)


def test_looking_at_the_head_counts_nothing(visitor_client, mailed):
    answer = visitor_client.head(mailed[2], headers=BY_A_PERSON)

    assert (answer.status_code, Click.objects.count()) == (302, 0)


def test_nobody_can_count_clicks_with_an_address_of_their_own(visitor_client, mailed):
    _, job, link = mailed
    other = JobFactory()
    digest_id, _, signature = link.split("/")[-4:-1]
    forged = [
        [digest_id, other.pk, signature],
        [int(digest_id) + 1, job.pk, signature],
        [digest_id, job.pk, signature[:-1]],
        [digest_id, job.pk, "https:evil.test"],
        ["9" * 30, job.pk, signature],
    ]

    answers = [
        visitor_client.get(reverse("alerts:open_job", args=arguments), headers=BY_A_PERSON) for arguments in forged
    ]

    assert ([answer.status_code for answer in answers], Click.objects.count()) == ([404] * 5, 0)


def test_a_job_that_two_alerts_found_is_counted_for_both(visitor_client, subscriber, keep):
    job = JobFactory()
    alerts = [keep(subscriber, words=words, rhythm=Rhythm.INSTANT) for words in ("python", "rust")]
    for alert in alerts:
        find(alert, job)
    plan_digests(timezone.now())

    visitor_client.get(path(Digest.objects.get().pk, job), headers=BY_A_PERSON)

    assert set(Click.objects.values_list("alert", flat=True)) == {alert.pk for alert in alerts}


def test_the_link_of_a_mail_that_is_forgotten_still_leads_to_the_job(visitor_client, mailed):
    DigestItem.objects.all().delete()
    Digest.objects.all().delete()

    answer = visitor_client.get(mailed[2], headers=BY_A_PERSON)

    assert (answer.url, Click.objects.count()) == (mailed[1].get_absolute_url(), 0)


def test_the_address_leaks_nowhere(visitor_client, mailed):
    answer = visitor_client.get(mailed[2])

    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "no-store" in answer["Cache-Control"]


def test_an_alerts_card_says_how_many_were_found_sent_and_opened_in_thirty_days(visitor_client, seeker_client, mailed):
    alert, _, link = mailed
    visitor_client.get(link, headers=BY_A_PERSON)
    old = JobFactory()
    Click.objects.create(alert=alert, job=old, clicked_at=timezone.now() - timedelta(days=31))

    page = seeker_client.get(reverse("alerts:list")).content.decode()

    assert "1 found, 0 sent, 1 opened" in page


def test_clicks_are_forgotten_with_the_ledger(mailed):
    alert, job, _ = mailed
    Click.objects.create(alert=alert, job=job, clicked_at=timezone.now() - timedelta(days=401))

    keep_house(timezone.now())

    assert Click.objects.count() == 0
