"""The market of a role computed a second time, in plain Python from the adverts themselves."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from statistics import quantiles

from benchmarks.measuring.search import plain_rows
from careers.market import RoleMarket
from careers.models import Guide
from careers.openings import job_search
from careers.skills import Skill
from jobs.models import Job, Region
from jobs.words import words

ENOUGH = 10
LISTED = 8
DAYS = 90
TIMES_A_YEAR = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}


def is_plain_market(guide: Guide) -> bool:
    """Whether all that is kept of the guide's market, everywhere and by region, is what its adverts say."""
    kept = list(RoleMarket.objects.filter(guide=guide))
    at = kept[0].computed_at
    adverts = adverts_of(guide, at=at)
    skills, counted = skills_kept(kept), skills_in(adverts, at=at)
    return {market.region_id: figures_kept(market) for market in kept} == figures(adverts) and skills == counted


def adverts_of(guide: Guide, *, at: datetime) -> list[Job]:
    found = [row[0] for row in plain_rows(job_search(guide), at=at)]
    return list(Job.objects.filter(pk__in=found).select_related("company").prefetch_related("regions"))


def figures(adverts: list[Job]) -> dict:
    """What is to be kept of the adverts by region, with None for all."""
    by_region = defaultdict(list)
    for job in adverts:
        for region in {None} | regions_of(job):
            by_region[region].append(job)
    by_region.setdefault(None, [])
    return {region: figures_of(found) for region, found in by_region.items() if region is None or len(found) >= ENOUGH}


def regions_of(job: Job) -> set[int]:
    """Those stated and those around them; of a job that states countries alone those that hold all of them."""
    if stated := job.regions.all():
        return {around for region in stated for around in regions_around(region)}
    return {pk for pk, countries in regions().items() if job.countries and set(job.countries) <= countries}


@cache
def regions() -> dict[int, set[str]]:
    return {region.pk: set(region.countries) for region in Region.objects.all()}


@cache
def regions_around(region: Region) -> set[int]:
    around = {pk for pk, countries in regions().items() if region.countries and set(region.countries) <= countries}
    return around | {region.pk}


def figures_of(adverts: list[Job]) -> dict:
    companies = Counter((job.company.name, job.company.slug) for job in adverts)
    return {
        "jobs": len(adverts),
        "remote": sum(job.workplace == "remote" for job in adverts),
        "with_workplace": sum(job.workplace != "" for job in adverts),
        "levels": dict(Counter(job.level for job in adverts if job.level)),
        "pay": pay_of(adverts),
        "companies": sorted(companies.items(), key=lambda one: (-one[1], one[0]))[:LISTED],
    }


def pay_of(adverts: list[Job]) -> dict:
    yearly = defaultdict(list)
    for job in adverts:
        if job.pay_min or job.pay_max:
            middle = ((job.pay_min or job.pay_max) + (job.pay_max or job.pay_min)) / 2 * TIMES_A_YEAR[job.pay_period]
            for level in {"", job.level}:
                yearly[job.pay_currency, level].append(middle)
    return {key: (len(values), *percentiles(values)) for key, values in yearly.items()}


def percentiles(values: list[float]) -> list[int | None]:
    if len(values) < ENOUGH:
        return [None] * 3
    return [int(value + 0.5) for value in quantiles(values, n=4, method="inclusive")]


def figures_kept(market: RoleMarket) -> dict:
    return {
        "jobs": market.jobs,
        "remote": market.remote,
        "with_workplace": market.with_workplace,
        "levels": market.levels,
        "pay": {(pay.currency, pay.level): (pay.n, pay.low, pay.median, pay.high) for pay in market.pay_rows()},
        "companies": [((one["name"], one["slug"]), one["n"]) for one in market.companies],
    }


def skills_in(adverts: list[Job], *, at: datetime) -> tuple[int, Counter]:
    """How many adverts of the window there are, and how many of them name each skill."""
    since = at - timedelta(days=DAYS)
    texts = [text_of(job) for job in adverts if job.published_at >= since]
    return len(texts), Counter(
        pk for text in texts for pk, names in names_of_skills().items() if any(name in text for name in names)
    )


def text_of(job: Job) -> str:
    """The words of an advert with a space around each."""
    said = unescape(re.sub(r"<[^>]*>", " ", job.description))
    return f" {' '.join(words(' | '.join([job.title, *job.tags, said])))} "


@cache
def names_of_skills() -> dict[int, list[str]]:
    return {
        skill.pk: [f" {' '.join(words(name))} " for name in skill.names_in_adverts()] for skill in Skill.objects.all()
    }


def skills_kept(markets: list[RoleMarket]) -> tuple[int, Counter]:
    (market,) = (market for market in markets if market.region_id is None)
    return market.adverts, Counter({one.skill: one.n for one in market.skills_asked()})
