"""Asking Celery to look now; what is to be done stands in PostgreSQL, so nothing is lost when nobody hears."""

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge_on_commit(*tasks: str) -> None:
    """Once the transaction is kept, ask workers to run the tasks of these names."""
    transaction.on_commit(lambda: nudge(*tasks), robust=True)


def nudge(*tasks: str, args: tuple = (), countdown: int = 0) -> None:
    """Ask workers to run the tasks of these names, each with `args`, now or after `countdown` seconds.

    Never raises for want of a broker.
    """
    try:
        with impatient_connection() as connection:
            for task in tasks:
                current_app.send_task(
                    task, args, countdown=countdown, connection=connection, retry=False, ignore_result=True
                )
    except (OperationalError, OSError) as error:
        # Redis is away: beat runs the tasks at their next turn.
        logger.warning("Could not nudge %s: %s", ", ".join(tasks), error)


def impatient_connection():
    """A connection that gives up at once: somebody's page may wait for it, and nothing depends on it."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 1, "interval_start": 0, "interval_max": 0.1}
    return current_app.connection_for_write().clone(transport_options=options)
