"""Undoing a bulk change: what the jobs were before is kept in the session of whoever made it, until the next one."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from jobs.models import LIFE, Job

KEPT_AS = "undoable_jobs"
# A session is read with each page; more jobs than these would weigh it down.
MOST = 500

# What is kept of a job: the values of LIFE in this order, moments as text.
Life = list[str | int | None]


def lives(jobs: QuerySet) -> dict[str, Life]:
    """By the job's number as text, as a session keeps it; none at all when there are too many."""
    if jobs.count() > MOST:
        return {}
    return {str(pk): list(map(written, values)) for pk, *values in jobs.order_by("pk").values_list("pk", *LIFE)}


def written(value):
    return value.isoformat() if isinstance(value, datetime) else value


def read(name: str, value):
    return datetime.fromisoformat(value) if value and name.endswith("_at") else value


def remember(session, *, before: dict[str, Life], did: str, at: datetime) -> bool:
    """Keep what the jobs were before it was `did`; False when there is nothing that could be undone."""
    after = lives(Job.objects.filter(pk__in=before))
    # What was decided about reports isn't undone beside them.
    was_hidden = LIFE.index("hidden_at")
    changed = {pk: [life, after[pk]] for pk, life in before.items() if life != after[pk] and not life[was_hidden]}
    if changed:
        session[KEPT_AS] = {"at": at.isoformat(), "did": did, "jobs": changed}
    return bool(changed)


def undoable(session, *, at: datetime) -> tuple[str, QuerySet]:
    """(what was done at that moment, the jobs that nothing has changed since)."""
    kept = kept_in(session, at)
    now = lives(Job.objects.filter(pk__in=kept["jobs"]))
    same = [pk for pk, (_, after) in kept["jobs"].items() if now.get(pk) == after]
    return kept["did"], Job.objects.filter(pk__in=same)


def undo(session, jobs: QuerySet, *, at: datetime) -> int:
    """Bring these jobs of undoable() back to what they were, and forget it; says how many there were."""
    kept = kept_in(session, at)
    before = {int(pk): facts(life) for pk, (life, _) in kept["jobs"].items()}
    session.pop(KEPT_AS, None)
    return jobs.bring_back(before)


def kept_in(session, at: datetime) -> Mapping:
    kept = session.get(KEPT_AS)
    return kept if kept and kept["at"] == at.isoformat() else {"did": "", "jobs": {}}


def facts(life: Life) -> dict:
    return {name: read(name, value) for name, value in zip(LIFE, life, strict=True)}
