"""Saved jobs that close soon are mailed about once, to those who want to know."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import TransactionalMail
from jobs import tasks
from jobs.models import Application, Job, JobMark
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def saved(user, title="Cook", *, closes_in=timedelta(days=2), saved_ago=timedelta(days=9), **fields) -> JobMark:
    now = timezone.now()
    job = JobFactory(title=title, expires_at=now + closes_in, **fields)
    return JobMark.objects.create(user=user, job=job, saved_at=now - saved_ago)


def mails() -> list[tuple[str, str]]:
    return list(TransactionalMail.objects.order_by("pk").values_list("to", "subject"))


def test_a_seeker_is_told_once_of_a_saved_job_that_closes_soon(seeker, stranger, settings):
    settings.SITE_URL = "https://jobs.example.org"
    job = saved(seeker, company__name="Acme").job

    first, second = tasks.remind_of_closing(), tasks.remind_of_closing()

    mail = TransactionalMail.objects.get()
    assert (first, second) == (1, 0)
    last_day = f"{job.expires_at:%-d %B}"
    assert (mail.to, mail.subject) == (seeker.email, f"Cook closes on {last_day}")
    assert f"Cook\nAcme · until {last_day}\nhttps://jobs.example.org{job.get_absolute_url()}\n" in mail.text
    assert f"https://jobs.example.org{reverse('accounts:profile')}" in mail.text


def test_all_of_a_persons_jobs_are_in_one_mail_the_first_to_close_first(seeker, stranger):
    saved(seeker, "Second", closes_in=timedelta(days=2))
    saved(seeker, "First", closes_in=timedelta(days=1))
    saved(stranger, "Other")

    assert tasks.remind_of_closing() == 2

    text = TransactionalMail.objects.get(to=seeker.email).text
    assert text.index("First\n") < text.index("Second\n")
    assert "Other\n" not in text
    assert TransactionalMail.objects.get(to=seeker.email).subject == "2 jobs you saved close soon"


def test_nobody_hears_of_jobs_that_need_no_reminder(seeker, stranger):
    later = saved(seeker, closes_in=timedelta(days=4))
    just_saved = saved(seeker, closes_in=timedelta(days=2), saved_ago=timedelta(minutes=1))
    closed = saved(seeker, closed=True)
    over = saved(seeker, closes_in=-timedelta(seconds=1))
    applied = saved(seeker)
    Application.objects.note(user=seeker, job=applied.job, at=timezone.now())

    assert tasks.remind_of_closing() == 0

    assert mails() == []
    assert [mark.reminded_at for mark in (later, just_saved, closed, over, applied)] == [None] * 5


def test_somebody_elses_application_is_no_reason_for_silence(seeker, stranger):
    job = saved(seeker).job
    Application.objects.note(user=stranger, job=job, at=timezone.now())

    assert tasks.remind_of_closing() == 1


def test_who_took_the_application_off_the_list_is_told_after_all(seeker):
    job = saved(seeker).job
    Application.objects.note(user=seeker, job=job, at=timezone.now())
    Application.objects.get().remove(at=timezone.now())

    assert tasks.remind_of_closing() == 1


@pytest.mark.parametrize("change", [{"wants_reminders": False}, {"is_active": False}])
def test_who_wants_no_reminders_or_has_no_account_any_more_gets_none(seeker, change):
    saved(seeker)
    type(seeker).objects.filter(pk=seeker.pk).update(**change)

    assert tasks.remind_of_closing() == 0
    assert mails() == []


def test_the_last_day_is_that_of_the_persons_own_place(seeker):
    mark = saved(seeker)
    Job.objects.filter(pk=mark.job_id).update(
        expires_at=(timezone.now() + timedelta(days=2)).replace(hour=23, minute=30, second=0)
    )
    type(seeker).objects.filter(pk=seeker.pk).update(time_zone="Pacific/Auckland")

    tasks.remind_of_closing()

    seeker.refresh_from_db()
    there = Job.objects.get().expires_at.astimezone(seeker.zone)
    assert mails() == [(seeker.email, f"Cook closes on {there:%-d %B}")]
