"""Rows of jobs are kept as drawn; each change shows on the next list, and nobody sees another's marks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Company, Job
from jobs.rows import FIELDS, drawn, job_from, row_of
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

# By the plainest road, past every save(); and what the row says then.
CHANGES = {
    "title": (lambda: Job.objects.update(title="Gardener"), "Gardener"),
    "slug": (lambda: Job.objects.update(slug="gardener"), "gardener"),
    "company": (lambda: Company.objects.update(name="Never Seen"), "Never Seen"),
    "place": (lambda: Job.objects.update(location="Lisbon", workplace="hybrid"), "Hybrid in Lisbon"),
    "countries": (lambda: Job.objects.update(countries=["PT", "FR"], open_worldwide=False), "France and Portugal"),
    "anywhere": (lambda: Job.objects.update(open_worldwide=True), "Anywhere"),
    "kind": (lambda: Job.objects.update(employment_types=["contract"], level="junior"), "Contract, Junior"),
    "pay": (
        lambda: Job.objects.update(pay_min=4500, pay_max=None, pay_currency="EUR", pay_period="hour"),
        "From €45 an hour",
    ),
    "age": (lambda: Job.objects.update(published_at=timezone.now() - timedelta(days=400)), "13 months ago"),
    "closed": (lambda: Job.objects.update(closed_at=timezone.now()), "Closed"),
    "expired": (lambda: Job.objects.update(expires_at=timezone.now()), "Closed"),
    "hidden": (lambda: Job.objects.update(hidden_at=timezone.now()), "Closed"),
}


def drawn_now(**told) -> str:
    return drawn(row_of(Job.objects.for_cards().get(), at=timezone.now(), **told), heading=3)


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_shows_at_once(change):
    JobFactory(title="Data engineer", location="Berlin", workplace="onsite", level="senior", pay_min=None, pay_max=None)
    happen, words = CHANGES[change]
    assert words not in drawn_now()

    happen()

    assert words in drawn_now()


def test_a_row_says_new_for_a_day():
    job = JobFactory()
    later = job.published_at + timedelta(days=1)

    assert ">New<" in drawn(row_of(job, at=later - timedelta(seconds=1)), heading=3)
    assert ">New<" not in drawn(row_of(job, at=later), heading=3)


def test_marks_and_notes_are_for_one_reader():
    JobFactory()
    plain = drawn_now()
    row = row_of(Job.objects.get(), at=timezone.now())
    note = {"job_url": "/for/one", "text": "Found by one", "url": "/less", "label": "Less like this"}

    assert ">Saved<" in drawn_now(mark="saved")
    assert ">Applied<" in drawn_now(mark="applied")
    assert "Found by one" in drawn(row, heading=3, note=note)
    assert drawn_now() == plain


def test_the_title_stands_under_the_heading_asked_for():
    row = row_of(JobFactory(), at=timezone.now())

    assert "<h3" in drawn(row, heading=3)
    assert "<h2" in drawn(row, heading=2)


def test_a_job_of_plain_columns_has_the_row_of_the_job(django_assert_num_queries):
    JobFactory(pay_min=100, pay_max=200, pay_currency="USD", pay_period="hour")
    at = timezone.now()

    [columns] = Job.objects.values_list(*FIELDS, "company__name")
    with django_assert_num_queries(0):
        row = row_of(job_from(columns), at=at)

    assert row == row_of(Job.objects.get(), at=at)
