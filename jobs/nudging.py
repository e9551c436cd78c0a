"""Waking what waits for new jobs."""

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from accounts.nudging import nudge, nudge_on_commit

__all__ = ["nudge", "nudge_after_publishing"]

# To learn the words of all jobs takes seconds on a large board: an import of many batches is worth one time a minute.
SOON = 60


def nudge_after_publishing() -> None:
    """Once the transaction is kept, wake the tasks that wait for new jobs, and learn their words soon."""
    nudge_on_commit(*settings.AFTER_PUBLISHING)
    transaction.on_commit(learn_words_soon, robust=True)


def learn_words_soon() -> None:
    """Have the words of new jobs learnt in a minute, unless somebody asked for that within the last one."""
    if cache.add("jobs.words_will_be_learnt", True, SOON):
        nudge("jobs.refresh_terms", countdown=SOON)
