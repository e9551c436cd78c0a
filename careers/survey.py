"""Takes the survey behind RoleMarket: which jobs belong to a guide, and what they and their adverts add up to."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sqrt

from django.db import connection, transaction

from careers.market import ENOUGH, ENOUGH_TO_COMPARE, RoleMarket
from careers.mentions import WINDOW
from careers.models import Guide
from careers.roles import remember_jobs
from jobs.documents import LEVELS
from jobs.pay import TIMES_A_YEAR

# A difference between the halves of the window that chance alone would bring about once in twenty times (z-test).
SIGNIFICANT = 1.96
MOST = 8  # companies and regions that are listed
# Of the jobs that were counted: a role that gained this share of them is counted anew before the night.
MUCH = 0.25
# How long the jobs of a role are remembered after they were published.
REMEMBERED_FOR = timedelta(days=180)


def refresh_markets(guides, *, at: datetime) -> int:
    """Survey the roles of these guides anew, each for itself; says how many."""
    surveyed = [refresh_market(guide, at=at) for guide in guides.exclude(search="")]
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"before": at - REMEMBERED_FOR})
    return len(surveyed)


FORGET = """
DELETE FROM careers_rolejob role USING jobs_job job
WHERE job.id = role.job_id AND job.published_at < %(before)s
    AND NOT EXISTS (SELECT FROM jobs_jobdocument document WHERE document.job_id = job.id)
"""


def outgrown(gained: Mapping[int, int]) -> list[int]:
    """Of guides, and how many jobs each gained at once, the keys of those whose market is told from too few by far."""
    many = [guide for guide, jobs in gained.items() if jobs >= ENOUGH]
    counted = RoleMarket.objects.everywhere().filter(guide__in=many).order_by("guide").values_list("guide", "jobs")
    return [guide for guide, jobs in counted if gained[guide] >= MUCH * jobs]


@transaction.atomic
def refresh_market(guide: Guide, *, at: datetime) -> None:
    remember_jobs(guide, at=at)
    markets = [RoleMarket(guide=guide, computed_at=at, **values) for values in read_market(guide, at=at)]
    RoleMarket.objects.filter(guide=guide).delete()
    RoleMarket.objects.bulk_create(markets)


def read_market(guide: Guide, *, at: datetime) -> list[dict]:
    """The values of RoleMarket for the role everywhere and for each region with enough adverts."""
    params = {"guide": guide.pk, "at": at, "enough": ENOUGH, "levels": LEVELS, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(MARKET, params)
        names = [column.name for column in cursor.description]
        markets = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for market in markets:
        market |= {name: json.loads(market[name]) for name in ("levels", "pay", "companies", "regions")}
        if market["region_id"] is None:
            market["adverts"], market["skills"] = read_skills(guide, at=at)
    return markets


# A row of `advert` stands for one open job in one of its regions, and once with region NULL for everywhere.
TIMES = " ".join(f"WHEN '{period.value}' THEN {times}" for period, times in TIMES_A_YEAR.items())
YEARLY = f"""
    (coalesce(job.pay_min, job.pay_max) + coalesce(job.pay_max, job.pay_min)) / 2.0
    * CASE job.pay_period {TIMES} END"""
MARKET = f"""
WITH advert AS MATERIALIZED (
    SELECT area.region_id, document.job_id, document.company_id, document.workplace, document.level,
        job.pay_currency AS currency, {YEARLY} AS yearly
    FROM careers_rolejob role
    JOIN jobs_jobdocument document ON document.job_id = role.job_id
    JOIN jobs_job job ON job.id = role.job_id
    CROSS JOIN LATERAL (
        SELECT NULL::bigint AS region_id UNION ALL SELECT unnest(document.regions::bigint[])
    ) area
    WHERE role.guide_id = %(guide)s AND (document.expires_at IS NULL OR document.expires_at > %(at)s)
), area AS (
    SELECT region_id, count(*) AS jobs, count(*) FILTER (WHERE workplace = 1) AS remote,
        count(*) FILTER (WHERE workplace > 0) AS with_workplace
    FROM advert GROUP BY region_id
), level AS (
    SELECT region_id, jsonb_object_agg((%(levels)s::text[])[level], n) AS levels
    FROM (SELECT region_id, level, count(*) AS n FROM advert WHERE level > 0 GROUP BY region_id, level) counted
    GROUP BY region_id
), paid AS (
    SELECT region_id, currency, CASE WHEN grouping(level) = 1 THEN 0 ELSE level END AS level, count(*) AS n,
        percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY yearly::double precision) AS percentiles
    FROM advert WHERE yearly IS NOT NULL
    GROUP BY GROUPING SETS ((region_id, currency), (region_id, currency, level))
    HAVING grouping(level) = 1 OR level > 0
), pay AS (
    SELECT region_id, jsonb_agg(CASE WHEN n >= %(enough)s THEN stated || jsonb_build_object(
        'low', round(percentiles[1]::numeric), 'median', round(percentiles[2]::numeric),
        'high', round(percentiles[3]::numeric)
    ) ELSE stated END ORDER BY currency, level) AS pay
    FROM paid, LATERAL (SELECT jsonb_build_object(
        'currency', currency, 'level', coalesce((%(levels)s::text[])[level], ''), 'n', n) AS stated) said
    GROUP BY region_id
), company AS (
    SELECT region_id,
        jsonb_agg(jsonb_build_object('slug', slug, 'name', name, 'n', n) ORDER BY n DESC, name) AS companies
    FROM (
        SELECT region_id, company.slug, company.name, count(*) AS n,
            row_number() OVER (PARTITION BY region_id ORDER BY count(*) DESC, company.name) AS place
        FROM advert JOIN jobs_company company ON company.id = advert.company_id
        GROUP BY region_id, company.id
    ) ranked WHERE place <= %(most)s GROUP BY region_id
), region AS (
    SELECT jsonb_agg(jsonb_build_object('slug', slug, 'name', name, 'n', jobs) ORDER BY jobs DESC, name) AS regions
    FROM (
        SELECT region.slug, region.name, area.jobs FROM area JOIN jobs_region region ON region.id = area.region_id
        ORDER BY area.jobs DESC, region.name LIMIT %(most)s
    ) ranked
), everywhere AS (
    SELECT NULL::bigint AS region_id WHERE NOT EXISTS (SELECT FROM advert)
)
SELECT area.region_id, coalesce(area.jobs, 0) AS jobs, coalesce(area.remote, 0) AS remote,
    coalesce(area.with_workplace, 0) AS with_workplace, coalesce(level.levels, '{{}}') AS levels,
    coalesce(pay.pay, '[]') AS pay, coalesce(company.companies, '[]') AS companies,
    CASE WHEN area.region_id IS NULL THEN coalesce(region.regions, '[]') ELSE '[]' END AS regions
FROM (SELECT * FROM area UNION ALL SELECT region_id, 0, 0, 0 FROM everywhere) area
CROSS JOIN region
LEFT JOIN level ON level.region_id IS NOT DISTINCT FROM area.region_id
LEFT JOIN pay ON pay.region_id IS NOT DISTINCT FROM area.region_id
LEFT JOIN company ON company.region_id IS NOT DISTINCT FROM area.region_id
WHERE area.region_id IS NULL OR area.jobs >= %(enough)s
"""


def read_skills(guide: Guide, *, at: datetime) -> tuple[int, list[dict]]:
    """How many of the window's adverts were read, and for each skill named in them how many name it, and its trend."""
    with connection.cursor() as cursor:
        cursor.execute(SKILLS, {"guide": guide.pk, "begin": at - WINDOW, "middle": at - WINDOW / 2, "end": at})
        rows = cursor.fetchall()
    adverts = {is_recent: n for is_recent, skill, _, n in rows if skill is None}
    before, recent = adverts.get(False, 0), adverts.get(True, 0)
    counts: dict[tuple[int, str], dict[bool, int]] = {}
    for is_recent, skill, name, n in rows:
        if skill is not None:
            counts.setdefault((skill, name), {})[is_recent] = n
    asked = [
        {
            "skill": skill,
            "name": name,
            "n": sum(of.values()),
            "share": round(sum(of.values()) / (before + recent), 4),
            "trend": trend(of.get(False, 0), before, of.get(True, 0), recent),
        }
        for (skill, name), of in counts.items()
    ]
    return before + recent, sorted(asked, key=lambda one: (-one["n"], one["skill"]))


# Rows of (in the later half?, skill or NULL for all adverts, its name, how many).
SKILLS = """
WITH advert AS MATERIALIZED (
    SELECT job.id, job.published_at >= %(middle)s AS is_recent
    FROM careers_rolejob role JOIN jobs_job job ON job.id = role.job_id
    WHERE role.guide_id = %(guide)s AND job.published_at >= %(begin)s AND job.published_at <= %(end)s
        AND EXISTS (SELECT FROM careers_readadvert reading WHERE reading.job_id = job.id)
)
SELECT is_recent, NULL::bigint, NULL::text, count(*) FROM advert GROUP BY is_recent
UNION ALL
SELECT is_recent, skill.id, skill.name, count(*)
FROM advert
JOIN careers_skillmention mention ON mention.job_id = advert.id
JOIN careers_skill skill ON skill.id = mention.skill_id
GROUP BY is_recent, skill.id
"""


def trend(before: int, of_before: int, recent: int, of_recent: int) -> str:
    """Whether the share of adverts changed from one half of the window to the other more than by chance."""
    if min(of_before, of_recent) < ENOUGH_TO_COMPARE:
        return ""
    overall = (before + recent) / (of_before + of_recent)
    spread = sqrt(overall * (1 - overall) * (1 / of_before + 1 / of_recent))
    difference = recent / of_recent - before / of_before
    if spread == 0 or abs(difference) < SIGNIFICANT * spread:
        return ""
    return "rising" if difference > 0 else "falling"
