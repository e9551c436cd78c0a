"""The board's own models in the admin."""

from datetime import UTC, datetime, timedelta

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from simple_history.admin import SimpleHistoryAdmin

from accounts.admin_fields import End, Start
from accounts.admin_lists import StateFilter, leave_page, refuse_filters
from accounts.admin_versions import SeenVersionAdmin
from accounts.admin_widgets import DateAndTime, SearchSelects
from jobs import bulk, undoing
from jobs.admin_forms import CategoryForm, CompanyForm, JobForm, RateForm, RegionForm
from jobs.downloads import exported, log_export
from jobs.models import LIFE, AlreadyRelisted, Category, Company, Job, Region
from jobs.pay import ExchangeRate
from jobs.previews import preview_address
from jobs.reports import JobReport
from jobs.reviews import KeptBack, reviews_of
from jobs.table_imports import TableImportAdmin, TableResource

EXPIRING_WITHIN = timedelta(days=7)


class JobStates(StateFilter):
    states = {
        "open": ("Open", lambda jobs: jobs.open(timezone.now())),
        "expiring": ("Expiring in 7 days", lambda jobs: expiring(jobs, timezone.now())),
        "draft": ("Draft", lambda jobs: jobs.drafts()),
        "scheduled": ("Scheduled", lambda jobs: jobs.scheduled(timezone.now())),
        "closed": ("Closed or over", lambda jobs: jobs.over(timezone.now())),
        "hidden": ("Hidden by reports", lambda jobs: jobs.hidden()),
    }


def expiring(jobs, at):
    return jobs.expiring(at, until=at + EXPIRING_WITHIN)


def state_of(job: Job, at) -> str:
    """In one word, for people; also the class that colours it."""
    if job.closed_at:
        return "closed"
    if job.hidden_at:
        return "hidden"
    if not job.published_at:
        return "draft"
    if job.published_at > at:
        return "scheduled"
    if job.is_over(at):
        return "over"
    return "expiring" if job.expires_at and job.expires_at <= at + EXPIRING_WITHIN else "open"


class HistoryAdmin(SimpleHistoryAdmin):
    """Keeps texts from the library's queries: in the place of a number they would be an error of ours."""

    def history_view(self, request, object_id, extra_context=None):
        number_or_404(unquote(object_id))
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        number_or_404(object_id)
        number_or_404(version_id)
        return super().history_form_view(request, object_id, version_id, extra_context)


def number_or_404(text: str) -> None:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise Http404


@admin.register(Job)
class JobAdmin(SeenVersionAdmin, SearchSelects, HistoryAdmin):
    # Apps above this one add filters of their own, such as the source.
    filters_of_other_apps: list = []

    form = JobForm
    formfield_overrides = {
        models.DateTimeField: {"form_class": End, "widget": DateAndTime},
        models.ManyToManyField: {"widget": CheckboxSelectMultiple},
    }
    list_display = ["title", "company", "location", "state", "category", "published_at", "expires_at"]
    list_filter = [JobStates, "workplace", "level", "category"]
    list_select_related = ["company", "category"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-created_at", "-pk"]
    search_fields = ["title", "company__name", "location"]
    search_help_text = "Title, company or place"
    autocomplete_fields = ["company"]
    radio_fields = {"workplace": admin.HORIZONTAL}
    actions = ["publish_jobs", "close_jobs", "extend_jobs", "export_jobs"]
    change_form_template = "admin/jobs/job/change_form.html"
    change_list_template = "admin/jobs/job/change_list.html"
    readonly_fields = ["state", "published_at", "last_confirmed_at", "closing"]
    fieldsets = [
        (None, {"fields": ["title", "company", "category", "description_raw", "tags"]}),
        ("Place and who may apply", {"fields": ["workplace", "location", "regions", "countries", "open_worldwide"]}),
        ("Work", {"fields": ["employment_types", "level"]}),
        (
            "Pay, as the company states it",
            {
                "fields": [("pay_min", "pay_max"), ("pay_currency", "pay_period")],
                "description": "In whole units: 85000 or 25.50. Leave empty when the advert states none.",
            },
        ),
        ("How to apply", {"fields": ["apply_url", "apply_email"], "description": "One of the two."}),
        ("Life", {"fields": ["state", "publish_at", "expires_at", "published_at", "last_confirmed_at", "closing"]}),
        ("Search engines", {"fields": ["may_be_syndicated"]}),
    ]

    def get_queryset(self, request):
        jobs = super().get_queryset(request)
        return jobs.defer("description", "description_raw") if is_list(request) else jobs

    def get_list_filter(self, request):
        return [*self.list_filter, *self.filters_of_other_apps]

    @admin.display(description="state")
    def state(self, job):
        word = state_of(job, timezone.now())
        return format_html('<span class="badge badge--{}">{}</span>', word, word.capitalize())

    @admin.display(description="closed")
    def closing(self, job):
        if not job.closed_at:
            return "—"
        by = job.closed_by or "the board"
        return f"{date_format(job.closed_at, 'DATETIME_FORMAT')} by {by}: {job.get_close_reason_display()}"

    # --- Saving -------------------------------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        """A version that is brought back brings back what the job said, not whether it was open then."""
        if change:
            obj.refresh_from_db(fields=[name for name in LIFE if name != "expires_at"])
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        # The regions are saved after the job, and search reads them too.
        Job.objects.filter(pk=form.instance.pk).refresh_documents()
        is_open = form.instance.is_open(timezone.now())
        if "_publish" in request.POST and not is_open and self.has_publish_permission(request):
            self.publish(request, form.instance, at=form.cleaned_data["publish_at"] or timezone.now())

    def publish(self, request, job, *, at):
        settled = " What people reported about it is settled as unfounded." if job.hidden_at else ""
        try:
            job.publish(by=request.user, at=at)
        except KeptBack:
            warn_of_review(request, job, "is saved, but not published")
            return
        published = bulk.published({"publish_at": at})
        self.log_change(request, job, f"{capfirst(published)}.")
        messages.success(request, f"“{job.title}” is {published}.{settled}")

    def get_view_on_site_url(self, obj=None):
        """Only what visitors can open has a page; the others have the preview."""
        return super().get_view_on_site_url(obj) if obj and obj.is_published(timezone.now()) else None

    def get_changeform_initial_data(self, request):
        return {"may_be_syndicated": True, **super().get_changeform_initial_data(request)}

    def render_change_form(self, request, context, *args, **kwargs):
        job = context["original"]
        context["may_publish"] = self.has_publish_permission(request)
        context["is_over"] = bool(job and job.is_over(timezone.now()))
        context["is_public"] = bool(job and job.is_open(timezone.now()))
        context["preview_url"] = preview_address(job) if job else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"may_export": self.has_export_permission(request)})

    # --- Permissions --------------------------------------------------------------------------------------------------

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm("jobs.publish_job")

    def has_export_permission(self, request) -> bool:
        return request.user.has_perm("jobs.export_job")

    def get_deleted_objects(self, objs, request):
        """The jobs by name, and counts of what belongs to them: it goes with them, whoever else may delete it."""
        _, counts, _, protected = super().get_deleted_objects(objs, request)
        return [str(job) for job in objs], counts, set(), protected

    # --- Bulk changes -------------------------------------------------------------------------------------------------

    @admin.action(description="Publish…", permissions=["publish"])
    def publish_jobs(self, request, jobs):
        return bulk.asked_or_done(self, request, jobs, bulk.PUBLISH)

    @admin.action(description="Close…", permissions=["publish"])
    def close_jobs(self, request, jobs):
        return bulk.asked_or_done(self, request, jobs, bulk.CLOSE)

    @admin.action(description="Extend…", permissions=["publish"])
    def extend_jobs(self, request, jobs):
        return bulk.asked_or_done(self, request, jobs, bulk.EXTEND)

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_jobs(self, request, jobs):
        return exported(request, jobs)

    # --- Pages of one job ---------------------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("reopening/", view(self.reopen_view), name="jobs_job_reopen"),
            path("undoing/", view(self.undo_view), name="jobs_job_undo"),
            path("export.csv", view(self.export_view), name="jobs_job_export"),
            path("<path:object_id>/copies/", view(self.duplicate_view), name="jobs_job_duplicate"),
            path("<path:object_id>/relisting/", view(self.relist_view), name="jobs_job_relist"),
            *super().get_urls(),
        ]

    def export_view(self, request):
        """All jobs of the list as it is filtered now."""
        if not self.has_export_permission(request):
            log_export(request, "refused")
            raise PermissionDenied
        leave_page(request)
        try:
            jobs = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return refuse_filters(request, self.opts)
        return exported(request, jobs)

    def reopen_view(self, request):
        """Undo closing: of the jobs that this person closed at one moment."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        jobs = Job.objects.filter(closed_by=request.user, closed_at=moment_or_404(request.GET.get("closed_at", "")))
        count = jobs.count()
        if not count:
            messages.warning(request, "Nothing is left to undo: what you closed then is open again or was closed anew.")
            return redirect(self.list_come_from(request))
        if request.method == "POST":
            bulk.log(request.user, jobs, "Opened again.")
            messages.success(request, f"{bulk.counted(jobs.reopen())} opened again.")
            return redirect(self.list_come_from(request))
        return self.undo_page(request, bulk.counted(count), did="closed", title="Open these jobs again?")

    def undo_view(self, request):
        """Undo what this person published or extended at one moment, of the jobs that nothing has changed since."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        at = moment_or_404(request.GET.get("at", ""))
        did, jobs = undoing.undoable(request.session, at=at)
        count = jobs.count()
        if not count:
            messages.warning(request, "Nothing is left to undo: these jobs have changed meanwhile, or it is undone.")
            return redirect(self.list_come_from(request))
        if request.method == "POST":
            bulk.log(request.user, jobs, f"Undone: {did}.")
            undone = undoing.undo(request.session, jobs, at=at)
            messages.success(request, f"Undone: {bulk.counted(undone)} as before.")
            return redirect(self.list_come_from(request))
        return self.undo_page(request, bulk.counted(count), did=did, title="Bring these jobs back to what they were?")

    def undo_page(self, request, counted: str, *, did: str, title: str) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        context |= {"counted": counted, "did": did, "back_url": self.list_come_from(request)}
        return TemplateResponse(request, "admin/jobs/job/undo.html", context)

    def list_come_from(self, request) -> str:
        """The list with the search and filters it had."""
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return add_preserved_filters(filters, reverse("admin:jobs_job_changelist"))

    @method_decorator(require_POST)
    def duplicate_view(self, request, object_id):
        if not self.has_add_permission(request):
            raise PermissionDenied
        job = self.job_or_404(request, object_id)
        if job.is_kept_back(by=request.user):
            warn_of_review(request, job, "can't be copied yet")
            return redirect("admin:jobs_job_change", job.pk)
        copy = job.duplicate()
        self.log_addition(request, copy, f"Copied from job {object_id}.")
        messages.success(request, "This is a copy, kept as a draft. Change what differs and publish it.")
        return redirect("admin:jobs_job_change", copy.pk)

    @method_decorator(require_POST)
    def relist_view(self, request, object_id):
        if not self.has_publish_permission(request) or not self.has_add_permission(request):
            raise PermissionDenied
        job, now = self.job_or_404(request, object_id), timezone.now()
        if not job.is_over(now):
            messages.warning(request, "Only a closed or expired job can be listed again.")
            return redirect("admin:jobs_job_change", job.pk)
        try:
            copy = job.relist(by=request.user, at=now)
        except KeptBack:
            warn_of_review(request, job, "can't be listed again yet")
            return redirect("admin:jobs_job_change", job.pk)
        except AlreadyRelisted as already:
            messages.warning(request, f"Job {object_id} is listed again already: as this one.")
            return redirect("admin:jobs_job_change", already.copy.pk)
        self.log_addition(request, copy, f"Listed again from job {object_id}.")
        messages.success(request, "The job is listed again, as a new one.")
        return redirect("admin:jobs_job_change", copy.pk)

    def job_or_404(self, request, object_id) -> Job:
        job = self.get_object(request, unquote(object_id))
        if job is None:
            raise Http404("There is no such job.")
        return job


def warn_of_review(request, job: Job, what: str):
    for _, review in reviews_of(Job.objects.filter(pk=job.pk), by=request.user):
        messages.warning(request, format_html("“{}” {}: {}. See {}.", job.title, what, review.why, review.link))


def moment_or_404(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Http404("This is no moment.")


def is_list(request) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "jobs_job_changelist"


class CompanyResource(TableResource):
    form = CompanyForm

    class Meta:
        model = Company
        fields = [
            "id", "name", "slug", "website", "about", "headquarters", "size", "founded_year", "industry",
            "verified_at", "created_at",
        ]  # fmt: skip


@admin.register(Company)
class CompanyAdmin(TableImportAdmin, HistoryAdmin):
    form = CompanyForm
    resource_classes = [CompanyResource]
    formfield_overrides = {models.DateTimeField: {"form_class": Start, "widget": DateAndTime}}
    list_display = ["name", "industry", "headquarters", "size", "verified_at"]
    list_filter = [("verified_at", admin.EmptyFieldListFilter)]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["name", "pk"]
    search_fields = ["name", "industry"]
    readonly_fields = ["slug"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "website", "about"]}),
        ("Facts", {"fields": ["headquarters", "size", "founded_year", "industry"]}),
        ("Checked by staff", {"fields": ["verified_at"]}),
    ]


class LastingSlugs:
    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []


class CategoryResource(TableResource):
    form = CategoryForm

    class Meta:
        model = Category
        fields = ["id", "name", "slug", "position"]


@admin.register(Category)
class CategoryAdmin(LastingSlugs, TableImportAdmin):
    form = CategoryForm
    resource_classes = [CategoryResource]
    list_display = ["name", "slug", "position"]
    ordering = ["position", "pk"]
    search_fields = ["name"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """In a list's row a field has no label to be known by."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.list_editable:
            field.widget.attrs["aria-label"] = db_field.verbose_name.capitalize()
        return field


class RegionResource(TableResource):
    form = RegionForm

    class Meta:
        model = Region
        fields = ["id", "name", "slug", "countries", "position"]


@admin.register(Region)
class RegionAdmin(LastingSlugs, TableImportAdmin):
    form = RegionForm
    resource_classes = [RegionResource]
    list_display = ["name", "slug", "position", "written_countries"]
    ordering = ["position", "pk"]
    search_fields = ["name", "slug"]
    list_per_page = 100

    @admin.display(description="countries")
    def written_countries(self, region):
        return ", ".join(region.countries)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    form = RateForm
    list_display = ["currency", "dollars", "as_of", "source"]
    ordering = ["currency"]
    search_fields = ["currency"]

    def get_readonly_fields(self, request, obj=None):
        """Another currency is another rate, not a change of this one."""
        return ["currency"] if obj else []


@admin.register(JobReport)
class JobReportAdmin(admin.ModelAdmin):
    """What people reported; looking at a report offers the two verdicts."""

    list_display = ["job", "reason", "reported_at", "verdict"]
    list_filter = [("reviewed_at", admin.EmptyFieldListFilter), "reason", "upheld"]
    list_select_related = ["job__company"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-reported_at", "-pk"]
    search_fields = ["job__title", "job__company__name", "text"]
    readonly_fields = ["job", "reason", "text", "reported_at", "verdict", "reviewed_by", "reviewed_at"]
    fields = readonly_fields
    change_form_template = "admin/jobs/jobreport/change_form.html"

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="verdict")
    def verdict(self, report):
        words = {None: ("waiting", "Waiting"), True: ("closed", "Right: job closed"), False: ("open", "Unfounded")}
        return format_html('<span class="badge badge--{}">{}</span>', *words[report.upheld])

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/upheld/", view(self.uphold_view), name="jobs_jobreport_uphold"),
            path("<int:pk>/dismissed/", view(self.dismiss_view), name="jobs_jobreport_dismiss"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def uphold_view(self, request, pk):
        return self.reviewed(request, pk, upheld=True, said="The job is closed; the reports about it are settled.")

    @method_decorator(require_POST)
    def dismiss_view(self, request, pk):
        return self.reviewed(request, pk, upheld=False, said="The job stays; the reports about it are settled.")

    def reviewed(self, request, pk, *, upheld: bool, said: str):
        if not self.has_change_permission(request):
            raise PermissionDenied
        report = self.get_object(request, str(pk))
        if report is None:
            raise Http404("There is no such report.")
        if report.reviewed_at:
            messages.warning(request, "Somebody has already settled this report.")
            return redirect("admin:jobs_jobreport_change", pk)
        report.review(by=request.user, at=timezone.now(), upheld=upheld)
        self.log_change(request, report, said)
        messages.success(request, said)
        return redirect(reverse("admin:jobs_jobreport_changelist") + "?reviewed_at__isempty=1")
