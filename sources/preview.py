"""What an import would do, row by row, before anything is done: new, changed, unchanged, repeated or refused."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils import timezone

from jobs import files
from jobs.files import Row
from jobs.models import Category, Job, Region, company_key
from sources import columns
from sources.adverts import Advert, Taxonomy, read_advert
from sources.columns import WAYS_TO_APPLY
from sources.links import hides_where_it_leads
from sources.models import ImportRow, ImportRun, Outcome, Source, SourceJob

# How our guess was made isn't part of the advert.
NOT_COMPARED = {"category_word", "names_category", "unknown_category"}
SHOWN_LENGTH = 160
ROWS_AT_ONCE = 200


class ColumnsMissing(Exception):
    """Raised with the labels of what no column of the file holds."""

    def __init__(self, labels: list[str]):
        self.labels = labels
        super().__init__(f"No column holds: {', '.join(labels)}.")


def preview(run: ImportRun):
    """Write a row for each row of the file with its outcome; raises UnreadableFile, ColumnsMissing, Overtaken.

    The run is one that claim_reading() gave. A batch is read, judged and written before the next is read, so that a
    file's length costs time but no memory; what was written of an earlier reading goes first.
    """
    if labels := run.missing_columns():
        raise ColumnsMissing(labels)
    drop_rows(run)
    counts = Counter()
    with run.file.opened() as file:
        judge = Judge(run, columns.found_columns(run.file.headers, run.source.columns))
        for batch in batches(files.read(file).rows):
            counts.update(write_batch(run, judge, batch))
    run.show(counts, at=timezone.now())


@transaction.atomic
def drop_rows(run: ImportRun):
    run.note_read(0, at=timezone.now())
    run.rows.all().delete()


@transaction.atomic
def write_batch(run: ImportRun, judge: "Judge", batch: list[Row]) -> list[str]:
    """The outcomes of these rows, which are written."""
    run.note_read(len(batch), at=timezone.now())
    rows = judge.rows(batch)
    ImportRow.objects.bulk_create(rows)
    return [row.outcome for row in rows]


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


def taxonomy_for(source: Source) -> Taxonomy:
    regions = Region.objects.values_list("slug", "countries")
    return Taxonomy(
        categories=dict(Category.objects.values_list("slug", "name")),
        regions={countries[0]: slug for slug, countries in regions if len(countries) == 1},
        default_category=source.default_category.slug,
    )


def advert_key(fields: dict) -> tuple[str, str, str]:
    """Two adverts with this in common are taken for one: title, company and place without case, accents, spacing."""
    return company_key(fields["title"]), company_key(fields["company"]), company_key(fields["location"])


@dataclass(frozen=True)
class Earlier:
    """The row of this file that first said the same."""

    line: int
    job_id: int | None


class Judge:
    """Decides each row's outcome against the source's known adverts, the board's jobs and the rows before it.

    Of the rows before it remembers what is compared, not the adverts.
    """

    def __init__(self, run: ImportRun, chosen: dict[str, str]):
        self.run = run
        self.columns = chosen
        self.taxonomy = taxonomy_for(run.source)
        self.nameless: Counter[str] = Counter()
        self.lines_of_ids: dict[str, int] = {}
        self.earlier: dict[tuple, Earlier] = {}
        self.today = timezone.localdate().isoformat()

    def rows(self, batch: list[Row]) -> list[ImportRow]:
        """A fixed number of queries for however many rows."""
        adverts = [read_advert(row, self.columns, self.taxonomy) for row in batch]
        for advert in adverts:
            self.name(advert)
        self.known = known_adverts(self.run.source, adverts)
        self.on_board = jobs_on_board(adverts)
        return [self.row(advert) for advert in adverts]

    def name(self, advert: Advert):
        """Without a reference it is known by what it says; the second that says the same by that and its number."""
        if not advert.external_id and not advert.problems:
            digest = hashlib.sha256("\n".join(advert_key(advert.fields)).encode()).hexdigest()[:32]
            self.nameless[digest] += 1
            advert.external_id = f"said:{digest}:{self.nameless[digest]}"

    def row(self, advert: Advert) -> ImportRow:
        self.refuse_a_second_id(advert)
        known = self.known.get(advert.external_id)
        if not known and (advert.fields.get("expires_on") or self.today) < self.today:
            advert.refuse("expires_on", "Its last day is over.")
        if advert.problems:
            return self.made(advert, Outcome.REFUSED, problems=advert.problems)
        key = advert_key(advert.fields)
        if known:
            self.earlier.setdefault(key, Earlier(advert.line, known.job_id))
            return self.judged_known(advert, known)
        return self.judged_unknown(advert, key)

    def refuse_a_second_id(self, advert: Advert):
        if not advert.external_id:
            return
        first = self.lines_of_ids.setdefault(advert.external_id, advert.line)
        if first != advert.line:
            advert.refuse("reference", f"“{advert.external_id[:60]}” is already the reference of line {first}.")

    def judged_known(self, advert: Advert, known: SourceJob) -> ImportRow:
        found = differences(known.fields, advert.fields)
        outcome = Outcome.CHANGED if found else Outcome.UNCHANGED
        changed = any(one["field"] in WAYS_TO_APPLY for one in found)
        held = changed and (known.job.published_at is not None or hides_where_it_leads(advert.fields["apply_url"]))
        return self.made(advert, outcome, differences=found, job_id=known.job_id, goes_to_review=held)

    def judged_unknown(self, advert: Advert, key: tuple) -> ImportRow:
        row = self.new_or_repeated(advert, key)
        row.goes_to_review = hides_where_it_leads(advert.fields["apply_url"])
        return row

    def new_or_repeated(self, advert: Advert, key: tuple) -> ImportRow:
        if earlier := self.earlier.get(key):
            return self.made(advert, Outcome.REPEATED, repeats_line=earlier.line, job_id=earlier.job_id)
        self.earlier[key] = Earlier(advert.line, self.on_board.get(key))
        if job_id := self.on_board.get(key):
            return self.made(advert, Outcome.REPEATED, job_id=job_id)
        return self.made(advert, Outcome.NEW)

    def made(self, advert: Advert, outcome: Outcome, **facts) -> ImportRow:
        return ImportRow(
            run=self.run,
            line=advert.line,
            external_id=advert.external_id[:200],
            outcome=outcome,
            fields=advert.fields,
            **facts,
        )


def known_adverts(source: Source, adverts: list[Advert]) -> dict[str, SourceJob]:
    ids = [advert.external_id for advert in adverts if advert.external_id]
    known = source.adverts.filter(external_id__in=ids).select_related("job")
    known = known.only("external_id", "fields", "source", "job__published_at")
    return {advert.external_id: advert for advert in known}


def jobs_on_board(adverts: list[Advert]) -> dict[tuple, int]:
    """Jobs that aren't closed, of the companies the file names, by what makes two adverts one."""
    companies = {company_key(advert.fields["company"]) for advert in adverts if advert.fields.get("company")}
    jobs = Job.objects.filter(company__key__in=companies, closed_at__isnull=True).order_by("-pk")
    said = jobs.values_list("pk", "title", "company__name", "location")
    return {advert_key({"title": t, "company": c, "location": place}): pk for pk, t, c, place in said}


def differences(old: dict, new: dict) -> list[dict]:
    """[{"field", "old", "new"}] of what the source says otherwise than at the last import, short enough to show."""
    names = [name for name in new if name not in NOT_COMPARED and new[name] != old.get(name)]
    return [{"field": name, **shown(old.get(name), new[name])} for name in names]


def shown(old, new) -> dict[str, str]:
    old, new = written(old), written(new)
    start = max(0, first_difference(old, new) - SHOWN_LENGTH // 4) if max(len(old), len(new)) > SHOWN_LENGTH else 0
    return {"old": excerpt(old, start), "new": excerpt(new, start)}


def written(value) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def first_difference(old: str, new: str) -> int:
    pairs = zip(old, new, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def excerpt(text: str, start: int) -> str:
    before = "…" if start else ""
    after = "…" if len(text) > start + SHOWN_LENGTH else ""
    return f"{before}{text[start : start + SHOWN_LENGTH]}{after}"
