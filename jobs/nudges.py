"""Wakes the tasks of higher apps that wait for new jobs; the settings name them."""

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge_after_publishing() -> None:
    """Once the transaction is kept, wake the tasks that wait for new jobs."""
    transaction.on_commit(send_nudges, robust=True)


def send_nudges() -> None:
    try:
        with impatient_connection() as connection:
            for name in settings.AFTER_PUBLISHING:
                current_app.send_task(name, connection=connection, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        # Redis is away: the jobs are published all the same, and beat runs the tasks at their next turn.
        logger.warning("Could not nudge %s: %s", ", ".join(settings.AFTER_PUBLISHING), error)


def impatient_connection():
    """A connection that gives up at once: somebody's page waits for it, and nothing depends on it."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 1, "interval_start": 0, "interval_max": 0.1}
    return current_app.connection_for_write().clone(transport_options=options)
