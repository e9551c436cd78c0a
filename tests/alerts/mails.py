"""A mail to be looked at: long words, no pay, two alerts, more jobs than it has room for, and the question."""

from datetime import timedelta

from django.utils import timezone

from alerts.mail import compose
from alerts.models import Alert, Digest, Search
from alerts.planning import plan_digests
from jobs.search import JobSearch
from tests.alerts.conftest import find
from tests.factories import CompanyFactory, JobFactory


def sample_mail(owner):
    """The message of twelve jobs that two instant alerts found, after ten mails that nobody opened."""
    now = timezone.now()
    alerts = [instant(owner, words, now) for words in ('"data engineer" remote', "Grundstücksverkehrsgenehmigung")]
    find(alerts[0], *jobs())
    find(alerts[1], JobFactory(title="Sachbearbeitung Grundstücksverkehrsgenehmigungszuständigkeit (m/w/d)"))
    for minutes in (0, 5):
        plan_digests(now + timedelta(minutes=minutes))
    for day in range(1, 11):
        sent_at = now - timedelta(days=day)
        Digest.objects.create(
            recipient=owner, window=f"{day}", message_id=f"<{day}>", state="sent", sent_at=sent_at, created_at=sent_at
        )
    return compose(Digest.objects.claim(now + timedelta(minutes=10)), now)


def instant(owner, words: str, at) -> Alert:
    search = JobSearch(keywords=words)
    wishes = {"name": search.in_words(), "rhythm": "instant", "hour": 8, "weekday": 0, "at": at - timedelta(hours=1)}
    return Alert.objects.keep(owner, search=Search.objects.keep(search), **wishes)


def jobs() -> list:
    paid = {"pay_min": 7_000_000, "pay_max": 9_500_000, "pay_currency": "EUR", "pay_period": "year"}
    return [
        JobFactory(title="Data Engineer", company=CompanyFactory(name="Acme"), regions=["europe"], **paid),
        JobFactory(title="Data Scientist", company=CompanyFactory(name="أفق للتعليم"), location="القاهرة"),
        *JobFactory.create_batch(9, title="Senior Data Engineer, Payments"),
    ]
