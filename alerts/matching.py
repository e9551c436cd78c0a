"""Percolation: new jobs look up the searches they satisfy, so that the cost follows the matches and not the alerts.

A job is noticed (a row in Matching) and then matched once. Noticing and matching are separate, so that several
workers can take different jobs with SKIP LOCKED; a batch is one transaction, so that a worker that dies leaves its
jobs to the next. Measurements and the query plan are in docs/matching.md.
"""

import math
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone

from alerts import weeks
from alerts.searches import Matching, Search

MOST_JOBS = 1000
# Jobs times distinct searches in one batch: about two seconds of work, which mails of the same worker may have to wait.
MOST_PAIRS_LOOKED_AT = 60_000_000


def match_pending() -> int:
    """Match the published jobs that were not matched yet, batch by batch; says how many matches there were."""
    notice(timezone.now())
    matches = 0
    while True:
        jobs, found = match_some()
        matches += found
        if jobs == 0:
            return matches


def notice(at) -> None:
    """Make ready to match at `at` what was published."""
    weeks.prepare(at)
    notice_published(at)


def notice_published(at) -> int:
    """Put down every job that has a search document and was never noticed; says how many."""
    with steered(TWO_INDEXES_SIDE_BY_SIDE) as cursor:
        cursor.execute(NOTICE, {"at": at})
        return cursor.rowcount


@transaction.atomic
def match_some() -> tuple[int, int]:
    """Match as many noticed jobs as fit into a batch and that no other worker holds: (jobs taken, matches)."""
    pending = Matching.objects.pending().order_by("job_id").values_list("job_id", flat=True)
    job_ids = list(pending.select_for_update(skip_locked=True)[: batch_size()])
    # The time is taken with the jobs in hand: a match is never older than its job's publication.
    return len(job_ids), match_batch(job_ids, at=timezone.now())


def pending_batches() -> int:
    """How many batches the jobs make that wait for their turn or are being matched by somebody."""
    return math.ceil(Matching.objects.pending().count() / batch_size())


def batch_size() -> int:
    return max(1, min(MOST_JOBS, MOST_PAIRS_LOOKED_AT // Search.objects.about_how_many()))


@transaction.atomic
def match_batch(job_ids: list[int], *, at) -> int:
    """Write the matches of those of the jobs that are noticed, not matched yet and open at `at`; says how many.

    A job that is not open any more is forgotten; should it open again, it is noticed again.
    """
    if len(job_ids) > MOST_JOBS:
        raise ValueError(f"A batch holds {MOST_JOBS} jobs at most.")
    pending = Matching.objects.pending().filter(job_id__in=job_ids)
    held = list(pending.select_for_update(skip_locked=True).values_list("job_id", flat=True))
    with steered(BY_KEY) as cursor:
        cursor.execute(WRITE_MATCHES, {"job_ids": held, "at": at})
        matches = cursor.rowcount
    pending.filter(job_id__in=held).delete()
    return matches


@contextmanager
def steered(settings: dict[str, str]):
    """A cursor in a transaction with these settings of the planner, which end with the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("".join(f"SET LOCAL {name} = {value};" for name, value in settings.items()))
        yield cursor
        cursor.execute("".join(f"SET LOCAL {name} TO DEFAULT;" for name in settings))


# Both primary keys are walked once and no row is read: 100,000 jobs are checked in some 15 ms.
TWO_INDEXES_SIDE_BY_SIDE = {"enable_seqscan": "off", "enable_hashjoin": "off", "max_parallel_workers_per_gather": "0"}
NOTICE = """
INSERT INTO alerts_matching (job_id, noticed_at)
SELECT document.job_id, %(at)s
  FROM jobs_jobdocument document
 WHERE NOT EXISTS (SELECT FROM alerts_matching known WHERE known.job_id = document.job_id)
    ON CONFLICT DO NOTHING
"""

# The planner can't know how many searches hang on a key, and its guess would be to read all of them. So: the jobs of
# the batch, each one's lexemes, and for each lexeme the anchors by index, remembered (memoize) for the next job.
BY_KEY = {
    "join_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
    "work_mem": "'64MB'",
}
# Only open jobs have a document; one whose last day has just passed may keep it for a minute.
# `doc || ''` unpacks each vector once and not for every candidate.
BATCH = """
batch AS MATERIALIZED (
    SELECT document.job_id, document.pay_yearly, document.doc || ''::tsvector AS doc
      FROM jobs_jobdocument document
     WHERE document.job_id = ANY (%(job_ids)s)
       AND (document.expires_at IS NULL OR document.expires_at > %(at)s)
)
"""
PAIRS = """
SELECT anchor.search_id, batch.job_id
  FROM batch
 CROSS JOIN LATERAL unnest(tsvector_to_array(batch.doc)) AS lexeme
  JOIN alerts_searchanchor anchor ON anchor.key = lexeme COLLATE "C"
 WHERE (anchor.pay_min_yearly IS NULL OR batch.pay_yearly >= anchor.pay_min_yearly)
   AND (anchor.query IS NULL OR batch.doc @@ anchor.query)
   AND (anchor.is_whole OR batch.doc @@ (SELECT query FROM alerts_search WHERE id = anchor.search_id))
   AND (anchor.prev IS NULL OR NOT batch.doc @@ anchor.prev)
"""
# One statement, so that the jobs marked as matched are exactly those that were looked at.
WRITE_MATCHES = f"""
WITH {BATCH}, done AS (
    UPDATE alerts_matching matching SET matched_at = %(at)s FROM batch WHERE matching.job_id = batch.job_id
)
INSERT INTO alerts_match (search_id, job_id, matched_at)
SELECT pair.search_id, pair.job_id, %(at)s FROM ({PAIRS}) pair
"""
