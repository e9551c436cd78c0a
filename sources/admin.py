"""Sources and imports in the admin; the pages of an import are in desk.py."""

from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin_lists import ReadOnlyAdmin, StateFilter
from jobs import bulk
from jobs.admin import JobAdmin
from jobs.models import Job
from sources.desk import Desk
from sources.held import HeldLink
from sources.models import ImportRun, Source


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request, model_admin):
        # As texts, as an address says them: counting each choice puts these in the place of what was asked for.
        sources = Source.objects.order_by("name", "pk").values_list("pk", "name")
        return [("none", "Written by staff"), *((str(pk), name) for pk, name in sources)]

    def queryset(self, request, jobs):
        if self.value() == "none":
            return jobs.filter(advert__isnull=True)
        return jobs.filter(advert__source=self.value()) if (self.value() or "").isdecimal() else jobs


JobAdmin.filters_of_other_apps.append(SourceFilter)


class RunStates(StateFilter):
    states = {
        "reading": ("Being read", lambda runs: runs.reading()),
        "waiting": ("To confirm", lambda runs: runs.waiting()),
        "running": ("Running", lambda runs: runs.running()),
        "failed": ("Failed", lambda runs: runs.failed()),
        "done": ("Done", lambda runs: runs.filter(finished_at__isnull=False)),
    }


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    list_display = ["name", "default_category", "may_be_syndicated", "created_at"]
    list_select_related = ["default_category"]
    list_per_page = 50
    ordering = ["name", "pk"]
    search_fields = ["name"]
    fields = ["name", "default_category", "may_be_syndicated"]


class Verdicts(StateFilter):
    title = "verdict"
    parameter_name = "verdict"
    states = {
        "waiting": ("Waiting", lambda links: links.filter(approved=None)),
        "approved": ("Approved", lambda links: links.filter(approved=True)),
        "refused": ("Refused", lambda links: links.filter(approved=False)),
    }


@admin.register(HeldLink)
class HeldLinkAdmin(ReadOnlyAdmin):
    """Links to approve or refuse, many at once; nothing is written by hand."""

    list_display = ["link", "about", "now", "reason", "held_at", "verdict"]
    list_display_links = None
    list_filter = [Verdicts, "reason", "run__source"]
    list_select_related = ["job__company"]
    ordering = ["-held_at", "-pk"]
    search_fields = ["job__title", "job__company__name", "apply_url", "apply_email"]
    fields = ["link", "about", "now", "reason", "held_at", "verdict", "settled_by", "settled_at"]
    readonly_fields = fields
    actions = ["approve_links", "refuse_links"]

    def has_settle_permission(self, request) -> bool:
        return self.may_act(request)

    def get_queryset(self, request):
        return super().get_queryset(request).defer("job__description", "job__description_raw")

    @admin.display(description="the new link")
    def link(self, held):
        return way_to_apply(held)

    @admin.display(description="job")
    def about(self, held):
        return format_html('<a href="{}">{}</a>', reverse("admin:jobs_job_change", args=[held.job_id]), held.job)

    @admin.display(description="on the site now")
    def now(self, held):
        return "the job is a draft" if not held.job.published_at else way_to_apply(held.job)

    @admin.display(description="verdict")
    def verdict(self, held):
        words = {None: ("waiting", "Waiting"), True: ("open", "Approved"), False: ("closed", "Refused")}
        return format_html('<span class="badge badge--{}">{}</span>', *words[held.approved])

    @admin.action(description="Approve", permissions=["settle"])
    def approve_links(self, request, links):
        self.log(request, links, "Approved.")
        held = HeldLink.objects.filter(pk__in=links.values("pk"))
        count, drafts = held.approve(by=request.user, at=timezone.now())
        messages.success(request, f"{count} approved: {where_now(count, drafts)}.")

    @admin.action(description="Refuse", permissions=["settle"])
    def refuse_links(self, request, links):
        self.log(request, links, "Refused.")
        at = timezone.now()
        count, closed = HeldLink.objects.filter(pk__in=links.values("pk")).refuse(by=request.user, at=at)
        if closed:
            bulk.log(request.user, Job.objects.filter(closed_by=request.user, closed_at=at), "Closed: link refused.")
            said = '{} refused. Closed, because the refused link was on the site: {}. <a href="{}">Undo</a>'
            undo = bulk.address_to_reopen(request.session, at=at)
            messages.warning(request, format_html(said, count, bulk.counted(closed), undo))
        else:
            messages.success(request, f"{count} refused: the jobs stay as they are.")

    def log(self, request, links, what: str):
        for held in links.waiting():
            self.log_change(request, held, what)


def where_now(count: int, drafts: int) -> str:
    if not drafts:
        return "on the site now"
    return "drafts, which may be published now" if drafts == count else f"on the site now, but for {drafts} in drafts"


def way_to_apply(held) -> str:
    """Where it leads, host first; opened apart, and without telling where from."""
    if held.apply_email:
        return held.apply_email
    host = urlsplit(held.apply_url).hostname or ""
    said = '<strong>{}</strong><br><a class="long-link" href="{}" rel="noopener noreferrer" target="_blank">{}</a>'
    return format_html(said, host, held.apply_url, held.apply_url)


@admin.register(ImportRun)
class ImportRunAdmin(Desk, admin.ModelAdmin):
    list_display = ["file_name", "source", "state_badge", "new", "changed", "repeated", "refused", "uploaded_at"]
    list_filter = [RunStates, "source"]
    list_select_related = ["source"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-uploaded_at", "-pk"]
    search_fields = ["file_name", "source__name"]

    @admin.display(description="state")
    def state_badge(self, run):
        return format_html('<span class="badge badge--{}">{}</span>', run.state.replace(" ", "-"), run.state)

    def new(self, run):
        return run.counts.get("new", "")

    def changed(self, run):
        return run.counts.get("changed", "")

    def repeated(self, run):
        return run.counts.get("repeated", "")

    def refused(self, run):
        return run.counts.get("refused", "")
