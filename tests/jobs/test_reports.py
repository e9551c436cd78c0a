from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Job, JobReport
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db


def file_report(job, reporter):
    return JobReport.objects.file(
        job=job, reason=JobReport.Reason.FAKE, text="", reporter=reporter, user=None, at=timezone.now()
    )


def test_three_people_hide_a_job():
    job = JobFactory()

    told = [file_report(job, reporter) for reporter in ("one", "two", "three")]

    job.refresh_from_db()
    assert told == [True, True, True]
    assert job.hidden_at is not None
    assert list(Job.objects.open(timezone.now())) == []


def test_one_person_reporting_three_times_hides_nothing():
    job = JobFactory()

    told = [file_report(job, "one") for _ in range(3)]

    job.refresh_from_db()
    assert told == [True, False, False]
    assert job.hidden_at is None


def test_reports_about_two_jobs_are_counted_apart():
    job, other = JobFactory.create_batch(2)

    for reporter in ("one", "two"):
        file_report(job, reporter)
    file_report(other, "three")

    assert Job.objects.open(timezone.now()).count() == 2


def test_a_dismissed_report_shows_the_job_again_and_counts_no_more():
    job, editor, at = JobFactory(), UserFactory(), timezone.now()
    for reporter in ("one", "two", "three"):
        file_report(job, reporter)

    JobReport.objects.first().review(by=editor, at=at, upheld=False)
    file_report(job, "four")

    job.refresh_from_db()
    assert (job.hidden_at, job.closed_at) == (None, None)
    assert JobReport.objects.waiting().count() == 1


def test_an_upheld_report_closes_the_job():
    job, editor, at = JobFactory(), UserFactory(), timezone.now() + timedelta(minutes=1)
    file_report(job, "one")

    JobReport.objects.get().review(by=editor, at=at, upheld=True)

    job.refresh_from_db()
    report = JobReport.objects.get()
    assert (job.closed_at, job.closed_by, job.close_reason) == (at, editor, Job.CloseReason.REPORTED)
    assert (report.reviewed_at, report.reviewed_by, report.upheld) == (at, editor, True)
