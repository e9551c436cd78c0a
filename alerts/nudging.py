"""Asking Celery to look now; what is to be done stands in PostgreSQL, so nothing is lost when nobody hears."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge(task: str) -> None:
    try:
        current_app.send_task(task, retry=False)
    except (OperationalError, OSError) as error:
        # Redis is away: beat runs the task at its next turn.
        logger.warning("Could not nudge %s: %s", task, error)
