"""A test of an alert: the mail it would be, sent at once because its owner asks. Nothing is promised or crossed off."""

from datetime import datetime

from django.db.models import prefetch_related_objects

from accounts.mail import owe_written
from alerts.alert import Alert
from alerts.forms import kept_search
from alerts.mail import JOBS_IN_A_MAIL, Find, Speaker, write
from alerts.suppressions import Suppression
from jobs.limits import AN_HOUR, within_limit
from jobs.search.page import search_jobs

MOST_AN_HOUR = 3


class NothingToSend(Exception):
    """No open job fits the alert."""


class TooManyTests(Exception):
    """The person has asked for MOST_AN_HOUR in this hour."""


class AddressStopped(Exception):
    """No alert goes to the person's address."""


def send_test(alert: Alert, at: datetime) -> None:
    """Mail the owner the newest open jobs that the alert finds. Raises NothingToSend, TooManyTests, AddressStopped."""
    if Suppression.objects.stops(alert.owner.email):
        raise AddressStopped
    found = search_jobs(kept_search(alert), size=JOBS_IN_A_MAIL)
    if not found.jobs:
        raise NothingToSend
    if not within_limit(f"alert-tests-{alert.owner_id}", most=MOST_AN_HOUR, seconds=AN_HOUR):
        raise TooManyTests
    prefetch_related_objects(found.jobs, "regions")
    finds = [Find(job, [alert], at) for job in found.jobs]
    letter = write(finds, [Speaker(alert, found.total)], job_count=found.total, person_id=alert.owner_id, is_test=True)
    owe_written(alert.owner.email, letter.subject, letter.text, letter.html)
