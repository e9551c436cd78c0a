"""Companies, categories and regions from a table that staff upload.

Each row is judged by the form that staff fill in for one, so that both refuse the same in the same words.
"""

import io

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, Format
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.resources import ModelResource
from import_export.results import RowResult
from tablib import Dataset

from accounts.admin_lists import leave_page, refuse_filters
from accounts.characters import readable
from jobs import files
from jobs.files import UnreadableFile

# Rows are judged and written within one request.
MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 2_000
ROWS_SHOWN = 200
# Columns that the reader adds to those of the file; no header has a line break.
LINE, PROBLEM = "\nline", "\nproblem"
UPLOAD_AGAIN = (
    "Nothing is imported: this preview was confirmed already or is too old. Look at the list, or upload again."
)


class TableFile(Format):
    """CSV, TSV or XLSX, read as adverts are; raises UnreadableFile."""

    def __init__(self, encoding=None):
        """The library says how a text is written; the reader finds out."""

    def get_title(self):
        return "table"

    def can_import(self):
        return True

    def create_dataset(self, content: bytes) -> Dataset:
        table = files.read(io.BytesIO(content))
        names = list(dict.fromkeys(header.lower() for header in table.headers if header))
        if twice := next((name for name in names if sum(name == header.lower() for header in table.headers) > 1), None):
            raise UnreadableFile(f"The header names the column “{twice[:60]}” twice.")
        dataset = Dataset(headers=[*names, LINE, PROBLEM])
        for row in table.rows:
            if len(dataset) == MOST_ROWS:
                raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts.")
            cells = {header.lower(): cell for header, cell in row.cells.items()}
            dataset.append([*(cells.get(name, "") for name in names), row.line, row.problem])
        return dataset


class TableResource(ModelResource):
    """`form` judges a row and sets its values; `Meta.fields` names what is exported, which may be more."""

    form: type[forms.ModelForm]

    class Meta:
        skip_unchanged = report_skipped = True
        store_instance = store_row_values = True
        # A difference is shown in our words; the library's has inline styles.
        skip_html_diff = True

    @classmethod
    def importable(cls) -> list[str]:
        return ["id", *cls.form.base_fields]

    def get_import_order(self):
        return self.importable()

    def before_import(self, dataset, **kwargs):
        self.lines = {}
        known = {*self.importable(), *self.fields, *(field.name for field in self._meta.model._meta.fields)}
        unknown = [f"“{name[:60]}”" for name in dataset.headers if name not in (*known, LINE, PROBLEM)]
        if unknown:
            raise UnreadableFile(
                f"No field is called {', '.join(unknown[:5])}. The header may name: {', '.join(self.importable())}."
            )

    def before_import_row(self, row, **kwargs):
        if row[PROBLEM]:
            raise ValidationError(row[PROBLEM])
        if number := row.get("id"):
            self.check_number(number, line=row[LINE])

    def check_number(self, number: str, *, line: int):
        kind = self._meta.model._meta.verbose_name
        is_number = number.isascii() and number.isdecimal() and len(number) < 19
        if not is_number or not self.get_queryset().filter(pk=number).exists():
            said = f"No {kind} has the number “{number[:60]}”. Leave it empty for a new {kind}."
            raise ValidationError({"id": said})
        if (first := self.lines.setdefault(int(number), line)) != line:
            raise ValidationError({"id": f"Line {first} is about the same {kind}."})

    def import_instance(self, instance, row, **kwargs):
        form = self.form(self.said(row), instance=instance)
        for name in [name for name in form.fields if self.may_be_left_out(name, instance) and name not in form.data]:
            del form.fields[name]
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())

    def said(self, row) -> dict[str, str]:
        """The cells for the form's fields; an empty one of a field with a default says nothing."""
        cells = {name: readable(row[name]) for name in self.form.base_fields if name in row}
        return {name: cell for name, cell in cells.items() if cell or not self.has_default(name)}

    def may_be_left_out(self, name: str, instance) -> bool:
        return instance.pk is not None or self.has_default(name) or not self.form.base_fields[name].required

    def has_default(self, name: str) -> bool:
        return self.form.base_fields[name].initial is not None

    def save_instance(self, instance, is_create, row, **kwargs):
        try:
            with transaction.atomic():
                super().save_instance(instance, is_create, row, **kwargs)
        except IntegrityError:
            raise ValidationError("Somebody saved the same at this moment. Upload the file again.") from None


class TableUploadForm(ImportForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        file = self.fields["import_file"]
        file.label = "File"
        file.help_text = (
            "An XLSX workbook (its first sheet), or a CSV or TSV file in UTF-8, with a header line; "
            f"{MOST_BYTES // 1024 // 1024} MB and {MOST_ROWS:,} rows at most."
        )
        file.widget.attrs["accept"] = ".xlsx,.csv,.tsv,.txt,text/csv"
        file.error_messages["empty"] = "The file is empty."

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            said = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it and import the parts."
            raise ValidationError(said, code="too_large")
        return file


class TableConfirmForm(ConfirmImportForm):
    """Names the file as we signed it: no other file of the machine can be asked for."""

    format = forms.IntegerField(min_value=0, max_value=0, widget=forms.HiddenInput)

    def clean_import_file_name(self):
        try:
            return signing.loads(self.cleaned_data["import_file_name"], salt=__name__)
        except signing.BadSignature:
            raise ValidationError("This is no file of ours.", code="invalid") from None


class TableImportAdmin(ImportExportModelAdmin):
    """An import with a preview that says what each row would do, and an export."""

    import_formats = [TableFile]
    export_formats = [CSV]
    skip_export_form = True
    import_form_class = TableUploadForm
    confirm_form_class = TableConfirmForm
    import_template_name = "admin/jobs/table_import.html"

    def has_import_permission(self, request):
        """A row without a number adds, one with a number changes."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def export_action(self, request):
        leave_page(request)
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            return refuse_filters(request, self.opts)

    def get_resource_index(self, form):
        return 0

    # --- Preview ------------------------------------------------------------------------------------------------------

    def import_action(self, request, **kwargs):
        response = super().import_action(request, **kwargs)
        context, resource = response.context_data, self.resource_classes[0]
        context["title"] = f"Import {self.opts.verbose_name_plural} from a file"
        context["columns"] = resource.importable()
        if result := context.get("result"):
            rows = [shown(row) for row in result.rows]
            refused = [row for row in rows if row["problems"]]
            context["refused"] = len(refused)
            context["file_problems"] = [plain(error.error) for error in result.base_errors]
            context["counted"] = counted(result)
            context["count"] = len(refused or rows)
            context["rows"] = (refused or rows)[:ROWS_SHOWN]
        return response

    def add_data_read_fail_error_to_form(self, form, error):
        form.add_error("import_file", plain(error))

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        if initial:
            initial["import_file_name"] = signing.dumps(initial["import_file_name"], salt=__name__)
        return initial

    # --- Confirmation -------------------------------------------------------------------------------------------------

    @method_decorator(require_POST)
    def process_import(self, request, **kwargs):
        try:
            response = super().process_import(request, **kwargs)
        except FileNotFoundError:
            response = None
        # Pages are for a form that isn't ours, or for a file that another press of the button took.
        if response is None or response.status_code == 200:
            messages.warning(request, UPLOAD_AGAIN)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return response

    def process_dataset(self, *args, **kwargs):
        """All rows or none: what changed since the preview may refuse some."""
        return super().process_dataset(*args, rollback_on_validation_errors=True, **kwargs)

    def process_result(self, result, request):
        if result.has_errors() or result.has_validation_errors():
            said = "Nothing is imported: something changed since the preview. Upload the file again to see what."
            messages.error(request, said)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        return super().process_result(result, request)

    def add_success_message(self, result, request):
        messages.success(request, f"{capfirst(self.opts.verbose_name_plural)} imported: {counted(result)}.")


WORDS = {
    RowResult.IMPORT_TYPE_NEW: ("new", "New"),
    RowResult.IMPORT_TYPE_UPDATE: ("changed", "Changed"),
    RowResult.IMPORT_TYPE_SKIP: ("unchanged", "Unchanged"),
}


def counted(result) -> str:
    return ", ".join(f"{result.totals[kind]:,} {outcome}" for kind, (outcome, _) in WORDS.items())


def shown(row: RowResult) -> dict:
    """A row as the preview shows it."""
    outcome, word = WORDS.get(row.import_type, ("refused", "Refused"))
    return {
        "line": row.row_values[LINE],
        "outcome": outcome,
        "word": word,
        "name": readable(row.row_values.get("name", "")) or row.object_repr or "no name",
        "problems": problems_of(row),
        "differences": differences_of(row),
    }


def problems_of(row: RowResult) -> list[dict]:
    if row.errors:
        return [{"label": "Row", "problem": "This row can't be saved. Look at each of its values."}]
    if not row.validation_error:
        return []
    if not hasattr(row.validation_error, "error_dict"):
        return [{"label": "Row", "problem": problem} for problem in row.validation_error.messages]
    found = row.validation_error.message_dict.items()
    return [{"label": label_of(name), "problem": problem} for name, problems in found for problem in problems]


def differences_of(row: RowResult) -> list[dict]:
    """What a changed row changes, and what a new one says."""
    if row.import_type not in (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE):
        return []
    names = [name for name in row.row_values if name not in ("id", LINE, PROBLEM)]
    pairs = [(name, written(row.original, name), written(row.instance, name)) for name in names]
    return [{"label": label_of(name), "old": old, "new": new} for name, old, new in pairs if old != new]


def written(instance, name: str) -> str:
    value = getattr(instance, name, None)
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, list) else str(value)


def label_of(name: str) -> str:
    return "Number" if name == "id" else "Row" if name == "__all__" else capfirst(name.replace("_", " "))


def plain(error: Exception) -> str:
    return str(error) if isinstance(error, UnreadableFile) else "The file can't be read. Save it as XLSX or CSV anew."
