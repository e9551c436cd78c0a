"""Mails about saved jobs that close soon: all of a person's in one mail, and each job only once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.mail import owe
from accounts.models import User
from jobs.applications import Application
from jobs.marks import JobMark
from jobs.models import Job

SOON = timedelta(days=3)


def remind_everybody(at: datetime) -> int:
    """Owe a mail to each person with saved jobs that close within SOON; says how many mails."""
    people = User.objects.filter(pk__in=marks_to_mention(at).values("user")).order_by("pk")
    return sum(remind(person, at) for person in people)


def marks_to_mention(at: datetime):
    """Of open jobs, saved before they were about to close, by people who want to know and didn't go to apply."""
    applied = Application.objects.listed().filter(user=OuterRef("user"), job=OuterRef("job"))
    return JobMark.objects.filter(
        ~Exists(applied),
        job__in=Job.objects.expiring(at, until=at + SOON),
        saved_at__lt=F("job__expires_at") - SOON,
        reminded_at=None,
        user__is_active=True,
        user__wants_reminders=True,
    )


@transaction.atomic
def remind(person: User, at: datetime) -> bool:
    """Whether there was something to say; of two workers at once, one finds the marks held and says nothing."""
    marks = marks_to_mention(at).filter(user=person).select_related("job__company")
    found = list(marks.order_by("job__expires_at", "pk").select_for_update(of=["self"], skip_locked=True))
    if not found:
        return False
    JobMark.objects.filter(pk__in=[mark.pk for mark in found]).update(reminded_at=at)
    with timezone.override(person.zone):
        owe(person.email, "jobs/mail/closing", {"jobs": [mark.job for mark in found], "site_url": settings.SITE_URL})
    return True
