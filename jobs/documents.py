"""One narrow row beside each open advert, which is all that search and matching read.

Its `doc` holds the words of the advert and its facets as tokens, so that a filter is one more term of the same text
search. A token starts with chr(1), which no text can produce, then a letter for its facet, then the slug or code.
"""

from datetime import UTC, datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

MARK = "\x01"
TOKEN_LETTERS = {
    "category": "c",
    "type": "t",
    "level": "l",
    "region": "r",
    "workplace": "w",
    "country": "n",
    "company": "o",
}
# In every document: gives a search that only excludes something to start from.
EVERY = MARK + "*"
# In documents of jobs open to people anywhere: matches whatever country is asked for.
ANYWHERE = MARK + "n*"

# The order is the code: narrow columns hold the place in this list, counted from 1, and sets hold one bit each.
EMPLOYMENT_TYPES = ["full-time", "part-time", "contract", "freelance", "internship", "temporary"]
LEVELS = ["intern", "junior", "middle", "senior", "lead", "executive"]
WORKPLACES = ["remote", "hybrid", "onsite"]

SAMPLE_ONE_IN = 32
BATCH = 1000

# Sorts adverts without a last day after all others.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def token(facet: str, value: str) -> str:
    """The lexeme of a facet's value: token("level", "lead") is chr(1) + "llead"."""
    return MARK + TOKEN_LETTERS[facet] + value


class JobDocumentQuerySet(models.QuerySet):
    def refresh(self, job_ids) -> None:
        """Write the documents of those of the jobs that are open and remove those of the rest."""
        ids = sorted(set(job_ids))
        for start in range(0, len(ids), BATCH):
            refresh_batch(ids[start : start + BATCH], at=timezone.now())


class NamedInDocuments(models.Model):
    """A thing that documents name: to rename it rewrites the documents of its jobs."""

    IN_DOCUMENTS = ("name", "slug")

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, **kwargs):
        before = type(self).objects.filter(pk=self.pk).values_list(*self.IN_DOCUMENTS).first()
        super().save(**kwargs)
        if before is not None and before != tuple(getattr(self, name) for name in self.IN_DOCUMENTS):
            self.jobs.all().refresh_documents()


class SearchRow(models.Model):
    """What both the whole table and its sample hold."""

    published_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    category_id = models.IntegerField()
    company_id = models.BigIntegerField()
    level = models.SmallIntegerField(help_text="Place in LEVELS from 1; 0 unstated.")
    workplace = models.SmallIntegerField(help_text="Place in WORKPLACES from 1; 0 unstated.")
    employment_types = models.SmallIntegerField(help_text="A bit for each of EMPLOYMENT_TYPES.")
    # An array as text, '{1,5}': counting by it compares bytes, three times as fast as arrays.
    regions = models.TextField(db_collation="C", help_text="The regions stated and those that contain them.")
    pay_yearly = models.BigIntegerField(null=True)
    head = SearchVectorField(help_text="Title, company and tags: what relevance is judged by.")
    doc = SearchVectorField()

    class Meta:
        abstract = True


class JobDocument(SearchRow):
    """The search document of an open job."""

    job = models.OneToOneField("jobs.Job", models.CASCADE, primary_key=True, related_name="document")
    # Whoever keeps what a search found need only ask those that were written since.
    written_at = models.DateTimeField(db_default=Now())

    objects = JobDocumentQuerySet.as_manager()

    class Meta:
        indexes = [
            # Pending entries would be read at every search; documents are written in batches anyway.
            GinIndex("doc", name="jobdocument_doc", fastupdate=False),
            GinIndex("head", name="jobdocument_head", fastupdate=False),
            models.Index(F("published_at").desc(), F("job_id").desc(), name="jobdocument_newest"),
            models.Index(Coalesce("pay_yearly", -1).desc(), F("job_id").desc(), name="jobdocument_pay"),
            models.Index(Coalesce("expires_at", Value(NEVER)), F("job_id"), name="jobdocument_closing"),
            models.Index("written_at", name="jobdocument_written"),
        ]

    def __str__(self):
        return f"document of job {self.job_id}"


class OpenCountQuerySet(models.QuerySet):
    def sum_up(self) -> None:
        """Replace all changes by their sums; those that others add meanwhile stay as they are."""
        with connection.cursor() as cursor:
            cursor.execute(SUM_UP)


SUM_UP = """
WITH gone AS (DELETE FROM jobs_opencount RETURNING mask, number, regions, change)
INSERT INTO jobs_opencount (mask, number, regions, change)
SELECT mask, number, regions, sum(change) FROM gone GROUP BY mask, number, regions HAVING sum(change) <> 0
"""


class OpenCount(models.Model):
    """How many open jobs there are for each value of a facet, as a sum of changes.

    Triggers add a row for each change of the documents, so that writers never wait for each other; the sums are
    what facets.counts_sql() would count over all documents.
    """

    mask = models.SmallIntegerField()
    number = models.BigIntegerField(null=True)
    regions = models.TextField(db_collation="C", null=True)  # noqa: DJ001 -- null as for the other facets' rows
    change = models.BigIntegerField()

    objects = OpenCountQuerySet.as_manager()

    def __str__(self):
        return f"{self.mask}/{self.number}: {self.change:+}"


class SampledDocument(SearchRow):
    """One in 32 of the documents, by a hash of the job's id; tells how common a search is before it is run."""

    # The database removes it with its document (ON DELETE CASCADE in the migration).
    job = models.OneToOneField(JobDocument, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+")

    class Meta:
        indexes = [
            GinIndex("doc", name="sampleddocument_doc", fastupdate=False),
            models.Index(F("published_at").desc(), F("job_id").desc(), name="sampleddocument_newest"),
        ]

    def __str__(self):
        return f"sampled document of job {self.job_id}"


@transaction.atomic
def refresh_batch(job_ids: list[int], *, at) -> None:
    params = {"ids": job_ids, "at": at}
    with connection.cursor() as cursor:
        # Two refreshes of one job must not overtake each other: the later one has to see what the earlier saw closed.
        cursor.execute("SELECT id FROM jobs_job WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE", params)
        cursor.execute(REMOVE_CLOSED, params)
        cursor.execute(WRITE_OPEN, params)
        cursor.execute(COPY_TO_SAMPLE, params)


OPEN = """
    job.published_at <= %(at)s AND job.closed_at IS NULL AND job.hidden_at IS NULL
    AND (job.expires_at IS NULL OR job.expires_at > %(at)s)
"""
REMOVE_CLOSED = f"""
DELETE FROM jobs_jobdocument WHERE job_id = ANY(%(ids)s) AND NOT EXISTS (
    SELECT FROM jobs_job job WHERE job.id = job_id AND {OPEN}
)
"""
FACTS = "published_at, expires_at, category_id, company_id, level, workplace, employment_types, regions, pay_yearly"
COLUMNS = f"{FACTS}, head, doc"
OVERWRITE = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS.split(", "))
# The jobs are gathered first, whatever the planner believes: after a vacuum of an empty table it takes the table for
# empty, and joined everything with everything.
DOCUMENTS = f"""
WITH wider AS MATERIALIZED (
    SELECT inner_region.id AS region_id, outer_region.id, outer_region.slug
    FROM jobs_region inner_region
    JOIN jobs_region outer_region ON outer_region.id = inner_region.id
        OR (outer_region.countries @> inner_region.countries AND inner_region.countries <> '{{}}')
), chosen AS MATERIALIZED (
    SELECT * FROM jobs_job job WHERE {{which}}
), job AS MATERIALIZED (
    SELECT job.*,
        coalesce(stated.ids, guessed.ids, '{{}}') AS region_ids,
        coalesce(stated.slugs, guessed.slugs, '{{}}') AS region_slugs,
        coalesce(named.names, '') AS region_names,
        CASE WHEN job.countries <> '{{}}' THEN job.countries ELSE coalesce(named.countries, '{{}}') END AS open_to
    FROM chosen job
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT wider.id ORDER BY wider.id) AS ids, array_agg(DISTINCT wider.slug::text) AS slugs
        FROM jobs_job_regions stated JOIN wider ON wider.region_id = stated.region_id WHERE stated.job_id = job.id
    ) stated ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(region.id ORDER BY region.id) AS ids, array_agg(region.slug::text) AS slugs
        FROM jobs_region region
        WHERE stated.ids IS NULL AND job.countries <> '{{}}' AND region.countries @> job.countries
    ) guessed ON true
    LEFT JOIN LATERAL (
        SELECT string_agg(DISTINCT region.name, ' ') AS names, array_agg(DISTINCT country) AS countries
        FROM jobs_job_regions stated
        JOIN jobs_region region ON region.id = stated.region_id
        LEFT JOIN LATERAL unnest(region.countries) country ON true
        WHERE stated.job_id = job.id
    ) named ON true
), piece AS (
    SELECT job.*,
        setweight(to_tsvector('english', job_words(job.title)), 'A')
        || setweight(to_tsvector('english', job_words(company.name || ' ' || array_to_string(job.tags, ' '))), 'B')
        AS head_words,
        to_tsvector('english', job_words(concat_ws(' ', category.name, job.location, job.region_names,
            job.workplace, array_to_string(job.employment_types, ' '), job.level))) AS fact_words,
        -- A tsvector holds a megabyte at most: the end of an endless advert is not searched.
        to_tsvector('english', left(job_words(
            regexp_replace(regexp_replace(job.description, '<[^>]*>', ' ', 'g'), '&#?[a-z0-9]+;', ' ', 'g')
        ), 150000)) AS body_words,
        array_remove(
            ARRAY[E'\\x01*', E'\\x01c' || category.slug, E'\\x01o' || company.slug,
                E'\\x01l' || nullif(job.level, ''), E'\\x01w' || nullif(job.workplace, ''),
                CASE WHEN job.open_worldwide THEN E'\\x01n*' END]
            || ARRAY(SELECT E'\\x01t' || one FROM unnest(job.employment_types) one)
            || ARRAY(SELECT E'\\x01r' || one FROM unnest(job.region_slugs) one)
            || ARRAY(SELECT E'\\x01n' || one FROM unnest(job.open_to) one WHERE one <> ''),
            NULL) AS tokens
    FROM job
    JOIN jobs_company company ON company.id = job.company_id
    JOIN jobs_category category ON category.id = job.category_id
)
SELECT id AS job_id, published_at, expires_at, category_id, company_id,
    coalesce(array_position(ARRAY{LEVELS}::text[], level::text), 0),
    coalesce(array_position(ARRAY{WORKPLACES}::text[], workplace::text), 0),
    (SELECT coalesce(bit_or(1 << (array_position(ARRAY{EMPLOYMENT_TYPES}::text[], one::text) - 1)), 0)
     FROM unnest(employment_types) one),
    region_ids::text, pay_yearly, head_words,
    head_words || setweight(fact_words, 'C') || body_words || array_to_tsvector(tokens) AS doc
FROM piece ORDER BY id
"""


def documents_sql(which: str) -> str:
    """SQL for rows of (job_id, COLUMNS): what a search reads of the jobs for which `which`, a condition, is true."""
    return DOCUMENTS.replace("{which}", which)


WRITE_OPEN = f"""
INSERT INTO jobs_jobdocument (job_id, {COLUMNS})
{documents_sql(f"job.id = ANY(%(ids)s) AND {OPEN}")}
ON CONFLICT (job_id) DO UPDATE SET {OVERWRITE}, written_at = excluded.written_at
"""
COPY_TO_SAMPLE = f"""
INSERT INTO jobs_sampleddocument (job_id, {COLUMNS})
SELECT job_id, {COLUMNS} FROM jobs_jobdocument
WHERE job_id = ANY(%(ids)s) AND (job_id * 2654435761 >> 11) & {SAMPLE_ONE_IN - 1} = 0
ORDER BY job_id
ON CONFLICT (job_id) DO UPDATE SET {OVERWRITE}
"""
