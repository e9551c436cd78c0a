import json
from datetime import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from jobboard.celery import app as celery_app
from jobs.documents import JobDocument
from jobs.models import Job
from jobs.search import JobSearch
from jobs.search.page import search_jobs
from jobs.similar import similar_jobs
from jobs.suggestions import Term, completions, distance, refresh_terms
from tests.jobs.test_search import publish

pytestmark = pytest.mark.django_db


def suggestion(keywords):
    page = search_jobs(JobSearch(keywords=keywords))
    return page.suggestion and page.suggestion.keywords


def test_a_misspelt_word_is_put_right(company):
    for _ in range(3):
        publish(company, "Data engineer")
    refresh_terms()

    assert suggestion("engneer") == "engineer"
    assert suggestion("Data enginere, -java") == "Data engineer, -java"


def test_a_slip_that_stems_to_the_same_finds_the_jobs_at_once(company):
    job = publish(company, "Data engineer")
    refresh_terms()

    page = search_jobs(JobSearch(keywords="enginer"))

    assert (page.jobs, page.suggestion) == ([job], None)


@pytest.mark.parametrize("keywords", ["engineer", '"engneer"', "-engneer", "zzzzzzzz", "the", "data"])
def test_what_is_found_or_meant_or_far_off_is_left_as_it_is(company, keywords):
    for _ in range(3):
        publish(company, "Data engineer")
    refresh_terms()

    assert suggestion(keywords) is None


def test_terms_follow_the_open_jobs(company):
    job = publish(company, "Zookeeper")
    refresh_terms()

    assert Term.objects.get(word="zookeeper").jobs == 1

    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    assert refresh_terms() == 3  # zookeeper, acme, gmbh
    assert not Term.objects.exists()


def test_what_is_typed_is_completed_by_the_commonest_word(company):
    for title in ("Engineer", "Engineer", "English teacher"):
        publish(company, title)
    refresh_terms()

    assert completions("data eng") == ["data engineer", "data english"]
    assert completions("engineer") == []
    assert completions("e") == []
    assert completions("eng ") == []
    assert completions("\x00%_") == []


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("enginer", "engineer", 1), ("enigneer", "engineer", 1), ("same", "same", 0), ("", "abc", 3)],
)
def test_distance_counts_letters(one, other, letters):
    assert distance(one, other) == letters


def test_similar_jobs_share_rare_words_and_prefer_the_level(company):
    job = publish(company, "Rust engineer", level="senior", category="legal")
    other_level = publish(company, "Rust engineer", level="junior")
    same_level = publish(company, "Rust engineer", level="senior", ago=60)
    publish(company, "Baker", category="seller")
    refresh_terms()

    assert similar_jobs(job, count=2) == [same_level, other_level]


def test_a_closed_job_has_similar_jobs_and_is_none_itself(company):
    job = publish(company, "Baker", category="seller")
    open_job = publish(company, "Baker", category="seller")
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    assert similar_jobs(job) == [open_job]
    assert not JobDocument.objects.filter(job=job).exists()


def test_a_job_without_likes_gets_the_newest_of_its_category(company):
    job = publish(company, "Zookeeper", category="seller", description="<p>Lions.</p>")
    older = publish(company, "Florist", category="seller", description="<p>Roses.</p>", ago=5)
    newer = publish(company, "Butcher", category="seller", description="<p>Ham.</p>", ago=1)

    assert similar_jobs(job) == [newer, older]


@pytest.mark.django_db(transaction=True)
def test_words_of_published_jobs_are_learnt_a_minute_later_once_for_all_batches_of_an_import(company, own_redis):
    cache.clear()

    for title in ("Zookeeper", "Falconer"):
        publish(company, title)

    assert minutes_until("jobs.refresh_terms") == [1]


def minutes_until(task: str) -> list[int]:
    """How long after now each waiting message of the task is to run."""
    with celery_app.connection_for_write() as connection:
        messages = connection.default_channel.client.lrange("default", 0, -1)
    etas = [message["eta"] for text in messages if (message := json.loads(text)["headers"])["task"] == task]
    return [round((datetime.fromisoformat(eta) - timezone.now()).total_seconds() / 60) for eta in etas]
