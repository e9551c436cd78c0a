"""Waking what waits for new jobs."""

from django.conf import settings

from accounts.nudging import nudge, nudge_on_commit

__all__ = ["nudge", "nudge_after_publishing"]


def nudge_after_publishing() -> None:
    """Once the transaction is kept, wake the tasks that wait for new jobs."""
    nudge_on_commit(*settings.AFTER_PUBLISHING)
