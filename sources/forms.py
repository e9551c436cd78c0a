"""What staff say about an import: the file and its source, and which column holds what."""

from django import forms
from django.core.exceptions import ValidationError

from jobs.models import Category
from sources.columns import COLUMNS, WAYS_TO_APPLY
from sources.files import MOST_BYTES, Table
from sources.models import ImportFile, ImportRun, Source

SAMPLE_LENGTH = 40


class UploadForm(forms.Form):
    source = forms.ModelChoiceField(
        Source.objects.order_by("name"),
        required=False,
        empty_label="A new source",
        help_text="Where the adverts come from. The same source again finds out what is new or changed.",
    )
    new_source = forms.CharField(
        label="Name of the new source", required=False, max_length=120, help_text="Only for a new source."
    )
    default_category = forms.ModelChoiceField(
        Category.objects.order_by("position"),
        required=False,
        help_text="Only for a new source: for adverts whose title names no field of work.",
    )
    file = forms.FileField(
        help_text=f"A CSV or TSV file in UTF-8 with a header line, {MOST_BYTES // 1024 // 1024} MB at most.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"empty": "The file is empty."},
    )

    def clean_new_source(self):
        name = " ".join(self.cleaned_data["new_source"].split())
        if name and Source.objects.filter(name__iexact=name).exists():
            raise ValidationError("There is a source of this name; choose it above.")
        return name

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it in parts.")
        return file

    def clean(self):
        super().clean()
        if self.errors:
            return
        source, name, category = (self.cleaned_data[key] for key in ("source", "new_source", "default_category"))
        if source and name:
            self.add_error("new_source", "Choose a source above or name a new one, not both.")
        if not source and not name:
            self.add_error("new_source", "Name the new source, or choose one above.")
        if not source and not category:
            self.add_error("default_category", "A new source needs a category for adverts that name none.")

    def keep(self, *, by) -> ImportRun:
        answers = self.cleaned_data
        source = answers["source"] or Source.objects.create(
            name=answers["new_source"], default_category=answers["default_category"]
        )
        file = answers["file"]
        name = file.name.replace("\x00", "")[-200:]
        run = ImportRun.objects.create(source=source, file_name=name, uploaded_by=by)
        ImportFile.objects.create(run=run, content=file.read())
        return run


class ColumnsForm(forms.Form):
    """For each field of an advert a choice of the file's columns, each shown with its first value."""

    def __init__(self, table: Table, *args, **kwargs):
        super().__init__(*args, **kwargs)
        first = next(table.rows).cells
        choices = [("", "none")] + [
            (header, with_sample(header, first.get(header, ""))) for header in table.headers if header
        ]
        for column in COLUMNS:
            self.fields[column.name] = forms.ChoiceField(
                label=column.label, choices=choices, required=column.required, help_text=column.help
            )

    def clean(self):
        super().clean()
        chosen = [header for header in self.cleaned_data.values() if header]
        for name, header in self.cleaned_data.items():
            if header and chosen.count(header) > 1:
                self.add_error(name, f"“{header}” is chosen more than once.")
                return
        if not self.errors and not any(self.cleaned_data.get(name) for name in WAYS_TO_APPLY):
            self.add_error("apply_url", "Choose a column for the address to apply at, or for the e-mail.")


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
