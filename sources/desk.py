"""The pages of an import in the admin: upload, columns, preview, confirmation, progress, report."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from jobs.exports import csv_response
from jobs.models import Category
from sources import tasks
from sources.forms import ColumnsForm, ConfirmForm, UploadForm
from sources.guesses import CATEGORY_RULES
from sources.models import AnotherImportIsRunning, ImportRun, Outcome
from sources.showing import REVIEW, became, plain_word, report_line, shown, tabs_of

ROWS_A_PAGE = 50


class Desk:
    """Mixed into the admin of ImportRun; each change is its own POST."""

    def get_urls(self):
        pages = [
            ("<int:pk>/columns/", self.columns_view, "columns"),
            ("<int:pk>/repeats/", require_POST(self.repeats_view), "repeats"),
            ("<int:pk>/repeats/all/", require_POST(partial(self.all_repeats_view, anyway=True)), "repeats_all"),
            ("<int:pk>/repeats/none/", require_POST(partial(self.all_repeats_view, anyway=False)), "repeats_none"),
            ("<int:pk>/confirmation/", require_POST(self.confirm_view), "confirm"),
            ("<int:pk>/continuation/", require_POST(self.go_on_view), "go_on"),
            ("<int:pk>/reading/", require_POST(self.read_again_view), "read_again"),
            ("<int:pk>/disposal/", require_POST(self.discard_view), "discard"),
            ("<int:pk>/report.csv", self.report_view, "report"),
        ]
        urls = [
            path(at, self.admin_site.admin_view(view), name=f"sources_importrun_{name}") for at, view, name in pages
        ]
        return urls + super().get_urls()

    # --- Upload and columns -------------------------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, by=request.user)
        if request.method == "POST" and form.is_valid():
            return self.uploaded(request, form.start())
        return self.page(request, "upload", title="Import jobs from a file", form=form)

    def uploaded(self, request, run):
        """Have it read, or first ask for the columns when some are missing."""
        self.log_addition(request, run, "Uploaded.")
        if labels := run.missing_columns():
            messages.warning(request, f"No column holds: {', '.join(labels)}. Choose the columns.")
            return redirect("admin:sources_importrun_columns", run.pk)
        tasks.read(run, at=timezone.now())
        return redirect(run)

    def columns_view(self, request, pk):
        run = self.run_to_change(request, pk)
        if not run.may_be_read():
            return redirect(run)
        form = ColumnsForm(run.file, request.POST or None, remembered=run.source.columns)
        if request.method == "POST" and form.is_valid():
            run.source.remember_columns(form.cleaned_data)
            tasks.read(run, at=timezone.now())
            messages.success(request, "The columns are kept for this source.")
            return redirect(run)
        return self.page(request, "columns", title=f"Columns of {run.file_name}", run=run, form=form)

    # --- Preview, progress, result: one page that follows the run's state ---------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.run_to_view(request, object_id)
        may_change = self.has_change_permission(request)
        if run.state == "to map":
            return redirect("admin:sources_importrun_columns", run.pk)
        if run.state == "reading":
            return self.page(request, "reading", title=f"Import of {run.file_name}", run=run, may_change=may_change)
        outcome = request.GET.get("outcome", "")
        outcome = outcome if outcome in [*Outcome.values, REVIEW] else ""
        done, total = run.progress()
        may_decide = may_change and run.state == "to confirm"
        may_choose = may_decide and outcome == Outcome.REPEATED
        category_names = dict(Category.objects.values_list("slug", "name"))
        return self.page(
            request,
            "run",
            title=f"Import of {run.file_name}",
            run=run,
            original=run,
            outcome=outcome,
            tabs=tabs_of(run, outcome, to_review=run.rows.filter(goes_to_review=True).count()),
            became=became(run) if run.state == "done" else "",
            links_waiting=run.held_links.waiting().count(),
            rows=self.rows_page(request, run, outcome, category_names),
            done=done,
            total=total,
            form=ConfirmForm(),
            may_change=may_change,
            may_decide=may_decide,
            may_choose=may_choose,
            # Repeated rows that are ticked on this very page become jobs, too.
            makes_jobs=may_choose or run.makes_jobs(),
            may_publish=request.user.has_perm("jobs.publish_job"),
            category_rules=[
                (category_names[rule.slug], ", ".join(map(plain_word, rule.words)))
                for rule in CATEGORY_RULES
                if rule.slug in category_names
            ],
        )

    def rows_page(self, request, run, outcome, category_names):
        rows = run.rows.with_jobs().order_by("line", "pk")
        if outcome == REVIEW:
            rows = rows.filter(goes_to_review=True)
        elif outcome:
            rows = rows.filter(outcome=outcome)
        page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
        page.object_list = [shown(row, category_names) for row in page.object_list]
        return page

    # --- Changes ------------------------------------------------------------------------------------------------------

    def repeats_view(self, request, pk):
        run = self.run_to_change(request, pk)
        count = chosen(run, request.POST)
        messages.success(request, f"{count} of the repeated rows shown will be imported, the others skipped.")
        return redirect(f"{run.get_absolute_url()}?outcome=repeated")

    def all_repeats_view(self, request, pk, anyway: bool):
        run = self.run_to_change(request, pk)
        count = run.rows.repeated().update(import_anyway=anyway)
        messages.success(request, f"All {count} repeated rows will be {'imported' if anyway else 'skipped'}.")
        return redirect(f"{run.get_absolute_url()}?outcome=repeated")

    def confirm_view(self, request, pk):
        run = self.run_to_change(request, pk)
        form = ConfirmForm(request.POST)
        publishes = form.is_valid() and form.cleaned_data["publishes"] and request.user.has_perm("jobs.publish_job")
        if run.state != "to confirm":
            messages.warning(request, f"This import is {run.state} already.")
        elif run.source.runs.running().exists():
            self.warn_of_another(request, run)
        elif run.is_outdated():
            tasks.read(run, at=timezone.now())
            messages.warning(request, "Another import of this source came in between: the preview is made anew.")
        else:
            self.confirmed(request, run, publishes=publishes)
        return redirect(run)

    def confirmed(self, request, run, *, publishes: bool):
        try:
            with transaction.atomic():
                chosen(run, request.POST)
                run.confirm(by=request.user, at=timezone.now(), publishes=publishes)
                tasks.start(run)
        except AnotherImportIsRunning:
            self.warn_of_another(request, run)
            return
        self.log_change(request, run, "Confirmed.")

    def warn_of_another(self, request, run):
        messages.warning(request, f"Another import of {run.source} is running. Confirm again when it is done.")

    def go_on_view(self, request, pk):
        run = self.run_to_change(request, pk)
        try:
            with transaction.atomic():
                run.go_on()
                tasks.start(run)
        except AnotherImportIsRunning:
            messages.warning(request, f"Another import of {run.source} is running. Go on when it is done.")
        return redirect(run)

    def read_again_view(self, request, pk):
        run = self.run_to_change(request, pk)
        if run.may_be_read():
            tasks.read(run, at=timezone.now())
        return redirect(run)

    def discard_view(self, request, pk):
        run = self.run_to_change(request, pk)
        if not run.may_be_read():
            messages.warning(request, f"This import is {run.state} already.")
            return redirect(run)
        if request.POST.get("confirmed") != "yes":
            return self.page(request, "discard", title=f"Throw away {run.file_name}?", run=run)
        run.discard(at=timezone.now())
        messages.success(request, "The import is thrown away. No job was changed.")
        return redirect("admin:sources_importrun_changelist")

    def report_view(self, request, pk):
        run = self.run_to_view(request, pk)
        headers = ["line", "outcome", "reference", "title", "company", "location", "what and why", "job"]
        rows = run.rows.with_jobs().order_by("line").iterator(chunk_size=500)
        return csv_response(f"import-{run.pk}", headers, map(report_line, rows))

    # --- Helpers ------------------------------------------------------------------------------------------------------

    def run_to_view(self, request, pk) -> ImportRun:
        run = self.found(request, pk)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        return run

    def run_to_change(self, request, pk) -> ImportRun:
        run = self.found(request, pk)
        if not self.has_change_permission(request, run):
            raise PermissionDenied
        return run

    def found(self, request, pk) -> ImportRun:
        run = self.get_object(request, str(pk))
        if run is None:
            raise Http404("There is no such import.")
        return run

    def page(self, request, name: str, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, **context}
        return TemplateResponse(request, f"admin/sources/importrun/{name}.html", context)


def chosen(run: ImportRun, answers) -> int:
    """Of the repeated rows that were shown, import those ticked and skip the others; says how many were ticked."""
    shown, ticked = numbers(answers.getlist("shown")), numbers(answers.getlist("anyway"))
    repeated = run.rows.repeated().filter(pk__in=shown)
    repeated.update(import_anyway=False)
    return repeated.filter(pk__in=ticked).update(import_anyway=True)


def numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
