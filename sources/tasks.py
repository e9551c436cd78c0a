"""Applying imports in the background; PostgreSQL knows what is left, a lost message only waits for beat."""

import logging
import time
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from sources.applying import apply_some
from sources.models import ImportFile, ImportRow, ImportRun

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
                nudge(run_id)
                return
    except Exception:
        # What is applied is whole: each batch is one transaction. Staff see the failure and can go on from there.
        why = (
            "A fault stopped the import between two batches. What was imported so far is complete; go on with the rest."
        )
        ImportRun.objects.get(pk=run_id).fail(at=timezone.now(), why=why)
        raise


@shared_task(name="sources.resume_imports")
def resume_imports():
    """Find confirmed imports whose message was lost."""
    for run_id in ImportRun.objects.running().values_list("pk", flat=True):
        nudge(run_id)


@shared_task(name="sources.forget_rows")
def forget_rows():
    """Drop the rows and files of old runs, and files that never became an import; the run and its counts stay."""
    now = timezone.now()
    old = ImportRun.objects.filter(uploaded_at__lt=now - timedelta(days=DAYS_ROWS_ARE_KEPT))
    ImportRow.objects.filter(run__in=old).delete()
    ImportFile.objects.filter(run__in=old).delete()
    ImportFile.objects.filter(run__isnull=True, uploaded_at__lt=now - timedelta(days=DAYS_FILES_WAIT)).delete()


def start(run: ImportRun):
    """Have a worker apply the run after the commit; without a broker beat finds it."""
    transaction.on_commit(lambda: nudge(run.pk))


def nudge(run_id: int):
    try:
        apply_import.delay(run_id)
    except (OperationalError, OSError):
        log.warning("the broker can't be reached; import %s waits for beat", run_id)
