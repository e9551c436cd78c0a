from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from jobs.models import Category, Job, Region
from jobs.search import JobSearch
from jobs.search.page import search_jobs

pytestmark = pytest.mark.django_db


def publish(company, title, *, category="dev", regions=(), description="<p>Work with us.</p>", ago=0, **fields):
    job = Job(
        title=title,
        company=company,
        category=Category.objects.get(slug=category),
        description_raw=description,
        apply_url="https://example.com/apply",
        **fields,
    )
    job.save()
    job.regions.set(Region.objects.filter(slug__in=regions))
    job.publish(by=None, at=timezone.now() - timedelta(minutes=ago))
    return job


def search(query_string=""):
    return search_jobs(JobSearch.from_query(QueryDict(query_string)))


def titles(query_string=""):
    return [job.title for job in search(query_string).jobs]


def test_a_published_job_is_found_by_its_words_until_it_is_closed(company):
    job = publish(company, "Data engineer")

    assert titles("q=engineers") == ["Data engineer"]

    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    assert titles("q=engineers") == []


def test_accents_and_case_don_t_matter(company):
    publish(company, "Verkäufer in Düsseldorf")
    publish(company, "Kierownik, ŁÓDŹ")

    assert titles("q=dusseldorf") == ["Verkäufer in Düsseldorf"]
    assert titles("q=VERKÄUFER") == ["Verkäufer in Düsseldorf"]
    assert titles("q=lodz") == ["Kierownik, ŁÓDŹ"]


def test_filters_narrow_and_facets_ignore_their_own_filter(company):
    publish(company, "One", category="dev", level="senior", regions=["germany"], ago=3)
    publish(company, "Two", category="dev", level="junior", regions=["usa"], ago=2)
    publish(company, "Three", category="legal", level="senior", ago=1)

    page = search("category=dev&level=senior")

    assert [job.title for job in page.jobs] == ["One"]
    assert counts(page) == {
        "category": {"dev": 1, "legal": 1},
        "region": {"emea": 1, "europe": 1, "germany": 1},
        "type": {},
        "level": {"junior": 1, "senior": 1},
        "workplace": {},
    }


def counts(page):
    return {facet.name: {value.value: value.count for value in facet.values} for facet in page.facets}


@pytest.mark.parametrize("sort", ["newest", "relevance", "pay", "closing"])
def test_pages_show_each_job_once_whatever_ties(company, sort):
    at = timezone.now()
    jobs = [publish(company, "Cook", pay_min=1000, pay_currency="USD", pay_period="hour") for _ in range(7)]
    Job.objects.all().publish(by=None, at=at)
    wanted = JobSearch(keywords="cook", sort=sort)

    seen, cursor = [], ""
    while True:
        page = search_jobs(wanted, cursor=cursor, size=3)
        seen.append([job.pk for job in page.jobs])
        cursor = page.next_cursor
        if not cursor:
            break

    order = sorted((job.pk for job in jobs), reverse=sort != "closing")
    assert seen == [order[:3], order[3:6], order[6:]]
    assert page.total == 7
