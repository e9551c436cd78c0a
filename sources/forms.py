"""What staff say about an import: the file and its source, and which column holds what."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from jobs import files
from jobs.files import MOST_BYTES, MOST_ROWS, UnreadableFile
from jobs.models import Category
from sources.columns import COLUMNS, WAYS_TO_APPLY, Column, found_columns
from sources.models import ImportFile, ImportRun, Source

SAMPLE_LENGTH = 40


class UploadForm(forms.Form):
    """A file that can be read is kept even when another field must be corrected, so that it is chosen only once."""

    source = forms.ModelChoiceField(
        Source.objects.order_by("name"),
        required=False,
        empty_label="A new source",
        help_text="Where the adverts come from. The same source again finds out what is new or changed.",
    )
    new_source = forms.CharField(
        label="Name of the new source", required=False, max_length=120, help_text="Such as the name of the site."
    )
    default_category = forms.ModelChoiceField(
        Category.objects.order_by("position"),
        required=False,
        help_text="For adverts whose title names no field of work.",
    )
    kept = forms.ModelChoiceField(ImportFile.objects.none(), required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        required=False,
        help_text="An XLSX workbook (its first sheet), or a CSV or TSV file in UTF-8, with a header line; "
        f"{MOST_BYTES // 1024 // 1024} MB and {MOST_ROWS:,} rows at most.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,text/csv"}),
        error_messages={"empty": "The file is empty."},
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["kept"].queryset = ImportFile.objects.kept_for(by)

    def clean_new_source(self):
        name = " ".join(self.cleaned_data["new_source"].split())
        if name and Source.objects.used().filter(name__iexact=name).exists():
            raise ValidationError("There is a source of this name; choose it above.")
        return name

    def clean_file(self):
        """The file as it is kept."""
        file = self.cleaned_data["file"]
        if not file:
            return self.file_of_before()
        try:
            overview = files.look_over(file.file, name=file.name)
        except UnreadableFile as error:
            raise ValidationError(str(error)) from error
        return ImportFile.objects.keep(file.file, name=file.name, overview=overview, by=self.by)

    def file_of_before(self) -> ImportFile:
        if kept := self.cleaned_data.get("kept"):
            return kept
        raise ValidationError("Choose a file.", code="required")

    def clean(self):
        super().clean()
        source, name, category = (self.cleaned_data.get(key) for key in ("source", "new_source", "default_category"))
        if source and name:
            self.add_error("new_source", "Choose a source above or name a new one, not both.")
        if source or "new_source" in self.errors:
            return
        if not name:
            self.add_error("new_source", "Name the new source, or choose one above.")
        if not category and "default_category" not in self.errors:
            self.add_error("default_category", "A new source needs a category for adverts that name none.")

    @property
    def file_needed(self) -> str:
        """What the label says beside “File”."""
        return "to choose another" if self.kept_file else "required"

    @property
    def kept_file(self) -> ImportFile | None:
        return self.cleaned_data.get("file") if self.is_bound else None

    @transaction.atomic
    def start(self) -> ImportRun:
        """The import of the file, not previewed yet."""
        answers, file = self.cleaned_data, self.kept_file
        source = answers["source"] or Source.objects.begin(
            name=answers["new_source"], default_category=answers["default_category"]
        )
        return ImportRun.objects.start(source=source, file=file, by=self.by)


class ColumnsForm(forms.Form):
    """For each field of an advert a choice of the file's columns, each shown with its first value."""

    def __init__(self, file: ImportFile, *args, remembered: dict[str, str], **kwargs):
        super().__init__(*args, initial=found_columns(file.headers, remembered), **kwargs)
        headers = [header for header in file.headers if header]
        choices = [("", "none")] + [(header, with_sample(header, file.sample.get(header, ""))) for header in headers]
        for column in COLUMNS:
            self.fields[column.name] = forms.ChoiceField(
                label=column.label, choices=choices, required=column.required, help_text=column.help
            )
            self.fields[column.name].needed = needed(column)

    def clean(self):
        super().clean()
        chosen = [header for header in self.cleaned_data.values() if header]
        for name, header in self.cleaned_data.items():
            if header and chosen.count(header) > 1:
                self.add_error(name, f"“{header}” is chosen more than once.")
                return
        if not self.errors and not any(self.cleaned_data.get(name) for name in WAYS_TO_APPLY):
            self.add_error("apply_url", "Choose a column for the address to apply at, or for the e-mail.")


def needed(column: Column) -> str:
    """What stands beside a column's label."""
    return "one of the two" if column.name in WAYS_TO_APPLY else "required" if column.required else ""


def with_sample(header: str, value: str) -> str:
    value = " ".join(value.split())
    sample = value if len(value) <= SAMPLE_LENGTH else f"{value[:SAMPLE_LENGTH]}…"
    return f"{header}: {sample}" if sample else f"{header} (empty)"


class ConfirmForm(forms.Form):
    publishes = forms.TypedChoiceField(
        label="New jobs",
        choices=[("yes", "Publish at once"), ("no", "Keep as drafts")],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
