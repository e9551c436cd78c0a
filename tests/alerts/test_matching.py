import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from alerts.matching import BATCH, BY_KEY, MOST_JOBS, PAIRS, match_batch, match_pending, notice_published, steered
from alerts.searches import Match, Matching, Search
from jobs.models import Job
from jobs.search import JobSearch
from tests.factories import CompanyFactory, JobFactory

with_real_connections = pytest.mark.django_db(transaction=True)


def keep(query_string: str) -> Search:
    return Search.objects.keep(JobSearch.from_query(QueryDict(query_string)))


def publish(title="Rust engineer", **fields) -> Job:
    job = JobFactory(title=title, published_at=None, **fields)
    job.publish(by=None, at=timezone.now())
    return job


def pairs() -> list[tuple[str, str]]:
    return sorted(Match.objects.values_list("search__query_string", "job__title"))


def close(job: Job) -> None:
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)


@pytest.mark.django_db
def test_a_published_job_is_matched_with_every_search_that_it_satisfies():
    for query_string in ["q=rust+kafka", 'q="kafka+rust"', "q=rust+or+cobol", "q=rust+-java", "q=rust&region=germany"]:
        keep(query_string)
    publish("Rust and Kafka engineer", regions=["germany"])
    publish("Rust and Java engineer", regions=["usa"], countries=["US"])

    result = match_pending()

    assert result == 5
    assert pairs() == [
        ("q=rust&region=germany", "Rust and Kafka engineer"),
        ("q=rust+-java", "Rust and Kafka engineer"),
        ("q=rust+kafka", "Rust and Kafka engineer"),
        ("q=rust+or+cobol", "Rust and Java engineer"),
        ("q=rust+or+cobol", "Rust and Kafka engineer"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("query_string", ["", "q=-java", "pay=50000", "not_company=acme", "q=cobol+or+-java"])
def test_a_search_without_a_word_to_be_found_by_is_matched_too(query_string):
    search = keep(query_string)
    pay = {"pay_min": 6_000_000, "pay_currency": "USD", "pay_period": "year"}
    job = publish(company=CompanyFactory(name="Other"), **pay)

    match_pending()

    assert list(Match.objects.values_list("search_id", "job_id")) == [(search.pk, job.pk)]


@pytest.mark.django_db
def test_a_job_with_several_of_a_searchs_keys_is_matched_once():
    keep("q=rust+or+kafka+or+java")
    publish("Rust Kafka Java engineer")

    result = match_pending()

    assert result == 1


@pytest.mark.django_db
def test_matching_twice_writes_nothing_new():
    keep("q=rust")
    job = publish()
    match_pending()

    again = match_pending()
    batch = match_batch([job.pk], at=timezone.now())

    assert (again, batch, Match.objects.count()) == (0, 0, 1)


@pytest.mark.django_db
def test_a_closed_job_is_not_matched_until_it_opens_again():
    keep("q=rust")
    job = publish()
    notice_published(timezone.now())
    close(job)

    while_closed = match_pending()
    job.publish(by=None, at=timezone.now())
    opened_again = match_pending()

    assert (while_closed, opened_again) == (0, 1)


@pytest.mark.django_db
def test_a_job_past_its_last_day_is_not_matched_though_nobody_closed_it():
    keep("q=rust")
    job = publish(expires_at=timezone.now() + timedelta(days=1))
    notice_published(timezone.now())

    matches = match_batch([job.pk], at=timezone.now() + timedelta(days=2))

    assert (matches, list(Matching.objects.all())) == (0, [])


@pytest.mark.django_db
def test_a_draft_is_not_matched():
    keep("q=rust")
    JobFactory(title="Rust engineer", published_at=None)

    result = match_pending()

    assert result == 0


@pytest.mark.django_db
def test_an_edited_and_a_republished_job_are_not_matched_again():
    keep("q=rust")
    job = publish()
    match_pending()
    Match.objects.all().delete()
    keep("q=kafka")

    job.title = "Rust and Kafka engineer"
    job.save()
    edited = match_pending()
    close(job)
    job.publish(by=None, at=timezone.now())
    republished = match_pending()

    assert (edited, republished) == (0, 0)


@pytest.mark.django_db
def test_a_match_is_never_older_than_its_jobs_publication():
    keep("q=rust")
    job = publish()

    match_pending()

    assert Match.objects.get().matched_at == Matching.objects.get().matched_at >= job.published_at


@pytest.mark.django_db
def test_a_batch_of_too_many_jobs_is_refused():
    with pytest.raises(ValueError, match="1000 jobs at most"):
        match_batch(list(range(MOST_JOBS + 1)), at=timezone.now())


@pytest.mark.django_db
def test_anchors_are_read_by_their_key_whatever_the_number_of_searches():
    keep("q=rust")
    job = publish()

    with steered(BY_KEY) as cursor:
        cursor.execute(f"EXPLAIN WITH {BATCH} {PAIRS}", {"job_ids": [job.pk], "at": timezone.now()})
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using searchanchor_by_key on alerts_searchanchor" in plan
    assert "Seq Scan" not in plan


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keywords", "anchored"), [("q=rust&", ("rust", False)), ("", ("\x01*", False))], ids=["query", "keys"]
)
def test_a_search_too_long_for_the_index_finds_what_the_page_finds(keywords, anchored):
    search = keep(keywords + "&".join(f"region=some-place-{number}" for number in range(99)) + "&region=germany")
    found = publish(regions=["germany"])
    publish(regions=["usa"], countries=["US"])

    match_pending()

    wanted = JobSearch.from_query(QueryDict(search.query_string))
    assert search.anchors.values_list("key", "is_whole").get() == anchored
    assert list(Match.objects.values_list("job", flat=True)) == [found.pk]
    assert list(Job.objects.matching(wanted)) == [found]


@pytest.mark.django_db
def test_the_plan_of_the_transaction_around_is_left_as_it_was():
    keep("q=rust")
    publish()

    match_pending()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_hashjoin'), current_setting('join_collapse_limit')")
        assert cursor.fetchone() == ("on", "8")


@with_real_connections
def test_several_workers_at_once_write_each_pair_once():
    for number in range(30):
        keep(f"q=rust+or+word{number}")
    for number in range(40):
        publish(f"Rust engineer {number}")

    in_threads(match_pending, times=4)

    assert Match.objects.count() == 30 * 40
    assert Matching.objects.pending().count() == 0


@with_real_connections
def test_a_job_published_while_another_worker_matches_is_not_lost():
    keep("q=rust")
    publish("Rust engineer, first")
    notice_published(timezone.now())
    with transaction.atomic():
        list(Matching.objects.select_for_update())

        in_threads(lambda: publish("Rust engineer, second") and match_pending(), times=1)
        while_held = pairs()

    match_pending()

    assert while_held == [("q=rust", "Rust engineer, second")]
    assert pairs() == [("q=rust", "Rust engineer, first"), ("q=rust", "Rust engineer, second")]


KILLED_HALF_WAY = """
import os, signal
import django

django.setup()
from django.db import transaction
from django.utils import timezone
from alerts.matching import match_some, notice_published
notice_published(timezone.now())
with transaction.atomic():
    print(match_some(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@with_real_connections
def test_what_a_killed_worker_left_is_made_good_by_the_next():
    keep("q=rust")
    publish()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "jobboard.settings",
        "DATABASE_URL": address_of_the_tests_database(),
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_HALF_WAY], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    wait_for_rows_it_held()
    left = Match.objects.count(), Matching.objects.pending().count()

    result = match_pending()

    assert (killed.stdout, killed.returncode) == ("(1, 1)\n", -signal.SIGKILL)
    assert left == (0, 1)
    assert (result, pairs()) == (1, [("q=rust", "Rust engineer")])


def wait_for_rows_it_held() -> None:
    """PostgreSQL may need a moment to notice that the worker is gone; until then its rows are passed over."""
    with transaction.atomic():
        list(Matching.objects.select_for_update())


def address_of_the_tests_database() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()


def in_threads(work, *, times: int) -> None:
    """Run it in so many threads with connections of their own, and raise what went wrong in one."""
    errors = []

    def run():
        try:
            work()
        except Exception as error:  # told by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
