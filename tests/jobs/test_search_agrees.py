"""Pages, totals and counts of a search are what a plain reading of the adverts gives, however they are read."""

from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.documents import JobDocument
from jobs.models import Category, Company, Job, Region
from jobs.pay import ExchangeRate
from jobs.search import counting, facets
from jobs.search.page import search_jobs
from jobs.search.wanted import LISTS
from tests.jobs.oracle import DOLLARS, regions_of, satisfies
from tests.jobs.wishes import adverts, searches

# What makes a board small, a board whose searches find few, and one whose searches find many.
READINGS = {"small": (50_000, 10_000), "few": (-1, 10_000), "many": (-1, -1)}


@pytest.fixture
def exchange_rates(db):
    for currency, dollars in DOLLARS.items():
        ExchangeRate.objects.update_or_create(
            currency=currency, defaults={"dollars": dollars, "as_of": timezone.now(), "source": "test"}
        )


@pytest.fixture(params=READINGS)
def reading(request, monkeypatch):
    """Each way in which a search can be read, whatever the board's size."""
    large, exact = READINGS[request.param]
    monkeypatch.setattr(counting, "LARGE", large)
    monkeypatch.setattr(counting, "EXACT", exact)
    counting.forget()
    yield request.param
    counting.forget()


@pytest.mark.usefixtures("exchange_rates")
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(
    wanted=st.lists(searches(), min_size=1, max_size=12, unique=True),
    offered=st.lists(adverts(), min_size=1, max_size=9),
)
def test_pages_and_counts_agree_with_plain_reading(reading, wanted, offered):
    with transaction.atomic():
        counting.forget()
        jobs = post(offered)
        seen = [read_all(search, size=3) for search in wanted]
        expected = [[job.pk for job in reversed(jobs) if satisfies(job, search)] for search in wanted]
        numbers = [counted(search_jobs(search)) for search in wanted]
        naive = [(len(found), naive_counts(jobs, search)) for search, found in zip(wanted, expected, strict=True)]
        transaction.set_rollback(True)

    assert seen == expected
    if reading != "many":
        assert numbers == naive


def post(offered: list[dict]) -> list[Job]:
    """The jobs in the order of their publication, all of one moment."""
    at = timezone.now()
    jobs = [post_one(at=at, **advert) for advert in offered]
    JobDocument.objects.refresh([job.pk for job in jobs])
    return jobs


def post_one(*, at, company: str, category: str, regions: list[str], **fields) -> Job:
    job = Job(
        company=Company.objects.filter(slug=company).first() or Company.objects.create(name=company),
        category=Category.objects.get(slug=category),
        apply_url="https://example.com/apply",
        published_at=at,
        **fields,
    )
    job.save()
    job.regions.set(Region.objects.filter(slug__in=regions))
    return job


def read_all(search, *, size: int) -> list[int]:
    """The ids of every page, one page after the other."""
    ids, cursor = [], ""
    while True:
        page = search_jobs(search, cursor=cursor, size=size)
        ids += [job.pk for job in page.jobs]
        cursor = page.next_cursor
        if not cursor:
            return ids


def counted(page) -> tuple[int, dict]:
    counts = {facet.name: {value.value: value.count for value in facet.values if value.count} for facet in page.facets}
    return page.total, counts


def naive_counts(jobs, search) -> dict:
    """For each filter the jobs that satisfy the rest of the search, counted by its values."""
    return {name: dict(naive_count(name, jobs, search.without(name))) for name in facets.COLUMNS}


def naive_count(name: str, jobs, search) -> Counter:
    values = {
        "category": lambda job: [job.category.slug],
        "region": regions_of,
        "type": lambda job: job.employment_types,
        "level": lambda job: [job.level] if job.level else [],
        "workplace": lambda job: [job.workplace] if job.workplace else [],
    }[name]
    return Counter(value for job in jobs if satisfies(job, search) for value in values(job))


def test_every_facet_is_a_parameter():
    assert set(facets.COLUMNS) <= set(LISTS)
