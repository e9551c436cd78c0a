"""Which open jobs belong to a guide's role: kept, so that no page has to read adverts, and yet never out of date.

An index finds words, but a phrase has to be looked up in each advert that holds its words: tenths of a second on a
large board. So what a guide's search found is remembered as RoleJobs, and whoever asks adds the documents that were
written since.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from careers.market import RoleReading
from careers.models import Guide
from careers.openings import job_search, search_path
from jobs.models import Job
from jobs.rows import COLUMNS, job_from
from jobs.search import JobSearch
from jobs.search.sql import ALONE, condition, fetch

SHOWN = 5
EVER = datetime.min.replace(tzinfo=UTC)
# A document says when it was written, others see it when its transaction ends: no transaction of ours takes as long.
MARGIN = timedelta(minutes=5)
# What was kept is looked up by its key. What was written since is found by its time when that is little, else by its
# words: the planner knows which.
LATEST_FIRST = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


def remember_jobs(guide: Guide, *, at: datetime) -> None:
    """Keep which open jobs the guide's search finds; forget open ones that it finds no more."""
    read_jobs(guide, since=EVER, at=at, reading={})


def follow_jobs(*, at: datetime) -> dict[int, int]:
    """Bring the jobs of all roles up to date by the documents written since they were read.

    Says of each guide, by its key, how many jobs its role gained.
    """
    readings = RoleReading.objects.filter(search=F("guide__search")).select_related("guide").order_by("guide_id")
    return {
        reading.guide_id: read_jobs(reading.guide, since=reading.read_at - MARGIN, at=at, reading=LATEST_FIRST)
        for reading in readings
    }


@transaction.atomic
def read_jobs(guide: Guide, *, since: datetime, at: datetime, reading: dict[str, str]) -> int:
    """Says how many jobs are the role's that were not before."""
    # Of two at once the later waits.
    guide = Guide.objects.select_for_update(of=["self"], no_key=True).get(pk=guide.pk)
    found, params = condition(job_search(guide), at=at)
    ((gained,),) = fetch(READ.format(found=found), [*params, since, guide.pk, since, guide.pk], reading=reading)
    RoleReading.objects.update_or_create(guide=guide, defaults={"search": guide.search, "read_at": at})
    return gained


READ = """
WITH found AS MATERIALIZED (SELECT job_id FROM jobs_jobdocument WHERE {found} AND written_at >= %s),
gone AS (
    DELETE FROM careers_rolejob role USING jobs_jobdocument document
    WHERE role.guide_id = %s AND document.job_id = role.job_id AND document.written_at >= %s
        AND role.job_id NOT IN (SELECT job_id FROM found)
), kept AS (
    INSERT INTO careers_rolejob (guide_id, job_id) SELECT %s, job_id FROM found ORDER BY job_id
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) FROM kept
"""


@dataclass(frozen=True)
class Openings:
    """`total` counts every open job of the search; `jobs` are the newest of them."""

    search: JobSearch
    total: int
    jobs: list[Job]

    @property
    def path(self) -> str:
        return search_path(self.search)

    @property
    def alert_path(self) -> str:
        return f"{reverse('alerts:new')}?{self.search.alert_query_string()}"


def openings_of(guide: Guide) -> Openings | None:
    """None when the guide has no search; one query. The guide came with for_door()."""
    search = job_search(guide)
    if search.is_empty:
        return None
    total, newest = newest_of(guide, search, at=timezone.now())
    return Openings(search, total, newest)


def newest_of(guide: Guide, search: JobSearch, *, at: datetime) -> tuple[int, list[Job]]:
    """How many open jobs the guide's search finds, and the newest of them as their rows show them.

    A search whose matches change by time alone, or by exchange rates, is made anew each time.
    """
    found, params = condition(search, at=at)
    if guide.jobs_read_at is None or search.posted_within or search.pay_min:
        matches, reading = LIVE.format(found=found), ALONE
    else:
        since = guide.jobs_read_at - MARGIN
        params = [guide.pk, since, at, since, *params]
        matches, reading = KEPT.format(found=found), LATEST_FIRST
    rows = fetch(NEWEST.format(matches=matches, columns=COLUMNS), [*params, SHOWN], reading=reading)
    return (rows[0][0] if rows else 0), [job_from(columns) for _, *columns in rows]


LIVE = "SELECT job_id, published_at FROM jobs_jobdocument WHERE {found}"
KEPT = """
SELECT document.job_id, document.published_at
FROM careers_rolejob role JOIN jobs_jobdocument document ON document.job_id = role.job_id
WHERE role.guide_id = %s AND document.written_at < %s AND (document.expires_at IS NULL OR document.expires_at > %s)
UNION ALL
SELECT job_id, published_at FROM jobs_jobdocument WHERE written_at >= %s AND {found}
"""
NEWEST = """
WITH match AS MATERIALIZED ({matches})
SELECT (SELECT count(*) FROM match), {columns}
FROM (SELECT job_id, published_at FROM match ORDER BY published_at DESC, job_id DESC LIMIT %s) newest
JOIN jobs_job job ON job.id = newest.job_id
JOIN jobs_company company ON company.id = job.company_id
ORDER BY newest.published_at DESC, newest.job_id DESC
"""
