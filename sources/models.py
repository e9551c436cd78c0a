"""Where jobs come from: a source, each import of it row by row, and which job each of its adverts became."""

from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from tempfile import TemporaryFile
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from jobs.files import Overview
from jobs.models import Category, Job
from sources import columns
from sources.held import HeldLink

# Django finds the models of an app through this module, so it names those that live in modules of their own.
__all__ = ["HeldLink"]

# Bytes of a file in one row of the database.
PIECE = 1024 * 1024
# Who reads a file gives a sign of life with each batch; after so long without one another worker begins anew.
SILENCE = timedelta(seconds=60)


class AnotherImportIsRunning(Exception):
    """Raised when an import of the same source has been confirmed and isn't finished."""


class Overtaken(Exception):
    """Raised when the reading of a file was begun anew, or is no longer wanted."""


class SourceQuerySet(models.QuerySet):
    def used(self):
        """With adverts or a confirmed import; the others only stand there because somebody uploaded a file."""
        confirmed = ImportRun.objects.filter(source=OuterRef("pk"), confirmed_at__isnull=False)
        return self.filter(Exists(confirmed) | Exists(SourceJob.objects.filter(source=OuterRef("pk"))))

    def begin(self, *, name: str, default_category: Category) -> "Source":
        """A new source, or the one of this name that a file was uploaded for and that isn't used yet."""
        if found := self.filter(name__iexact=name).first():
            found.default_category = default_category
            found.save(update_fields=["default_category"])
            return found
        return self.create(name=name, default_category=default_category)


class Source(models.Model):
    """One place adverts come from; their references are unique within it."""

    class Kind(models.TextChoices):
        FILE = "file", "File"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FILE)
    default_category = models.ForeignKey(
        Category,
        models.PROTECT,
        related_name="+",
        help_text="For adverts whose title names no field of work.",
    )
    may_be_syndicated = models.BooleanField(
        "may be told to search engines", default=True, help_text="Off when the source forbids it."
    )
    # Our field's name → the header of the source's column, as staff last chose it.
    columns = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SourceQuerySet.as_manager()

    def __str__(self):
        return self.name

    def remember_columns(self, columns: dict[str, str]):
        self.columns = columns
        self.save(update_fields=["columns"])


class SourceJob(models.Model):
    """An advert of a source and the job it became."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="adverts")
    external_id = models.CharField(max_length=200)
    job = models.OneToOneField(Job, models.CASCADE, related_name="advert")
    # As last imported: what staff edited on the job since isn't taken for a change of the source.
    fields = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    misses = models.PositiveSmallIntegerField(default=0, help_text="Good imports in a row without this advert.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="source_job_once")]

    def __str__(self):
        return f"{self.external_id} of {self.source}"


class ImportRunQuerySet(models.QuerySet):
    @transaction.atomic
    def start(self, *, source: Source, file: "ImportFile", by):
        """An import of a kept file."""
        run = self.create(source=source, file_name=file.name, uploaded_by=by)
        file.run = run
        file.save(update_fields=["run"])
        return run

    def running(self):
        return self.filter(confirmed_at__isnull=False, finished_at__isnull=True, failed_at__isnull=True)

    def failed(self):
        return self.filter(failed_at__isnull=False, discarded_at__isnull=True)

    def undecided(self):
        """Neither confirmed nor thrown away."""
        return self.filter(confirmed_at__isnull=True, discarded_at__isnull=True)

    def reading(self):
        """Asked to be read and not judged to the end yet."""
        return self.undecided().filter(queued_at__isnull=False, previewed_at__isnull=True, failed_at__isnull=True)

    def waiting(self):
        """Previewed and neither confirmed nor thrown away."""
        return self.undecided().filter(previewed_at__isnull=False)

    def claim_reading(self, pk: int, *, at) -> "ImportRun | None":
        """The run for the one worker that may read it: nobody has begun, or whoever did fell silent."""
        silent = Q(read_at__isnull=True) | Q(read_at__lte=at - SILENCE)
        reader = uuid4()
        if not self.reading().filter(silent, pk=pk).update(reader=reader, read_at=at, rows_read=0):
            return None
        return self.select_related("source__default_category", "file").get(pk=pk)


class ImportRun(models.Model):
    """One file of a source: uploaded, previewed, confirmed, applied."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    file_name = models.CharField(max_length=200)
    publishes = models.BooleanField("publish at once", default=True, help_text="Off: new jobs stay drafts.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    # Given to the workers to be read; who reads it, the last sign of life and how far it is.
    queued_at = models.DateTimeField(null=True)
    reader = models.UUIDField(null=True)
    read_at = models.DateTimeField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    previewed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    # How many rows of each outcome the preview found; kept when the rows are dropped.
    counts = models.JSONField(default=dict)
    discarded_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                name="one_running_import_of_a_source",
                condition=Q(confirmed_at__isnull=False, finished_at__isnull=True, failed_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.file_name} of {self.source}"

    def get_absolute_url(self):
        return reverse("admin:sources_importrun_change", args=[self.pk])

    @property
    def state(self) -> str:
        """In one word, for people."""
        if self.discarded_at:
            return "discarded"
        if self.failed_at:
            return "failed"
        if self.finished_at:
            return "done"
        if self.confirmed_at:
            return "running"
        if self.previewed_at:
            return "to confirm"
        return "reading" if self.queued_at else "to map"

    def missing_columns(self) -> list[str]:
        """The labels of what an advert can't do without and no column holds."""
        return columns.missing(columns.found_columns(self.file.headers, self.source.columns))

    def may_be_read(self) -> bool:
        """Also once more, as long as nothing is decided."""
        return self.confirmed_at is None and self.discarded_at is None

    def queue(self, *, at):
        """Let a worker read the file and judge its rows, also once more."""
        ImportRun.objects.undecided().filter(pk=self.pk).update(
            queued_at=at,
            reader=None,
            read_at=None,
            rows_read=0,
            previewed_at=None,
            failed_at=None,
            failure="",
            counts={},
        )
        self.refresh_from_db()

    def note_read(self, rows: int, *, at):
        """So many rows more are judged; raises Overtaken when the reading was begun anew meanwhile.

        Called first in the transaction that writes the rows, it keeps another reader out until they are there.
        """
        mine = ImportRun.objects.reading().filter(pk=self.pk, reader=self.reader)
        if not mine.update(rows_read=F("rows_read") + rows, read_at=at):
            raise Overtaken

    def show(self, counts: dict[str, int], *, at):
        """The rows are judged: the preview can be looked at. Raises Overtaken, too."""
        counts = {outcome: counts.get(outcome, 0) for outcome in Outcome.values}
        mine = ImportRun.objects.reading().filter(pk=self.pk, reader=self.reader)
        if not mine.update(counts=counts, previewed_at=at):
            raise Overtaken
        self.refresh_from_db()

    def fail_reading(self, *, at, why: str):
        mine = ImportRun.objects.reading().filter(pk=self.pk, reader=self.reader)
        mine.update(failed_at=at, failure=why[:500])

    def makes_jobs(self) -> bool:
        """Whether any row becomes a new job, as far as is decided."""
        return bool(self.counts.get(Outcome.NEW)) or self.rows.filter(import_anyway=True).exists()

    def progress(self) -> tuple[int, int]:
        """(rows applied, rows to apply in all)."""
        done = self.rows.filter(applied_at__isnull=False).count()
        return done, done + self.rows.to_apply().count()

    def is_outdated(self) -> bool:
        """Whether another import of the source changed jobs since this file was given to be read."""
        others = self.source.runs.exclude(pk=self.pk)
        return others.filter(Q(confirmed_at__gt=self.queued_at) | Q(finished_at__gt=self.queued_at)).exists()

    def confirm(self, *, by, at, publishes: bool):
        """Let the rows be applied; raises AnotherImportIsRunning."""
        try:
            with transaction.atomic():
                waiting = ImportRun.objects.waiting().filter(pk=self.pk)
                waiting.update(confirmed_at=at, confirmed_by=by, publishes=publishes)
        except IntegrityError as error:
            raise AnotherImportIsRunning from error
        self.refresh_from_db()

    def finish(self, *, at):
        ImportRun.objects.running().filter(pk=self.pk).update(finished_at=at)

    def fail(self, *, at, why: str):
        ImportRun.objects.running().filter(pk=self.pk).update(failed_at=at, failure=why[:500])

    def go_on(self):
        """Take up a failed import where it stopped; raises AnotherImportIsRunning."""
        try:
            with transaction.atomic():
                failed = ImportRun.objects.failed().filter(pk=self.pk, confirmed_at__isnull=False)
                failed.update(failed_at=None, failure="")
        except IntegrityError as error:
            raise AnotherImportIsRunning from error
        self.refresh_from_db()

    def discard(self, *, at):
        """Throw it away, also before it is read to the end."""
        ImportRun.objects.undecided().filter(pk=self.pk).update(discarded_at=at)


class ImportFileQuerySet(models.QuerySet):
    def kept_for(self, user):
        """Uploaded by this person and not part of an import yet."""
        return self.filter(uploaded_by=user, run__isnull=True)

    @transaction.atomic
    def keep(self, content, *, name: str, overview: Overview, by):
        """Store an open binary file piece by piece."""
        content.seek(0)
        file = self.create(name=name.replace("\x00", "")[-200:], uploaded_by=by, **asdict(overview))
        pieces = enumerate(iter(partial(content.read, PIECE), b""))
        for position, piece in pieces:
            file.pieces.create(position=position, content=piece)
            file.size += len(piece)
        file.save(update_fields=["size"])
        return file


class ImportFile(models.Model):
    """An uploaded file, in the database so that any worker can read it.

    It has no run while the form it came with waits for a correction.
    """

    run = models.OneToOneField(ImportRun, models.CASCADE, related_name="file", null=True)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    # As found when it came.
    rows = models.PositiveIntegerField(default=0)
    headers = models.JSONField(default=list)
    sample = models.JSONField(default=dict, help_text="The first row.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = ImportFileQuerySet.as_manager()

    def __str__(self):
        return self.name

    @contextmanager
    def opened(self):
        """The file as one on disk, so that its length costs no memory."""
        with TemporaryFile() as file:
            for piece in self.pieces.order_by("position").iterator(chunk_size=1):
                file.write(piece.content)
            file.seek(0)
            yield file


class ImportFilePiece(models.Model):
    """At most PIECE bytes of a file."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="import_file_piece_once")]

    def __str__(self):
        return f"piece {self.position} of {self.file}"


class Outcome(models.TextChoices):
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    REPEATED = "repeated", "Repeated"
    REFUSED = "refused", "Refused"


class ImportRowQuerySet(models.QuerySet):
    def with_jobs(self):
        """Each with its job, without the long texts."""
        return self.select_related("job").defer("job__description", "job__description_raw")

    def repeated(self):
        """Those about which staff can still decide."""
        return self.filter(outcome=Outcome.REPEATED, applied_at__isnull=True)

    def to_apply(self):
        """Rows with something to do that hasn't been done yet."""
        return self.filter(
            Q(outcome__in=[Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED])
            | Q(outcome=Outcome.REPEATED, import_anyway=True),
            applied_at__isnull=True,
        )


class ImportRow(models.Model):
    """A row of the file with what becomes of it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(help_text="Where the row starts in the file.")
    external_id = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    fields = models.JSONField(default=dict, help_text="The row in our words, before it becomes a job.")
    # [{"field": …, "problem": …}] of a refused row, [{"field": …, "old": …, "new": …}] of a changed one.
    problems = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    goes_to_review = models.BooleanField(default=False, help_text="Its link waits for somebody's look.")
    repeats_line = models.PositiveIntegerField(null=True)
    import_anyway = models.BooleanField(default=False)
    # The job it became; of a repeated row the job it repeats.
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_row_once")]
        indexes = [models.Index(fields=["run", "outcome", "line"], name="import_row_by_outcome")]

    def __str__(self):
        return f"line {self.line} of {self.run}"
