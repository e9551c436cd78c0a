"""People with an alert that is due, and what it has found: the morning of a board of any size."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from alerts.models import Alert, Match, Search
from alerts.rhythm import Rhythm
from benchmarks.measuring.corpus import copy_rows, make_jobs
from jobs.search import JobSearch

SEARCHES = 100
JOBS_EACH = 3


def make_due_people(n: int, *, due_at) -> None:
    """Write n people, each with one daily alert that is due and has found three jobs; a hundred searches in all."""
    searches = [Search.objects.keep(JobSearch(keywords=f"measured{number}")) for number in range(SEARCHES)]
    people = make_people(n)
    copy_rows(Alert, [due_alert(person, searches[person.pk % SEARCHES], due_at) for person in people])
    find_jobs(searches, seed=1)


def make_people(n: int) -> list[User]:
    first = (User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    people = [User(pk=pk, email=f"person{pk}@example.com", password="!") for pk in range(first, first + n)]  # noqa: S106 -- nobody logs in
    copy_rows(User, people)
    return people


def due_alert(person: User, search: Search, due_at) -> Alert:
    return Alert(
        pk=person.pk,
        owner_id=person.pk,
        search_id=search.pk,
        name=search.query_string,
        rhythm=Rhythm.DAILY,
        slot=1,
        activated_at=due_at - timedelta(days=1),
        next_due_at=due_at,
    )


def find_jobs(searches: list[Search], *, seed: int) -> None:
    """Three new jobs for each search, found now."""
    at, job_ids = timezone.now(), make_jobs(len(searches) * JOBS_EACH, seed=seed)
    Match.objects.bulk_create(
        Match(search=search, job_id=job_id, matched_at=at)
        for number, search in enumerate(searches)
        for job_id in job_ids[number * JOBS_EACH : (number + 1) * JOBS_EACH]
    )
