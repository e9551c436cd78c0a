"""Jobs like a given one, open or closed."""

from django.utils import timezone

from jobs.documents import LEVELS
from jobs.models import Job
from jobs.search.facets import EVERYTHING
from jobs.search.sql import BY_WORDS, TABLE, fetch

# Of the words of title and tags, this many of the rarest count: those that say what the job is.
RAREST = 8
# A word in more than this share of the jobs says little, unless those are few.
COMMON = 0.05
FEW = 200
RANKED = 1000


def similar_jobs(job, count: int = 6) -> list[Job]:
    """Open jobs that share rare words with it, those of its level and regions first; then others of its category."""
    ids = [*ids_by_words(job, count), *newest_of_category(job, count)]
    jobs = Job.objects.for_cards().in_bulk(list(dict.fromkeys(ids))[:count])
    return sorted(jobs.values(), key=lambda one: ids.index(one.pk))


def ids_by_words(job, count: int) -> list[int]:
    params = {
        "text": " ".join([job.title, *job.tags]),
        "rarest": RAREST,
        "common": COMMON,
        "few": FEW,
        "job": job.pk,
        "now": timezone.now(),
        "count": count,
        "level": job.level,
        "ranked": RANKED,
    }
    return [pk for (pk,) in fetch(BY_RARE_WORDS, params, reading=BY_WORDS)]


BY_RARE_WORDS = f"""
WITH board AS (SELECT coalesce(sum(change), 0) AS jobs FROM jobs_opencount WHERE mask = {EVERYTHING}),
word AS (
    SELECT lexeme, coalesce(known.jobs, 0) AS jobs, row_number() OVER (ORDER BY known.jobs NULLS LAST, lexeme) AS place
    FROM unnest(to_tsvector('english', job_words(%(text)s)))
    LEFT JOIN LATERAL (SELECT sum(jobs) AS jobs FROM jobs_term WHERE jobs_term.lexeme = unnest.lexeme) known ON true
), rare AS (
    -- One rare word is enough; of words that a crowd of jobs has, the two rarest have to meet.
    SELECT coalesce(
        string_agg(quote_literal(lexeme), ' | ') FILTER (WHERE place <= %(rarest)s AND word.jobs < crowd),
        string_agg(quote_literal(lexeme), ' & ') FILTER (WHERE place <= 2)
    )::tsquery AS words
    FROM word, LATERAL (SELECT greatest(%(few)s, board.jobs * %(common)s) AS crowd FROM board) size
), found AS MATERIALIZED (
    SELECT job_id, published_at, level, regions, head FROM {TABLE}
    WHERE head @@ (SELECT words FROM rare) AND job_id <> %(job)s AND (expires_at IS NULL OR expires_at > %(now)s)
    ORDER BY published_at DESC, job_id DESC LIMIT %(ranked)s
), own AS (
    SELECT coalesce(array_agg(region_id::int), '{{}}') AS regions FROM jobs_job_regions WHERE job_id = %(job)s
)
SELECT job_id FROM found, own, rare
ORDER BY ts_rank(head, rare.words)
    * CASE WHEN level > 0 AND level = coalesce(array_position(ARRAY{LEVELS}, %(level)s::text), 0)
        THEN 1.5 ELSE 1 END
    * CASE WHEN found.regions::int[] && own.regions THEN 1.5 ELSE 1 END DESC,
    published_at DESC, job_id DESC
LIMIT %(count)s
"""


def newest_of_category(job, count: int) -> list[int]:
    open_jobs = Job.objects.filter(category_id=job.category_id, document__isnull=False).exclude(pk=job.pk)
    return list(open_jobs.order_by("-published_at", "-pk").values_list("pk", flat=True)[:count])
