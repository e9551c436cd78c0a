"""The market of a role against a second computation in plain Python, on many adverts of every kind of pay."""

import itertools
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import quantiles

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.market import ENOUGH, Pay, RoleJob, RoleMarket
from careers.mentions import ReadAdvert, SkillMention, Vocabulary, read_adverts
from careers.models import Guide, Skill
from careers.survey import refresh_markets, trend
from jobs.documents import LEVELS, JobDocument
from jobs.models import Category, Company, Job, Region
from jobs.pay import TIMES_A_YEAR
from tests.careers.guides import published
from tests.careers.test_pages import text_of
from tests.factories import JobFactory


def survey(at=None):
    assert read_adverts(until=1, clock=itertools.repeat(0).__next__)
    return refresh_markets(Guide.objects.all(), at=at or timezone.now())


def everywhere() -> RoleMarket:
    return RoleMarket.objects.everywhere().get()


def test_market_equals_an_independent_computation_on_twenty_thousand_adverts(db):
    guide = published(search="q=gardener")
    skills = list(Skill.objects.order_by("pk"))
    stated = list(Region.objects.filter(slug__in=["germany", "france", "usa", "europe"]).order_by("pk"))
    jobs = random_jobs(20_000, skills, stated)

    survey()

    assert stored(guide) == computed(jobs)
    assert everywhere().adverts == len(of_gardeners(jobs))
    assert {one.skill: one.n for one in everywhere().skills_asked()} == Counter(
        skill for _, _, named in of_gardeners(jobs) for skill in named
    )


def of_gardeners(jobs):
    """Those the guide's search found while they were open."""
    return [one for one in jobs if one[0].title.startswith("Gardener") and one[0].closed_at is None]


def random_jobs(n, skills, regions):
    """(Job, its regions, the skills its text names) of n random adverts, written straight into the tables."""
    chance = random.Random(7)
    category = Category.objects.get(slug="dev")
    companies = [Company(name=f"Company {k}", slug=f"company-{k}", key=f"company {k}") for k in range(40)]
    Company.objects.bulk_create(companies)
    made = [random_job(chance, category, companies, skills, regions) for _ in range(n)]
    Job.objects.bulk_create([job for job, _, _ in made], batch_size=2000)
    link = Job.regions.through
    links = [link(job_id=job.pk, region_id=region.pk) for job, stated, _ in made for region in stated]
    link.objects.bulk_create(links, batch_size=5000)
    JobDocument.objects.refresh([job.pk for job, _, _ in made])
    return made


def random_job(chance, category, companies, skills, regions):
    named = [skill for skill in skills if chance.random() < 0.3]
    title = chance.choice(["Gardener", "Gardeners", "Plumber"])
    published_at = timezone.now() - timedelta(days=chance.uniform(0.1, 85))
    is_closed = chance.random() < 0.2
    job = Job(
        title=title,
        slug=title.lower(),
        company=chance.choice(companies),
        category=category,
        workplace=chance.choice(["", "remote", "hybrid", "onsite"]),
        level=chance.choice(["", *LEVELS]),
        description=f"<p>{chance.choice(['You know', 'Ask for'])} {', '.join(skill.name for skill in named)}.</p>",
        apply_url="https://acme.test/apply",
        published_at=published_at,
        closed_at=timezone.now() if is_closed else None,
        **random_pay(chance),
    )
    return job, chance.sample(regions, chance.choice([0, 1, 2])), {skill.pk for skill in named}


def random_pay(chance):
    if chance.random() < 0.3:
        return {}
    low = chance.randrange(10_000, 9_000_000)
    high = low + chance.randrange(0, 500_000)
    stated = chance.choice([{"pay_min": low}, {"pay_max": high}, {"pay_min": low, "pay_max": high}])
    currency = chance.choices(["EUR", "USD", "JPY", "GBP"], [60, 30, 9, 1])[0]
    return stated | {"pay_currency": currency, "pay_period": chance.choice(list(TIMES_A_YEAR)).value}


def computed(jobs):
    """What RoleMarket is to hold, by the region's key, from the adverts themselves."""
    by_region = defaultdict(list)
    for job, stated, _ in of_gardeners(jobs):
        for region in {None}.union(*(wider_regions(one) for one in stated)):
            by_region[region].append(job)
    return {region: market_of(found) for region, found in by_region.items() if region is None or len(found) >= ENOUGH}


@cache
def wider_regions(region) -> set[int]:
    """Itself and those that contain all of its countries."""
    return {one.pk for one in Region.objects.all() if set(region.countries) <= set(one.countries)}


def market_of(jobs):
    yearly = defaultdict(list)
    for job in jobs:
        if job.pay_currency:
            low, high = job.pay_min or job.pay_max, job.pay_max or job.pay_min
            middle = (low + high) / 2 * TIMES_A_YEAR[job.pay_period]
            yearly[job.pay_currency, ""].append(middle)
            if job.level:
                yearly[job.pay_currency, job.level].append(middle)
    return {
        "jobs": len(jobs),
        "remote": sum(job.workplace == "remote" for job in jobs),
        "with_workplace": sum(job.workplace != "" for job in jobs),
        "levels": dict(Counter(job.level for job in jobs if job.level)),
        "pay": {pay_of(*key, values) for key, values in yearly.items()},
        "companies": sorted(Counter(job.company.name for job in jobs).items(), key=lambda one: (-one[1], one[0]))[:8],
    }


def pay_of(currency, level, values):
    if len(values) < ENOUGH:
        return Pay(currency, level, len(values))
    low, median, high = (int(value + 0.5) for value in quantiles(values, n=4, method="inclusive"))
    return Pay(currency, level, len(values), low, median, high)


def stored(guide):
    return {
        market.region_id: {
            "jobs": market.jobs,
            "remote": market.remote,
            "with_workplace": market.with_workplace,
            "levels": market.levels,
            "pay": set(market.pay_rows()),
            "companies": [(one["name"], one["n"]) for one in market.companies],
        }
        for market in RoleMarket.objects.filter(guide=guide)
    }


def test_pay_of_nine_adverts_is_counted_and_not_shown(db):
    published(search="q=gardener")
    for _ in range(9):
        JobFactory(title="Gardener", pay_min=50_000_00, pay_currency="EUR", pay_period="year")

    survey()

    assert everywhere().pay_of_all_levels() == [Pay("EUR", "", 9)]
    assert not everywhere().pay_of_all_levels()[0].is_shown


def test_role_without_open_jobs_has_an_empty_market(db):
    published(search="q=gardener")

    survey()

    market = everywhere()
    assert (market.jobs, market.levels, market.pay, market.companies, market.regions) == (0, {}, [], [], [])
    assert market.share_of_remote is None


def test_names_of_skills_are_found_as_whole_words_in_any_spelling():
    skills = [
        Skill(pk=1, name="C++"),
        Skill(pk=2, name="Go", is_everyday_word=True, also_called=["Golang"]),
        Skill(pk=3, name="machine learning"),
        Skill(pk=4, name="SQL"),
        Skill(pk=5, name="C#", also_called=[".NET"]),
    ]

    read = Vocabulary.of(skills).skills_in

    assert read("Modern C++, and Machine-Learning.") == {1, 3}
    assert read("Go the extra mile with NoSQL and machines") == set()
    assert read("golang; (.NET); sql/plsql") == {2, 4, 5}


def test_advert_is_read_again_when_it_or_the_vocabulary_changes(db):
    skill = Skill.objects.create(name="pruning", kind="technical")
    job = JobFactory(description_raw="<p>Cuts hedges.</p>")
    survey()
    assert not SkillMention.objects.exists()

    job.description_raw = "<p>Pruning of hedges.</p>"
    job.save()
    survey()
    assert list(SkillMention.objects.values_list("job_id", "skill_id")) == [(job.pk, skill.pk)]

    skill.delete()
    hedging = Skill.objects.create(name="hedges", kind="technical")
    survey()
    assert list(SkillMention.objects.values_list("job_id", "skill_id")) == [(job.pk, hedging.pk)]


def test_advert_that_did_not_change_is_read_once(db):
    JobFactory()
    survey()
    (first,) = ReadAdvert.objects.values_list("read_at", flat=True)

    survey()

    assert list(ReadAdvert.objects.values_list("read_at", flat=True)) == [first]


def test_closed_advert_still_counts_for_what_is_asked_over_three_months(db):
    guide = published(search="q=gardener")
    skill = guide.skills.get(name="hydraulics")
    job = JobFactory(title="Gardener", description_raw="<p>Hydraulics wanted.</p>")
    survey()
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    survey()

    market = everywhere()
    assert (market.jobs, market.adverts) == (0, 1)
    assert [(one.skill, one.n, one.percent) for one in market.skills_asked()] == [(skill.pk, 1, 100)]


def test_jobs_that_the_search_finds_no_more_leave_the_role(db):
    guide = published(search="q=gardener")
    JobFactory(title="Gardener")
    survey()
    guide.search = "q=plumber"
    guide.save()

    survey()

    assert not RoleJob.objects.exists()


@pytest.mark.parametrize(
    ("before", "of_before", "recent", "of_recent", "expected"),
    [
        (10, 100, 30, 100, "rising"),
        (30, 100, 10, 100, "falling"),
        (10, 100, 12, 100, ""),  # as chance would have it
        (0, 29, 29, 29, ""),  # too few to compare
        (40, 40, 40, 40, ""),  # everybody asks for it, before and after
    ],
)
def test_trend_says_only_what_is_more_than_chance(before, of_before, recent, of_recent, expected):
    assert trend(before, of_before, recent, of_recent) == expected


def test_skill_of_the_guide_that_few_of_many_adverts_name_is_rare(db):
    skills = [{"skill": 1, "name": "hydraulics", "n": 4, "share": 0.04, "trend": ""}]

    trends = RoleMarket(adverts=100, skills=skills).trends()

    assert (trends.of(1), trends.of(2)) == ("rare", "rare")
    assert RoleMarket(adverts=59, skills=skills).trends().of(1) == ""


def test_page_says_what_the_adverts_say_and_from_how_many(db, client):
    guide = published(search="q=gardener")
    for number in range(10):
        JobFactory(title="Gardener", pay_min=(50_000 + number * 1000) * 100, pay_currency="EUR", pay_period="year")
    JobFactory(title="Gardener", level="lead", pay_min=20_00, pay_currency="USD", pay_period="hour", workplace="onsite")
    survey(at=datetime(2030, 3, 4, 3, 10, tzinfo=UTC))

    said = text_of(client.get(guide.get_absolute_url()))

    assert "Counted from the adverts on this board on 4 March 2030, 03:10 UTC; what opened or closed since" in said
    assert "Open on 4 March 11 jobs Remote 91% of 11 that state a workplace Senior 10 jobs Lead 1 job" in said
    assert "All levels, EUR €52,200 €54,500 €56,800 10" in said
    assert "1 advert states pay in USD: fewer than 10 say nothing about a market." in said


def test_page_of_a_role_without_adverts_has_no_such_part(db, client):
    guide = published(search="q=gardener")
    survey()

    assert "What our adverts say" not in client.get(guide.get_absolute_url()).content.decode()


def test_page_reads_the_market_in_one_query(db, client):
    guide = published(search="q=gardener")
    JobFactory(title="Gardener")
    survey()

    with CaptureQueriesContext(connection) as queries:
        client.get(guide.get_absolute_url())

    assert sum('FROM "careers_rolemarket"' in query["sql"] for query in queries) == 1
    assert len(queries) <= 12
