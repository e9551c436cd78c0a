"""What search and the tasks see of a job's life."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import tasks
from jobs.documents import JobDocument, OpenCount, SampledDocument
from jobs.models import Category, Company, Job, Region
from jobs.search import JobSearch
from jobs.search.counting import count_since
from jobs.search.page import newest_titles, search_jobs
from tests.jobs.test_search import publish

pytestmark = pytest.mark.django_db


def open_titles():
    return {job.title for job in search_jobs(JobSearch()).jobs}


def kept_total():
    return search_jobs(JobSearch()).total


def test_a_job_past_its_last_day_is_closed_and_leaves_the_lists(company):
    now = timezone.now()
    over = publish(company, "Over")
    publish(company, "Open", ago=1)
    Job.objects.filter(pk=over.pk).update(expires_at=now - timedelta(seconds=1))

    assert tasks.close_expired() == 1

    over.refresh_from_db()
    assert (over.close_reason, over.closed_by) == (Job.CloseReason.EXPIRED, None)
    assert (open_titles(), kept_total()) == ({"Open"}, 1)


def test_a_job_is_not_found_in_the_minute_before_it_is_closed(company):
    job = publish(company, "Cook")
    job.extend(until=timezone.now() + timedelta(hours=1))
    JobDocument.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = search_jobs(JobSearch(keywords="cook"))

    assert (page.jobs, page.total) == ([], 0)


def test_a_job_published_for_later_appears_when_its_time_comes(company):
    job = publish(company, "Later")
    job.publish(by=None, at=timezone.now() + timedelta(hours=1))

    assert open_titles() == set()

    Job.objects.filter(pk=job.pk).update(published_at=timezone.now() - timedelta(seconds=1))
    tasks.close_expired()

    assert open_titles() == {"Later"}


def test_every_verb_brings_the_documents_up_to_date(company):
    job, other = publish(company, "One"), publish(company, "Two")
    now = timezone.now()

    Job.objects.filter(pk=job.pk).hide(at=now)
    assert open_titles() == {"Two"}
    Job.objects.filter(pk=job.pk).unhide()
    assert open_titles() == {"One", "Two"}
    Job.objects.all().close(by=None, at=now, reason=Job.CloseReason.STAFF)
    assert open_titles() == set()
    Job.objects.all().publish(by=None, at=now)
    assert open_titles() == {"One", "Two"}
    other.delete()
    assert (open_titles(), kept_total()) == ({"One"}, 1)


def test_publishing_again_drops_a_last_day_that_is_over(company):
    job = publish(company, "One")
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now() - timedelta(days=1))

    assert Job.objects.filter(expires_at__lt=timezone.now()).publish(by=None, at=timezone.now()) == 1

    job.refresh_from_db()
    assert job.expires_at is None


def test_a_company_and_a_category_are_found_by_their_new_names(company):
    publish(company, "Cook", category="dev")

    company.name = "Umbrella"
    company.save()
    category = Category.objects.get(slug="dev")
    category.slug = "programming"
    category.save()

    assert search_jobs(JobSearch(keywords="umbrella", categories=("programming",))).total == 1
    assert search_jobs(JobSearch(keywords="acme")).total == 0
    assert search_jobs(JobSearch(categories=("dev",))).total == 0


def test_kept_counts_are_what_counting_gives(company):
    publish(company, "One", regions=["germany"], level="senior", employment_types=["contract", "part-time"])
    publish(company, "Two", regions=["usa"], workplace="remote")
    publish(company, "Three", category="legal").close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    kept, counted = search_jobs(JobSearch()), search_jobs(JobSearch(keywords="work"))

    assert kept.total == counted.total == 2
    assert numbers_of(kept) == numbers_of(counted)

    before = OpenCount.objects.count()
    OpenCount.objects.sum_up()

    assert OpenCount.objects.count() < before
    assert numbers_of(search_jobs(JobSearch())) == numbers_of(counted)


def numbers_of(page):
    return {facet.name: {value.value: value.count for value in facet.values} for facet in page.facets}


def test_the_sample_follows_the_documents(company):
    jobs = [
        Job(title="Cook", company=company, category_id=Category.objects.first().pk, apply_url="https://example.com")
        for _ in range(200)
    ]
    for job in jobs:
        job.derive()
    Job.objects.bulk_create(jobs)

    Job.objects.all().publish(by=None, at=timezone.now())
    sampled = set(SampledDocument.objects.values_list("pk", flat=True))
    Job.objects.filter(pk__in=sampled).close(by=None, at=timezone.now(), reason=Job.CloseReason.STAFF)

    assert 0 < len(sampled) < 30
    assert SampledDocument.objects.count() == 0
    assert kept_total() == 200 - len(sampled)


def test_a_region_is_found_in_the_areas_around_it(company):
    publish(company, "Berlin", regions=["germany"])
    publish(company, "Anywhere in Europe", regions=["europe"])
    publish(company, "By country", countries=["DE"])

    def found(**wanted):
        return {job.title for job in search_jobs(JobSearch(**wanted)).jobs}

    assert found(regions=("germany",)) == {"Berlin", "By country"}
    assert found(regions=("europe",)) == {"Berlin", "Anywhere in Europe", "By country"}
    assert found(countries=("DE",)) == {"Berlin", "Anywhere in Europe", "By country"}
    assert found(countries=("US",)) == set()
    assert Region.objects.get(slug="germany").countries == ["DE"]


def test_a_preview_counts_and_names_the_newest(company):
    publish(company, "Old cook", ago=60 * 24 * 40)
    publish(company, "First cook", ago=60)
    publish(company, "Second cook", ago=30)
    since = timezone.now() - timedelta(days=30)

    assert count_since(JobSearch(keywords="cook"), since) == 2
    assert newest_titles(JobSearch(keywords="cook"), 3, since) == ["Second cook", "First cook"]
    assert newest_titles(JobSearch(keywords="cook"), 1, since) == ["Second cook"]


def test_an_empty_result_says_what_to_give_up(company):
    publish(company, "Cook", level="junior")
    publish(company, "Cook", level="junior", category="legal")

    page = search_jobs(JobSearch(keywords="cook", levels=("senior",), categories=("legal",)))

    assert [(drop.labels, drop.count) for drop in page.drops] == [(("Senior",), 1)]
    assert page.drops[0].search == JobSearch(keywords="cook", categories=("legal",))


def test_values_of_one_filter_are_given_up_together(company):
    publish(company, "Cook", level="junior")

    page = search_jobs(JobSearch(keywords="cook", levels=("senior", "lead")))

    assert [(drop.labels, drop.count) for drop in page.drops] == [(("Senior or Lead",), 1)]


def test_where_no_filter_is_enough_alone_the_pairs_that_are_come_the_most_fruitful_first(company):
    publish(company, "Counsel", category="legal", level="senior", workplace="onsite")
    for title in ("Cook", "Baker"):
        publish(company, title, category="dev", level="junior", workplace="remote")

    page = search_jobs(JobSearch(categories=("legal",), levels=("intern",), workplaces=("remote",)))

    assert [(drop.labels, drop.count, drop.search.query_string()) for drop in page.drops] == [
        (("Legal", "Intern"), 2, "workplace=remote"),
        (("Intern", "Remote"), 1, "category=legal"),
    ]


def test_where_no_pair_is_enough_the_words_alone_are_offered(company):
    publish(company, "Cook", category="dev", level="junior", workplace="onsite")
    filters = {"categories": ("legal",), "levels": ("intern",), "workplaces": ("remote",)}

    of_words = search_jobs(JobSearch(keywords="cook", **filters, sort="pay")).drops
    of_other_words = search_jobs(JobSearch(keywords="glassblower", **filters)).drops

    assert [(drop.count, drop.search) for drop in of_words] == [(1, JobSearch(keywords="cook", sort="pay"))]
    assert of_other_words == []


def test_counts_of_what_giving_up_leaves_end_where_nobody_needs_them(company, monkeypatch):
    monkeypatch.setattr("jobs.search.drops.ENOUGH", 2)
    for title in ("Cook", "Baker", "Nurse"):
        publish(company, title, level="junior")

    (drop,) = search_jobs(JobSearch(levels=("senior",), categories=("dev",))).drops

    assert (drop.count, drop.is_more) == (2, True)


def test_an_empty_page_takes_eight_queries_at_most_however_many_filters_it_has(company, django_assert_max_num_queries):
    publish(company, "Cook", level="junior")
    lists = dict.fromkeys(("categories", "regions", "companies", "companies_out"), ("none",))
    search = JobSearch("glassblower", **lists, levels=("senior",), workplaces=("remote",), countries=("DE",))

    with django_assert_max_num_queries(8):
        search_jobs(search)


@pytest.mark.parametrize("search", [JobSearch(), JobSearch(keywords="cook"), JobSearch(levels=("senior",), sort="pay")])
@pytest.mark.parametrize("jobs", [3, 30])
def test_a_page_takes_five_queries_at_most(company, django_assert_max_num_queries, search, jobs):
    for _ in range(jobs):
        publish(company, "Cook", level="senior")

    with django_assert_max_num_queries(5):
        page = search_jobs(search)
        shown = [(job.company.name, job.category.name, job.title) for job in page.jobs]

    assert (len(shown), page.total) == (min(jobs, 20), jobs)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_published_while_redis_is_away(settings, caplog, dead_redis):
    settings.AFTER_PUBLISHING = ["alerts.match_jobs"]
    company = Company.objects.create(name="Acme")
    category = Category.objects.create(slug="cooks", name="Cooks")
    job = Job.objects.create(title="Cook", company=company, category=category, apply_url="https://example.com")

    job.publish(by=None, at=timezone.now())

    assert job.is_open(timezone.now())
    assert "Could not nudge alerts.match_jobs" in caplog.text
