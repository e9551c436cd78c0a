import pytest
from django.utils import timezone

from jobs.models import Job
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_job_of_the_factory_is_open():
    job = JobFactory(regions=["usa", "europe"])

    assert list(Job.objects.open(timezone.now())) == [job]
    assert sorted(job.regions.values_list("slug", flat=True)) == ["europe", "usa"]


def test_a_closed_job_of_the_factory_is_not_open():
    JobFactory(closed=True)

    assert list(Job.objects.open(timezone.now())) == []


def test_a_person_of_the_factory_logs_in_by_password_only_when_one_is_given():
    assert UserFactory().has_usable_password() is False
    assert UserFactory(password="correct horse").check_password("correct horse") is True
