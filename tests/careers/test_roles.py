"""The jobs below a guide: what was kept of its search and what was written since add up to what the search finds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from careers.market import RoleJob, RoleReading
from careers.models import Guide
from careers.roles import follow_jobs, newest_of, openings_of, remember_jobs
from jobs.documents import JobDocument
from jobs.models import Company, Job
from tests.careers.guides import published
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def guide():
    """Its jobs were read an hour ago, when there were three."""
    guide = published(search="q=%22garden+engineer%22")
    for title in ("Garden engineer", "Senior garden engineer", "Garden engineer at night", "Engineer for a garden"):
        JobFactory(title=title)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    JobDocument.objects.update(written_at=an_hour_ago - timedelta(hours=1))
    remember_jobs(guide, at=an_hour_ago)
    return guide


def titles_of(guide) -> list[str]:
    openings = openings_of(Guide.objects.for_door().get(pk=guide.pk))
    assert openings.total == len(openings.jobs) == Job.objects.matching(openings.search).count()
    return [job.title for job in openings.jobs]


def change(title: str, /, **values):
    job = Job.objects.get(title=title)
    for name, value in values.items():
        setattr(job, name, value)
    job.save()


def close(title: str):
    Job.objects.get(title=title).close(by=None, at=timezone.now(), reason="filled")


CHANGES = {
    "nothing": (lambda: None, {"Garden engineer", "Senior garden engineer", "Garden engineer at night"}),
    "a new job": (
        lambda: JobFactory(title="Our garden engineer"),
        {"Garden engineer", "Senior garden engineer", "Garden engineer at night", "Our garden engineer"},
    ),
    "a job that is another's now": (
        lambda: change("Garden engineer", title="Plumber"),
        {"Senior garden engineer", "Garden engineer at night"},
    ),
    "a job that became one": (
        lambda: change("Engineer for a garden", title="Chief garden engineer"),
        {"Garden engineer", "Senior garden engineer", "Garden engineer at night", "Chief garden engineer"},
    ),
    "a closed job": (lambda: close("Garden engineer"), {"Senior garden engineer", "Garden engineer at night"}),
    "a job past its last day": (
        lambda: JobDocument.objects.filter(job__title="Garden engineer").update(expires_at=timezone.now()),
        {"Senior garden engineer", "Garden engineer at night"},
    ),
    "another search": (
        lambda: Guide.objects.update(search="q=%22engineer+for+a+garden%22"),
        {"Engineer for a garden"},
    ),
    "a search of the last days": (
        lambda: Guide.objects.update(search="q=%22garden+engineer%22&posted=3"),
        {"Garden engineer", "Senior garden engineer", "Garden engineer at night"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_counted_at_once(change, guide):
    happen, expected = CHANGES[change]

    happen()

    assert set(titles_of(guide)) == expected


def test_a_company_that_is_renamed_brings_its_jobs_into_the_role(guide):
    JobFactory(title="Cook", company=Company.objects.create(name="Acme"))

    company = Company.objects.get(name="Acme")
    company.name = "Garden Engineer Ltd"
    company.save()

    assert "Cook" in titles_of(guide)


def test_what_was_written_since_is_kept_at_the_next_turn_and_asked_no_more(guide):
    change("Garden engineer", title="Plumber")
    JobFactory(title="Our garden engineer")

    assert follow_jobs(at=timezone.now()) == {guide.pk: 1}

    kept = Job.objects.filter(pk__in=RoleJob.objects.filter(guide=guide).values("job"))
    assert set(kept.values_list("title", flat=True)) == {
        "Senior garden engineer",
        "Garden engineer at night",
        "Our garden engineer",
    }
    assert RoleReading.objects.get().read_at > timezone.now() - timedelta(minutes=1)


def test_a_role_of_another_search_waits_for_the_survey(guide):
    Guide.objects.update(search="q=plumber")

    assert follow_jobs(at=timezone.now()) == {}


def test_the_adverts_kept_are_not_read_again(guide):
    """A document that says nothing any more would be found no more, were it asked."""
    JobDocument.objects.update(doc="")

    found = Guide.objects.for_door().get(pk=guide.pk)
    total, newest = newest_of(found, openings_of(found).search, at=timezone.now())

    assert (total, len(newest)) == (3, 3)
