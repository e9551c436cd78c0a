"""A file becomes jobs: the preview's figures, what is written, what the same file does again."""

import pytest
from django.utils import timezone

from jobs.models import Job
from sources.applying import apply_some
from sources.models import ImportRow, Outcome
from sources.tasks import read_import
from tests import adverts


def applied(run):
    run.confirm(by=None, at=timezone.now(), publishes=True)
    while apply_some(run.pk, at=timezone.now()):
        pass
    run.refresh_from_db()
    return run


@pytest.fixture
def imported(upload):
    def of(content: bytes):
        run = upload(content)
        read(run)
        return applied(run)

    return of


def read(run):
    read_import(run.pk)
    run.refresh_from_db()
    return run


def counts(**said):
    return dict.fromkeys(Outcome.values, 0) | said


def test_the_preview_of_the_real_adverts_shows_600_new_and_356_repeated(upload):
    run = upload(adverts.file())

    read(run)

    assert run.counts == counts(new=600, repeated=356)


def test_a_preview_writes_no_job(upload):
    read(upload(adverts.file()))

    assert Job.objects.count() == 0


def test_the_real_adverts_become_600_open_jobs_and_again_600_unchanged(imported):
    first = imported(adverts.file())
    second = imported(adverts.file())

    assert first.finished_at is not None
    assert second.counts == counts(unchanged=600, repeated=356)
    assert Job.objects.open(timezone.now()).count() == 600


def test_a_preview_takes_the_same_number_of_queries_for_3_and_for_30_rows(upload, django_assert_num_queries):
    few, many = (upload(adverts.table([adverts.advert(n) for n in range(count)])) for count in (3, 30))

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as with_few:
        read(few)
    with CaptureQueriesContext(connection) as with_many:
        read(many)

    assert len(with_many) == len(with_few)


def test_rows_imported_anyway_become_jobs_of_their_own(upload):
    run = upload(adverts.table([adverts.advert(0), adverts.advert(600)]))
    read(run)
    run.rows.filter(outcome=Outcome.REPEATED).update(import_anyway=True)

    applied(run)

    assert Job.objects.count() == 2
    assert ImportRow.objects.filter(run=run, job__isnull=False).count() == 2
