"""The search page, the alerts and a reading of both in plain Python find the same, whatever is asked and advertised."""

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.lexemes import refresh
from alerts.matching import match_pending
from alerts.searches import Match, Search
from jobs.documents import JobDocument
from jobs.models import Category, Company, Job, Region
from jobs.pay import ExchangeRate, forget_rates
from tests.jobs.oracle import DOLLARS, facts_of, fits, satisfies
from tests.jobs.wishes import adverts, searches, seeded_adverts, seeded_searches


@pytest.fixture
def exchange_rates(db):
    for currency, dollars in DOLLARS.items():
        ExchangeRate.objects.update_or_create(
            currency=currency, defaults={"dollars": dollars, "as_of": timezone.now(), "source": "test"}
        )
    yield
    forget_rates()


@pytest.mark.usefixtures("exchange_rates")
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(
    wanted=st.lists(searches(), min_size=1, max_size=30, unique=True),
    offered=st.lists(adverts(), min_size=1, max_size=8),
    knows_lexemes=st.booleans(),
)
def test_page_alerts_and_oracle_find_the_same(wanted, offered, knows_lexemes):
    with transaction.atomic():
        jobs = post(offered)
        if knows_lexemes:
            refresh()
        kept = [Search.objects.keep(search) for search in wanted]
        match_pending()

        by_alerts = {(match.search_id, match.job_id) for match in Match.objects.all()}
        by_page = [set(Job.objects.matching(search).values_list("pk", flat=True)) for search in wanted]
        by_oracle = [{job.pk for job in jobs if satisfies(job, search)} for search in wanted]
        transaction.set_rollback(True)

    assert dict(zip(wanted, by_page, strict=True)) == dict(zip(wanted, by_oracle, strict=True))
    assert by_alerts == {(search.pk, pk) for search, found in zip(kept, by_page, strict=True) for pk in found}


@pytest.mark.usefixtures("exchange_rates")
@pytest.mark.parametrize("seed", [1])
def test_a_thousand_searches_find_the_same_among_three_hundred_jobs(seed):
    wanted = seeded_searches(seed, 1000)
    jobs = post(seeded_adverts(seed, 300))
    refresh()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job, jobs_jobdocument")  # as autovacuum would, were they committed

    kept = {Search.objects.keep(search).pk: search for search in wanted}
    match_pending()

    facts = {job.pk: facts_of(job) for job in jobs}
    by_oracle = {(search, pk) for search in wanted for pk, one in facts.items() if fits(one, search)}
    by_page = {(search, pk) for search in wanted for pk in Job.objects.matching(search).values_list("pk", flat=True)}
    by_alerts = [(kept[search_id], pk) for search_id, pk in Match.objects.values_list("search_id", "job_id")]
    assert told(by_page ^ by_oracle, facts) == []
    assert told(set(by_alerts) ^ by_page, facts) == []
    assert len(by_alerts) == len(by_page) > 10_000


def told(pairs, facts) -> list[str]:
    """A few of the pairs as somebody who mends this can read them."""
    return [f"{search.query_string()} | {facts[pk]}" for search, pk in sorted(pairs, key=str)[:5]]


def post(offered: list[dict]) -> list[Job]:
    jobs = [post_one(**advert) for advert in offered]
    JobDocument.objects.refresh([job.pk for job in jobs])
    return jobs


def post_one(*, company: str, category: str, regions: list[str], **fields) -> Job:
    job = Job(
        company=Company.objects.filter(slug=company).first() or Company.objects.create(name=company),
        category=Category.objects.get(slug=category),
        apply_url="https://example.com/apply",
        published_at=timezone.now(),
        **fields,
    )
    job.save()
    job.regions.set(Region.objects.filter(slug__in=regions))
    return job
