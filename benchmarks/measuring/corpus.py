"""Adverts to measure on: the same ones for the same seed, with the words of real adverts where they are at hand."""

import csv
import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from html import escape
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

import django
from django.db import connection
from django.utils import timezone
from django.utils.text import slugify

from jobs import html
from jobs.documents import BATCH, EMPLOYMENT_TYPES, LEVELS, WORKPLACES, JobDocument, OpenCount
from jobs.models import Category, Company, Job, Region, company_key

REAL_ADVERTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "jobs.csv"
SHORTEST, LONGEST = 4000, 6000  # characters of an advert
AT_ONCE = 60  # sentences, about as many as an advert has
DAYS = 120  # over which adverts were published
WRITERS = 2  # processes that write adverts side by side
MANY = 20 * BATCH  # adverts from which on that is quicker, and the indexes of words are better made at the end
WRITTEN = "jobs_jobdocument jobs_sampleddocument jobs_job jobs_company jobs_opencount jobs_job_regions".split()
ROLES = (
    "Engineer Developer Analyst Manager Designer Nurse Teacher Scientist Consultant Writer Accountant Recruiter".split()
)
FIELDS = (
    "Data Software Cloud Product Sales Security Payroll Growth Mobile Research Quality Support Finance Field".split()
)
TAGS = "python sql react java excel kubernetes figma sap scrum seo nursing german aws rust tax writing".split()


def make_jobs(n: int, seed: int = 1, vary=None) -> list[int]:
    """Write n published jobs with their companies and search documents; gives their ids, oldest first.

    `vary(job, chance)`, a function of a module, may change each before it is written.
    """
    companies = make_companies(max(10, n // 50), random.Random(seed))
    first = next_key(Job)
    write = partial(write_jobs, first=first, of=n, companies=companies, seed=seed, vary=vary)
    batches = [range(start, min(start + BATCH, n)) for start in range(0, n, BATCH)]
    if n < MANY:
        for batch in batches:
            write(batch)
    else:
        with indexes_made_at_the_end(), writers() as pool:
            list(pool.map(write, batches))
    follow_keys(Job)
    OpenCount.objects.sum_up()  # as the product does every five minutes
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(WRITTEN)}")
    return list(range(first, first + n))


def next_key(model) -> int:
    return (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1


def writers() -> ProcessPoolExecutor:
    """Processes with connections of their own."""
    return ProcessPoolExecutor(WRITERS, get_context("spawn"), initializer=django.setup)


@contextmanager
def indexes_made_at_the_end():
    """Row by row they would take as long as the rest."""
    names = [index.name for index in JobDocument._meta.indexes if index.name in ("jobdocument_doc", "jobdocument_head")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef, indexname FROM pg_indexes WHERE indexname = ANY(%s)", [names])
        definitions = cursor.fetchall()
        for _, name in definitions:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for definition, _ in definitions:
            cursor.execute(definition)


def make_companies(n: int, chance: random.Random) -> range:
    """Write n companies; gives their ids."""
    first = next_key(Company)
    companies = []
    for pk in range(first, first + n):
        name = f"{chance.choice(FIELDS)} {chance.choice(vocabulary()).title()} {pk}"
        companies.append(Company(pk=pk, name=name, slug=slugify(name), key=company_key(name)))
    copy_rows(Company, companies)
    return range(first, first + n)


def write_jobs(numbers: range, *, first: int, of: int, companies: range, seed: int, vary) -> None:
    """Write the adverts of these numbers, 0 being the oldest, their regions and search documents."""
    chance = random.Random(f"{seed} {numbers[0]}")
    jobs = [make_job(first + number, number / of, companies, chance) for number in numbers]
    for job in jobs if vary else ():
        vary(job, chance)
    write_rows(Job, jobs)
    copy_regions([job.pk for job in jobs], chance)
    JobDocument.objects.refresh([job.pk for job in jobs])


def make_job(pk: int, age: float, companies: range, chance: random.Random) -> Job:
    """One advert; `age` runs from 0 for the oldest to 1 for the newest."""
    title, text = make_title(chance), make_text(chance)
    published_at = timezone.now() - timedelta(days=DAYS * (1 - age), minutes=chance.randrange(1, 60))
    return Job(
        pk=pk,
        title=title,
        slug=slugify(title),
        company_id=skewed(companies, chance),
        category_id=skewed(category_ids(), chance),
        location=chance.choice(["Berlin", "Zürich", "Austin, TX", "São Paulo", "Remote", ""]),
        countries=chance.choice([[], [], ["US"], ["DE", "AT"], ["GB"]]),
        open_worldwide=chance.random() < 0.05,
        workplace=skewed(WORKPLACES, chance),
        employment_types=sorted({skewed(EMPLOYMENT_TYPES, chance) for _ in range(chance.choice([1, 1, 2]))}),
        level=skewed([*LEVELS[2:], *LEVELS[:2], ""], chance),
        tags=chance.sample(TAGS, 3),
        description_raw=text,
        description=text,
        sanitiser=html.VERSION,
        apply_url=f"https://example.com/apply/{pk}",
        published_at=published_at,
        created_at=published_at,
        last_confirmed_at=published_at,
        updated_at=published_at,
        expires_at=timezone.now() + timedelta(days=chance.randrange(1, 90)) if chance.random() < 0.6 else None,
        **make_pay(chance),
    )


def make_title(chance: random.Random) -> str:
    if real_titles() and chance.random() < 0.5:
        return chance.choice(real_titles())
    return f"{chance.choice(['Senior ', 'Junior ', 'Lead ', '', ''])}{chance.choice(FIELDS)} {chance.choice(ROLES)}"


def make_text(chance: random.Random) -> str:
    wanted, paragraphs, length = chance.randrange(SHORTEST, LONGEST), [], 0
    sentences = make_sentences(chance)
    while length < wanted:
        paragraphs.append(f"<p>{next(sentences)}</p>")
        length += len(paragraphs[-1])
    return "".join(paragraphs)


def make_sentences(chance: random.Random) -> Iterator[str]:
    """Sentences of real adverts, each with two words of the long tail, which real adverts of many trades have too."""
    words = 2 if real_sentences() else 18
    while True:  # many at once, which is far quicker than each for itself
        drawn = iter(chance.choices(vocabulary(), cum_weights=zipf_weights(), k=AT_ONCE * words))
        said = chance.choices(real_sentences() or [""], k=AT_ONCE)
        yield from (
            " ".join(filter(None, (sentence, *rest))) for sentence, *rest in zip(said, *[drawn] * words, strict=True)
        )


def make_pay(chance: random.Random) -> dict:
    """Half of the adverts state their pay, all in dollars a year."""
    if chance.random() < 0.5:
        return {}
    low = chance.randrange(25, 180) * 1000
    high = low + chance.randrange(0, 60) * 1000
    return {
        "pay_min": low * 100,
        "pay_max": high * 100,
        "pay_currency": "USD",
        "pay_period": "year",
        "pay_yearly": high,
    }


def skewed(values: list, chance: random.Random):
    """One of the values, the first ones far more often than the last."""
    return (
        values[min(int(chance.paretovariate(1.1)) - 1, len(values) - 1)]
        if chance.random() < 0.8
        else chance.choice(values)
    )


def copy_rows(model, rows: list) -> None:
    """Write rows whose keys are given, and let the table's own keys go on after them."""
    write_rows(model, rows)
    follow_keys(model)


def write_rows(model, rows: list) -> None:
    fields = model._meta.concrete_fields
    columns = ", ".join(field.column for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])


def follow_keys(model) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def copy_regions(job_ids: list[int], chance: random.Random) -> None:
    regions = region_ids()
    with connection.cursor() as cursor, cursor.copy("COPY jobs_job_regions (job_id, region_id) FROM STDIN") as copy:
        for job_id in job_ids:
            for region_id in {skewed(regions, chance) for _ in range(chance.choice([0, 1, 1, 1, 2]))}:
                copy.write_row([job_id, region_id])


@cache
def region_ids() -> list[int]:
    return list(Region.objects.order_by("pk").values_list("pk", flat=True))


@cache
def category_ids() -> list[int]:
    return list(Category.objects.order_by("position").values_list("pk", flat=True))


@cache
def real_adverts() -> list[dict]:
    if not REAL_ADVERTS.exists():
        return []
    with REAL_ADVERTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def real_titles() -> list[str]:
    return sorted({advert["title"][:200] for advert in real_adverts()})


@cache
def real_sentences() -> list[str]:
    lines = {line.strip() for advert in real_adverts() for line in re.split(r"\n|(?<=[.;!?])\s", advert["description"])}
    return [escape(line, quote=False) for line in sorted(lines) if 40 < len(line) < 250]


@cache
def vocabulary() -> list[str]:
    """Twenty thousand made-up words, the commonest first."""
    chance = random.Random(0)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    made = {"".join(chance.choices(syllables, k=chance.choice([2, 3, 3, 4]))) for _ in range(40_000)}
    return sorted(made, key=lambda word: (len(word), word))[:20_000]


@cache
def zipf_weights() -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, len(vocabulary()) + 1)))
