import uuid
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from alerts.models import Alert, Match, Search
from alerts.rhythm import GATHERED_FOR, Rhythm

# A Monday, at noon in London and one o'clock in Berlin.
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def keep(db):
    """Keep an alert for an owner; each has a search of its own unless one is given.

    Without a time it was kept some minutes ago, so that an instant one may speak now.
    """

    def keep(owner, *, words="python", search=None, rhythm=Rhythm.DAILY, hour=8, weekday=0, at=None, name=""):
        return Alert.objects.keep(
            owner,
            search=search or search_for(words),
            name=name or words,
            rhythm=rhythm,
            hour=hour,
            weekday=weekday,
            at=at or timezone.now() - GATHERED_FOR,
        )

    return keep


def search_for(words: str) -> Search:
    """A kept search as a bare row, for tests that don't match."""
    query_string = f"q={words}"
    name = uuid.uuid5(uuid.NAMESPACE_URL, query_string)
    defaults = {"query_string": query_string, "kept_at": timezone.now()}
    return Search.objects.get_or_create(fingerprint=name, defaults=defaults)[0]


def find(alert, *jobs, at=None):
    """What matching writes when it finds these jobs for the alert's search."""
    at = at or timezone.now()
    Match.objects.bulk_create([Match(search=alert.search, job=job, matched_at=at) for job in jobs])
