"""Reading and applying imports in the background; PostgreSQL knows what is left, a lost message only waits for beat."""

import logging
import time
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from jobs.files import UnreadableFile
from jobs.nudging import nudge
from sources.applying import apply_some
from sources.models import ImportFile, ImportRow, ImportRun, Overtaken
from sources.preview import ColumnsMissing, preview

log = logging.getLogger(__name__)

# Well under the task's time limit; then the task calls itself again.
SECONDS_AT_ONCE = 20
DAYS_ROWS_ARE_KEPT = 90
DAYS_FILES_WAIT = 1


@shared_task(name="sources.apply_import")
def apply_import(run_id: int):
    stop_at = time.monotonic() + SECONDS_AT_ONCE
    try:
        while apply_some(run_id, at=timezone.now()):
            if time.monotonic() > stop_at:
                nudge(apply_import.name, args=(run_id,))
                return
    except Exception:
        # What is applied is whole: each batch is one transaction. Staff see the failure and can go on from there.
        why = (
            "A fault stopped the import between two batches. What was imported so far is complete; go on with the rest."
        )
        ImportRun.objects.get(pk=run_id).fail(at=timezone.now(), why=why)
        raise


@shared_task(name="sources.read_import", soft_time_limit=600, time_limit=660)
def read_import(run_id: int):
    run = ImportRun.objects.claim_reading(run_id, at=timezone.now())
    if run is None:
        return
    try:
        preview(run)
    except Overtaken:
        log.warning("the reading of import %s was begun anew or called off", run_id)
    except (UnreadableFile, ColumnsMissing) as error:
        run.fail_reading(at=timezone.now(), why=str(error))
    except Exception:
        run.fail_reading(at=timezone.now(), why="A fault stopped the reading of the file. No job was changed.")
        raise


@shared_task(name="sources.resume_imports")
def resume_imports():
    """Find files and confirmed imports whose message was lost, or whose worker was."""
    for run_id in ImportRun.objects.reading().values_list("pk", flat=True):
        nudge(read_import.name, args=(run_id,))
    for run_id in ImportRun.objects.running().values_list("pk", flat=True):
        nudge(apply_import.name, args=(run_id,))


@shared_task(name="sources.forget_rows")
def forget_rows():
    """Drop the rows and files of old runs, and files that never became an import; the run and its counts stay."""
    now = timezone.now()
    old = ImportRun.objects.filter(uploaded_at__lt=now - timedelta(days=DAYS_ROWS_ARE_KEPT))
    ImportRow.objects.filter(run__in=old).delete()
    ImportFile.objects.filter(run__in=old).delete()
    ImportFile.objects.filter(run__isnull=True, uploaded_at__lt=now - timedelta(days=DAYS_FILES_WAIT)).delete()


@transaction.atomic
def read(run: ImportRun, *, at):
    """Have a worker read the run's file after the commit; without a broker beat finds it."""
    run.queue(at=at)
    transaction.on_commit(lambda: nudge(read_import.name, args=(run.pk,)))


def start(run: ImportRun):
    """Have a worker apply the run after the commit; without a broker beat finds it."""
    transaction.on_commit(lambda: nudge(apply_import.name, args=(run.pk,)))
