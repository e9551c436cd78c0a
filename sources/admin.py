"""Sources and imports in the admin; the pages of an import are in desk.py."""

from django.contrib import admin
from django.utils.html import format_html

from jobs.admin import JobAdmin
from sources.desk import Desk
from sources.models import ImportRun, Source


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request, model_admin):
        return [("none", "Written by staff"), *Source.objects.order_by("name").values_list("pk", "name")]

    def queryset(self, request, jobs):
        if self.value() == "none":
            return jobs.filter(advert__isnull=True)
        return jobs.filter(advert__source=self.value()) if (self.value() or "").isdecimal() else jobs


JobAdmin.filters_of_other_apps.append(SourceFilter)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("reading", "Being read"),
            ("waiting", "To confirm"),
            ("running", "Running"),
            ("failed", "Failed"),
            ("done", "Done"),
        ]

    def queryset(self, request, runs):
        chosen = {
            "reading": runs.reading,
            "waiting": runs.waiting,
            "running": runs.running,
            "failed": runs.failed,
            "done": lambda: runs.filter(finished_at__isnull=False),
        }
        return chosen[self.value()]() if self.value() in chosen else runs


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    list_display = ["name", "default_category", "may_be_syndicated", "created_at"]
    list_select_related = ["default_category"]
    list_per_page = 50
    ordering = ["name", "pk"]
    search_fields = ["name"]
    fields = ["name", "default_category", "may_be_syndicated"]


@admin.register(ImportRun)
class ImportRunAdmin(Desk, admin.ModelAdmin):
    list_display = ["file_name", "source", "state_badge", "new", "changed", "repeated", "refused", "uploaded_at"]
    list_filter = [StateFilter, "source"]
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
