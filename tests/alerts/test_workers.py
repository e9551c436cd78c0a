"""Several Celery workers match many jobs at once, each in a process of its own."""

from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from alerts.searches import Match, Matching, Search
from jobs.documents import JobDocument
from jobs.models import Job
from jobs.nudging import nudge
from jobs.search import JobSearch
from tests.factories import JobFactory
from tests.workers import running_worker, wait_until

# Their workers and the fifty threads of other tests together would need more connections than PostgreSQL has.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("many-connections")]

# Each batch says whose it was and takes a moment, so that one worker can't be done before the others are awake.
WATCH = """
CREATE TABLE hands (pid integer, worked_at timestamptz);
CREATE FUNCTION note_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hands VALUES (pg_backend_pid(), clock_timestamp());
    PERFORM pg_sleep(0.2);
    RETURN NULL;
END $$;
CREATE TRIGGER note_hand AFTER INSERT ON alerts_match EXECUTE FUNCTION note_hand();
"""
# A batch gets the smaller the more searches the planner believes there are: here two jobs.
TWO_JOBS_A_BATCH = "UPDATE pg_class SET reltuples = 12500000 WHERE oid = 'alerts_search'::regclass"


@pytest.fixture
def watched(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute(WATCH + TWO_JOBS_A_BATCH)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION note_hand CASCADE; DROP TABLE hands; ANALYZE alerts_search")


@pytest.fixture
def wanted():
    words = ["rust", "kafka", "java", "rust or java", "rust -kafka", '"rust kafka"', "python"]
    return [Search.objects.keep(JobSearch(keywords=one)) for one in words]


@pytest.mark.parametrize("count", [2, 4])
def test_workers_share_many_jobs_and_lose_none_when_one_is_killed(count, watched, wanted, own_redis):
    publish(48)

    with workers(count, own_redis) as processes:
        wait_until(lambda: is_shared_by(count))
        processes[0].kill()
        wait_until(everything_is_matched)
        shared_by = hands()

    matches = list(Match.objects.values_list("search_id", "job_id"))
    assert shared_by >= count
    assert sorted(matches) == sorted(found_by_the_page(wanted))
    assert Matching.objects.filter(matched_at__isnull=False).count() == 48


def test_many_jobs_are_matched_by_one_worker_without_beat(watched, wanted, own_redis):
    publish(20)

    with workers(1, own_redis):
        nudge("alerts.match_jobs")
        wait_until(lambda: Matching.objects.filter(matched_at__isnull=False).count() == 20)

    assert sorted(Match.objects.values_list("search_id", "job_id")) == sorted(found_by_the_page(wanted))


def publish(count: int) -> None:
    """As an import does, many at once."""
    titles = ["Rust", "Rust Kafka", "Kafka", "Java", "Rust Java", "Cobol Rust"]
    jobs = [
        JobFactory(title=titles[n % len(titles)], description_raw="", published_at=timezone.now()) for n in range(count)
    ]
    JobDocument.objects.refresh([job.pk for job in jobs])


@contextmanager
def workers(count: int, redis_url: str):
    """Yields the processes of so many workers, on a queue of their own."""
    with ExitStack() as stack:
        yield [stack.enter_context(running_worker(REDIS_URL=redis_url)) for _ in range(count)]


def hands() -> int:
    """How many connections have matched a batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM hands")
        return cursor.fetchone()[0]


def is_shared_by(count: int) -> bool:
    if not Matching.objects.exists():
        nudge("alerts.match_jobs")
    return hands() >= count


def everything_is_matched() -> bool:
    nudge("alerts.match_jobs")  # beat's look, each minute
    return Matching.objects.filter(matched_at__isnull=False).count() == 48


def found_by_the_page(wanted) -> list[tuple[int, int]]:
    found = [(search, JobSearch.from_query(QueryDict(search.query_string))) for search in wanted]
    return [(search.pk, pk) for search, one in found for pk in Job.objects.matching(one).values_list("pk", flat=True)]
