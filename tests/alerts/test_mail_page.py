"""The page behind "see all 37": exactly the jobs of one mail."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.deletion import delete_account
from accounts.models import User
from alerts.models import Alert, Click, Digest
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from jobs.models import Job
from tests.alerts.conftest import find
from tests.factories import JobFactory


@pytest.fixture
def mailed(seeker, keep):
    """The digest with these jobs."""

    def mailed(*jobs):
        find(keep(seeker, rhythm=Rhythm.INSTANT), *jobs)
        plan_digests(timezone.now())
        return Digest.objects.get()

    return mailed


def page_of(client, digest, query="") -> str:
    return client.get(digest.jobs_url.removeprefix("http://localhost:8000") + query).content.decode()


def jobs_on(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-job="(\d+)"', page)]


def test_all_jobs_of_a_mail_and_no_others_are_listed_page_by_page(client, mailed):
    at = timezone.now()
    jobs = [JobFactory(published_at=at - timedelta(minutes=n)) for n in range(37)]
    JobFactory(published_at=at - timedelta(minutes=3))
    digest = mailed(*jobs)

    first = page_of(client, digest)
    second = page_of(client, digest, re.search(r'href="(\?cursor=[^"]+)"', first)[1])

    assert "The 37 jobs of your mail" in first
    assert jobs_on(first) + jobs_on(second) == [job.pk for job in jobs]
    assert "?cursor=" not in second


def test_closed_jobs_stay_and_say_so_and_hidden_ones_are_gone(client, mailed):
    staying, closing, hidden = JobFactory.create_batch(3)
    digest = mailed(staying, closing, hidden)
    Job.objects.filter(pk=closing.pk).update(closed_at=timezone.now())
    Job.objects.filter(pk=hidden.pk).update(hidden_at=timezone.now())

    page = page_of(client, digest)

    assert sorted(jobs_on(page)) == [staying.pk, closing.pk]
    assert "1 of them is still open." in page


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (lambda: Job.objects.update(hidden_at=timezone.now()), "The jobs of this mail have been taken off the board."),
        (lambda: Alert.objects.all().delete(), "The alert of this mail has been deleted, or its jobs have."),
        (lambda: delete_account(User.objects.get()), "The account that this mail was sent to has been deleted"),
    ],
    ids=["hidden", "alert deleted", "account deleted"],
)
def test_a_mail_whose_list_is_gone_says_why(client, mailed, gone, said):
    digest = mailed(JobFactory())
    gone()

    page = page_of(client, digest)

    assert ("<h1>The jobs of your mail</h1>" in page, said in page) == (True, True)


def test_the_link_of_one_mail_opens_no_other(client, mailed):
    digest = mailed(JobFactory())
    *_, signature, _ = digest.jobs_url.split("/")

    assert client.get(reverse("alerts:mail", args=[digest.pk + 1, signature])).status_code == 404


def test_a_forged_cursor_leads_to_the_first_page(client, mailed):
    digest = mailed(JobFactory())
    path = digest.jobs_url.removeprefix("http://localhost:8000")

    answer = client.get(path + "?cursor=forged")

    assert (answer.status_code, answer["Location"]) == (302, path)


def test_the_link_leaks_nowhere(client, mailed):
    answer = client.get(mailed(JobFactory()).jobs_url.removeprefix("http://localhost:8000"))

    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex")


@pytest.mark.parametrize("jobs", [3, 30])
def test_the_page_costs_the_same_queries(client, mailed, jobs, django_assert_num_queries):
    digest = mailed(*JobFactory.create_batch(jobs, regions=["europe"]))

    with django_assert_num_queries(5):
        page_of(client, digest)


def test_each_job_says_which_alert_found_it_leads_to_less_like_it_and_counts_when_opened(client, mailed):
    job = JobFactory()
    digest = mailed(job)

    page = page_of(client, digest)
    opening = re.search(r'job-row__title"><a href="([^"]+)"', page)[1]
    answer = client.get(opening, headers={"Sec-Fetch-Mode": "navigate"})

    alert = digest.recipient.alerts.get()
    assert "Found by “python”" in page
    assert f'href="{reverse("alerts:less", args=[alert.pk, job.pk])}"' in page
    assert (answer.url, list(Click.objects.values_list("alert", "job"))) == (
        job.get_absolute_url(),
        [(alert.pk, job.pk)],
    )
