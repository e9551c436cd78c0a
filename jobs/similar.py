"""Jobs like a given one, open or closed."""

from django.db import connection
from django.utils import timezone

from jobs.documents import LEVELS
from jobs.models import Job
from jobs.search.sql import BY_WORDS, TABLE, fetch

# Of the words of title and tags, this many of the rarest count: those that say what the job is.
RAREST = 8
# A word in more than this share of the jobs says little, unless there is hardly another.
COMMON = 0.05
RANKED = 1000


def similar_jobs(job, count: int = 6) -> list[Job]:
    """Open jobs that share rare words with the job, those of its level and regions first; never the job itself."""
    ids = ids_by_words(job, count)
    if len(ids) < count:
        ids += newest_of_category(job, count - len(ids), without=[*ids, job.pk])
    jobs = Job.objects.for_cards().in_bulk(ids)
    return [jobs[pk] for pk in ids if pk in jobs]


def ids_by_words(job, count: int) -> list[int]:
    if not (query := rare_words(job)):
        return []
    params = {
        "query": query,
        "job": job.pk,
        "now": timezone.now(),
        "count": count,
        "level": job.level,
        "ranked": RANKED,
    }
    return [pk for (pk,) in fetch(RANK, params, reading=BY_WORDS)]


def rare_words(job) -> str:
    """A tsquery of the rarest words of the job's title and tags, joined by OR; '' without any."""
    text = " ".join([job.title, *job.tags])
    with connection.cursor() as cursor:
        cursor.execute(RARE_WORDS, {"text": text, "rarest": RAREST, "common": COMMON})
        return cursor.fetchone()[0] or ""


RARE_WORDS = """
WITH board AS (SELECT coalesce(sum(change), 0) AS jobs FROM jobs_opencount WHERE mask = 31),
word AS (
    SELECT lexeme, coalesce(known.jobs, 0) AS jobs, row_number() OVER (ORDER BY known.jobs NULLS LAST, lexeme) AS place
    FROM unnest(to_tsvector('english', job_words(%(text)s)))
    LEFT JOIN LATERAL (SELECT sum(jobs) AS jobs FROM jobs_term WHERE jobs_term.lexeme = unnest.lexeme) known ON true
)
SELECT string_agg(quote_literal(lexeme), ' | ') FROM word, board
WHERE place <= 2 OR (place <= %(rarest)s AND word.jobs < board.jobs * %(common)s)
"""
RANK = f"""
WITH found AS MATERIALIZED (
    SELECT job_id, published_at, level, regions, head FROM {TABLE}
    WHERE doc @@ %(query)s::tsquery AND job_id <> %(job)s AND (expires_at IS NULL OR expires_at > %(now)s)
    ORDER BY published_at DESC, job_id DESC LIMIT %(ranked)s
), own AS (
    SELECT coalesce(array_agg(region_id::int), '{{}}') AS regions FROM jobs_job_regions WHERE job_id = %(job)s
)
SELECT job_id FROM found, own
ORDER BY ts_rank(head, %(query)s::tsquery)
    * CASE WHEN level > 0 AND level = coalesce(array_position(ARRAY{LEVELS}, %(level)s::text), 0)
        THEN 1.5 ELSE 1 END
    * CASE WHEN found.regions::int[] && own.regions THEN 1.5 ELSE 1 END DESC,
    published_at DESC, job_id DESC
LIMIT %(count)s
"""  # noqa: S608 - put together from constants


def newest_of_category(job, count: int, *, without) -> list[int]:
    open_jobs = Job.objects.filter(category_id=job.category_id, document__isnull=False).exclude(pk__in=without)
    return list(open_jobs.order_by("-published_at", "-pk").values_list("pk", flat=True)[:count])
