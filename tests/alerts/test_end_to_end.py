"""Publishing a job to the mail in the box, through a real Celery worker, Valkey, PostgreSQL and SMTP."""

import pytest
from django.http import QueryDict
from django.utils import timezone

from alerts.clicks import opening_url
from alerts.models import Alert, Digest
from alerts.rhythm import GATHERED_FOR, Rhythm
from alerts.searches import Search
from jobs.search import JobSearch
from tests.alerts.mail_server import mailroom
from tests.factories import JobFactory
from tests.workers import running_worker, wait_until


@pytest.fixture
def worker(transactional_db, settings):
    with mailroom(settings) as room, running_worker():
        yield room


@pytest.mark.xdist_group("many-connections")
@pytest.mark.django_db(transaction=True)
def test_a_published_job_reaches_the_mailbox_of_who_looks_for_it(worker, seeker, stranger):
    keep(seeker, "q=beekeeper&level=senior")
    keep(stranger, "q=beekeeper&level=junior")
    job = JobFactory(title="Senior beekeeper", level="senior", published_at=None)

    job.publish(by=None, at=timezone.now())
    wait_until(lambda: Digest.objects.filter(state="sent").exists())

    (recipients, message), *others = worker.mails
    assert (recipients, others) == (["seeker@example.com"], [])
    assert message["Subject"] == f"{job.company} is hiring: Senior beekeeper"
    assert opening_url(Digest.objects.get().pk, job) in message.get_body(("plain",)).get_content()


def keep(owner, query: str) -> Alert:
    """One that has gathered long enough: what it finds now is told with the next look."""
    search, at = Search.objects.keep(JobSearch.from_query(QueryDict(query))), timezone.now() - GATHERED_FOR
    return Alert.objects.keep(owner, search=search, name=query, rhythm=Rhythm.INSTANT, hour=8, weekday=0, at=at)
