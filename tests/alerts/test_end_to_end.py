"""Publishing a job to the mail in the box, through a real Celery worker, Valkey, PostgreSQL and SMTP."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from alerts.models import Alert, Digest
from alerts.rhythm import Rhythm
from alerts.searches import Search
from jobs.search import JobSearch
from tests.alerts.mail_server import mailroom
from tests.factories import JobFactory

PATIENCE_SECONDS = 90


@pytest.fixture
def worker(transactional_db):
    """A Celery worker in a process of its own, on the databases of the tests."""
    with mailroom() as room:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "jobboard",
                "worker",
                "-P",
                "solo",
                "-Q",
                "default,mail",
                "-l",
                "INFO",
            ],
            env=os.environ | surroundings(),
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield room
        finally:
            process.terminate()
            process.wait(timeout=30)


def surroundings() -> dict[str, str]:
    database = connection.settings_dict
    return {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={host_of(database)}{port_of(database)}",
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
    }


def host_of(database: dict) -> str:
    return database["HOST"] or database["OPTIONS"]["host"]


def port_of(database: dict) -> str:
    return f"&port={database['PORT']}" if database["PORT"] else ""


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
    assert job.get_absolute_url() in message.get_body(("plain",)).get_content()


def keep(owner, query: str) -> Alert:
    search = Search.objects.keep(JobSearch.from_query(QueryDict(query)))
    return Alert.objects.keep(
        owner, search=search, name=query, rhythm=Rhythm.INSTANT, hour=8, weekday=0, at=timezone.now()
    )


def wait_until(happened) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < ends_at, "nothing came within the patience of this test"
        time.sleep(0.2)
