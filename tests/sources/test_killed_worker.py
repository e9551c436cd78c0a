"""A worker that is killed in the middle of its work: another does the rest, every row once."""

from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from jobs.models import Company, Job
from sources.models import SILENCE, ImportRow, ImportRun, SourceJob
from sources.tasks import read_import, resume_imports, start
from tests import adverts
from tests.factories import JobFactory
from tests.workers import database_url, running_worker, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("many-connections")]
ROWS = 600


@pytest.fixture
def run(upload):
    return upload(adverts.table([adverts.advert(number) for number in range(ROWS)]))


def test_every_row_is_applied_once_though_the_worker_was_killed_in_the_middle(run, editor):
    read_import(run.pk)
    draft = JobFactory(published_at=None, company__name="Employer 0")
    run.confirm(by=editor, at=timezone.now(), publishes=True)

    with killed_while_waiting(SAME_ADVERT, [run.source_id, draft.pk]):
        start(run)
    after_the_kill = run.progress()
    with running_worker():
        wait_until(lambda: resumed_and(ImportRun.objects.filter(pk=run.pk, finished_at__isnull=False)))

    # The second batch had written its companies and its jobs, and not yet whose adverts these are.
    assert after_the_kill == (200, ROWS)
    assert run.progress() == (ROWS, ROWS)
    assert Job.objects.open(timezone.now()).count() == ROWS
    assert list(Job.objects.drafts()) == [draft]
    assert SourceJob.objects.count() == ROWS
    assert Company.objects.count() == ROWS
    assert ImportRow.objects.aggregate(jobs=Count("job", distinct=True))["jobs"] == ROWS


def test_every_row_is_judged_once_though_the_reader_was_killed_in_the_middle(run):
    with killed_while_waiting(SAME_ROW, [run.pk, line_of(300)]):
        resume_imports()
    run.refresh_from_db()
    after_the_kill = (run.state, run.rows_read, run.rows.count())
    # A minute of silence, after which beat finds it.
    ImportRun.objects.filter(pk=run.pk).update(read_at=timezone.now() - SILENCE)
    with running_worker():
        wait_until(lambda: resumed_and(ImportRun.objects.waiting()))

    run.refresh_from_db()
    assert after_the_kill == ("reading", 200, 200)
    assert (run.rows_read, run.rows.count(), run.counts["new"]) == (ROWS, ROWS, ROWS)


# Whoever writes these rows too must wait for what becomes of them.
SAME_ADVERT = """
INSERT INTO sources_sourcejob
    (source_id, external_id, job_id, fields, first_seen_at, last_seen_at, misses)
VALUES (%s, 'real-0300', %s, '{}', now(), now(), 0)
"""
SAME_ROW = """
INSERT INTO sources_importrow
    (run_id, line, external_id, outcome, fields, problems, differences, import_anyway, goes_to_review)
VALUES (%s, %s, '', 'new', '{}', '[]', '[]', false, false)
"""


def line_of(number: int) -> int:
    """Where an advert starts in the file: each takes as many lines as its text has."""
    return 2 + number * (adverts.TEXT.count("\n") + 2)


@contextmanager
def killed_while_waiting(obstacle: str, values=()):
    """Within the block ask a worker for work; it is killed when it has come to what `obstacle` locks."""
    with psycopg.connect(database_url()) as ours:
        ours.execute(obstacle, values)
        with running_worker() as worker:
            yield
            wait_until(somebody_waits)
            worker.kill()
            worker.wait()
        ours.rollback()
    wait_until(lambda: not somebody_works())


def somebody_waits() -> bool:
    return any(waits for waits, _ in others())


def somebody_works() -> bool:
    return any(works for _, works in others())


def others() -> list[tuple[bool, bool]]:
    """Of each other connection to the database: whether it waits for a lock, and whether it is in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(wait_event_type = 'Lock', false), xact_start IS NOT NULL FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchall()


def resumed_and(runs) -> bool:
    """What beat does each minute, and whether it is done."""
    resume_imports()
    return runs.exists()
