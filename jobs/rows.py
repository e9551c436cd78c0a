"""A job's row on any list: rows that say the same look the same, so a drawn one is kept, and yet never out of date."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.template import Context, Template
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString

from jobs.models import Company, Job
from jobs.wording import age, is_new

TEMPLATE = "jobs/_job_row.html"
# About 1.5 KB each.
MOST_KEPT = 4000


class JobRow(NamedTuple):
    """Everything that a row says of a job to one reader: the template is given nothing else.

    Of what `jobs.wording` and `jobs.pay` put in words, under the names that a Job has for it. `mark` is "saved",
    "applied" or "".
    """

    pk: int
    slug: str
    title: str
    company: str
    location: str
    countries: tuple[str, ...]
    open_worldwide: bool
    workplace: str
    employment_types: tuple[str, ...]
    level: str
    pay_min: int | None
    pay_max: int | None
    pay_currency: str
    pay_period: str
    published_at: datetime
    age: str
    is_new: bool
    is_open: bool
    mark: str

    @property
    def path(self) -> str:
        return reverse("jobs:job", args=[self.pk, self.slug])


# What row_of() reads of a job besides its company's name; COLUMNS is the same in SQL over `job` and `company`.
READ = frozenset({*JobRow._fields, "id", "company_id", "expires_at", "closed_at", "hidden_at"})
FIELDS = [field.attname for field in Job._meta.concrete_fields if field.attname in READ]
COLUMNS = ", ".join(f"job.{name}" for name in FIELDS) + ", company.name"


def job_from(columns: Sequence) -> Job:
    """The job of a row with COLUMNS, with its company."""
    *values, company = columns
    job = Job.from_db(DEFAULT_DB_ALIAS, FIELDS, values)
    job.company = Company.from_db(DEFAULT_DB_ALIAS, ("id", "name"), (job.company_id, company))
    return job


def row_of(job: Job, *, at: datetime, mark: str = "") -> JobRow:
    return JobRow(
        pk=job.pk,
        slug=job.slug,
        title=job.title,
        company=job.company.name,
        location=job.location,
        countries=tuple(job.countries),
        open_worldwide=job.open_worldwide,
        workplace=job.workplace,
        employment_types=tuple(job.employment_types),
        level=job.level,
        pay_min=job.pay_min,
        pay_max=job.pay_max,
        pay_currency=job.pay_currency,
        pay_period=job.pay_period,
        published_at=job.published_at,
        age=age(job.published_at, at),
        is_new=is_new(job, at),
        is_open=job.is_open(at),
        mark=mark,
    )


def drawn(row: JobRow, *, heading: int, note: dict | None = None) -> SafeString:
    """The row as HTML, its title under a heading of that level; a note below it is for one reader, and isn't kept."""
    template = get_template(TEMPLATE).template
    return draw(template, row, heading, note) if note else keep(template, row, heading)


def draw(template: Template, row: JobRow, heading: int, note: dict | None = None) -> SafeString:
    return template.render(Context({"row": row, "level": heading, "note": note}))


# A template that was written anew is another one, and draws all rows anew.
keep = lru_cache(maxsize=MOST_KEPT)(draw)
