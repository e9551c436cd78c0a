"""Alerts in the admin: who keeps what, how the mail goes, and stopping it for somebody who wrote in."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from alerts.alert import Alert
from alerts.digests import Digest
from alerts.suppressions import Suppression


class ReadOnlyAdmin(admin.ModelAdmin):
    """People change their alerts and workers their digests; staff look."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("active", "Runs"), *Alert.PausedBy.choices, ("deleted", "Deleted"), ("failing", "Failing")]

    def queryset(self, request, alerts):
        match self.value():
            case "active":
                return alerts.active()
            case "deleted":
                return alerts.filter(deleted_at__isnull=False)
            case "failing":
                return alerts.kept().filter(failed_at__isnull=False)
            case Alert.PausedBy.PERSON | Alert.PausedBy.PLAN | Alert.PausedBy.STAFF:
                return alerts.kept().filter(paused_by=self.value())
        return alerts


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "rhythm", "state", "next_due_at", "created_at"]
    list_filter = [StateFilter, "rhythm"]
    list_select_related = ["owner"]
    ordering = ["-created_at", "-pk"]
    search_fields = ["name", "owner__email"]
    date_hierarchy = "created_at"
    actions = ["stop"]

    @admin.display(description="State")
    def state(self, alert):
        if alert.deleted_at:
            return "Deleted"
        return "Runs" if alert.is_active else alert.get_paused_by_display()

    @admin.action(description="Stop these alerts", permissions=["stop"])
    def stop(self, request, alerts):
        """For somebody who wrote in: they stay stopped until staff let them run."""
        running = list(alerts.active())
        stopped = Alert.objects.filter(pk__in=[alert.pk for alert in running]).pause(
            timezone.now(), by=Alert.PausedBy.STAFF
        )
        LogEntry.objects.log_actions(request.user.pk, running, CHANGE, "Stopped.")
        messages.success(request, f"{stopped} alert{'' if stopped == 1 else 's'} stopped.")

    def has_stop_permission(self, request):
        return request.user.has_perm("alerts.add_suppression")


class TroubleFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request, model_admin):
        return [("late", "Late"), ("aside", "Set aside")]

    def queryset(self, request, digests):
        match self.value():
            case "late":
                return digests.late(timezone.now())
            case "aside":
                return digests.set_aside()
        return digests


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ["pk", "recipient", "window", "state", "job_count", "attempt", "smtp_code", "created_at", "sent_at"]
    list_filter = ["state", TroubleFilter]
    list_select_related = ["recipient"]
    ordering = ["-pk"]
    search_fields = ["recipient__email", "message_id"]
    date_hierarchy = "created_at"
    actions = ["retry"]

    @admin.action(description="Try again to write these mails", permissions=["retry"])
    def retry(self, request, digests):
        """For mails that were set aside, once what spoilt them is mended."""
        aside = [digest for digest in digests.set_aside() if digest.retry(timezone.now())]
        LogEntry.objects.log_actions(request.user.pk, aside, CHANGE, "Tried again.")
        messages.success(request, f"{len(aside)} mail{'' if len(aside) == 1 else 's'} will be tried again.")

    def has_retry_permission(self, request):
        return request.user.has_perm("alerts.add_suppression")


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    """Adding an address stops its alerts at once; deleting the row lets them go again."""

    list_display = ["address", "reason", "suppressed_at", "bounce_score", "bounced_at"]
    list_filter = ["reason"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-suppressed_at", "-pk"]
    search_fields = ["address"]
    fields = ["address"]

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, suppression, form, change):
        Suppression.objects.add(suppression.address, reason=Suppression.Reason.STAFF, at=timezone.now())
        suppression.pk = Suppression.objects.get(address=suppression.address.lower()).pk
