"""Alerts in the admin: who keeps what, how the mail goes, and stopping it for somebody who wrote in."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from accounts.addresses import canonical_email
from accounts.admin_lists import ReadOnlyAdmin, StateFilter
from alerts.alert import Alert
from alerts.digests import Digest
from alerts.forms import JobForm
from alerts.reasons import verdict_of
from alerts.records import records_of
from alerts.stopping import Unsubscription, switch_off, to_come
from alerts.suppressions import Suppression

PAUSED_BY = dict(Alert.PausedBy.choices) | {Alert.PausedBy.PERSON: "Paused by its owner"}


class AlertStates(StateFilter):
    states = {
        "active": ("Runs", lambda alerts: alerts.active()),
        **{by: (label, lambda alerts, by=by: alerts.kept().filter(paused_by=by)) for by, label in PAUSED_BY.items()},
        "deleted": ("Deleted", lambda alerts: alerts.filter(deleted_at__isnull=False)),
        "failing": ("Failing", lambda alerts: alerts.kept().filter(failed_at__isnull=False)),
    }


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "rhythm", "state", "next_due_at", "created_at"]
    list_filter = [AlertStates, "rhythm"]
    list_select_related = ["owner"]
    ordering = ["-created_at", "-pk"]
    search_fields = ["name", "owner__email"]
    date_hierarchy = "created_at"
    actions = ["stop", "let_run"]
    fields = [
        *("name", "owner", "search", "rhythm", "hour", "weekday", "quiet_weekends", "reasons"),
        *("state", "activated_at", "paused_at", "resumes_at", "next_due_at", "record"),
    ]
    readonly_fields = ["reasons", "state", "record"]

    def get_urls(self):
        why = path("<int:pk>/why/", self.admin_site.admin_view(self.why), name="alerts_alert_why")
        return [why, *super().get_urls()]

    @admin.display(description="Matches")
    def reasons(self, alert):
        address = reverse("admin:alerts_alert_why", args=[alert.pk])
        return format_html('<a href="{}">Why a job matched it or didn’t</a>', address)

    @admin.display(description="Last 30 days")
    def record(self, alert):
        record = records_of([alert], timezone.now())[alert.pk]
        found = f"more than {record.found}" if record.found_more else record.found
        return f"{found} found, {record.sent} sent, {record.opened} opened"

    def why(self, request, pk):
        """For somebody who asks why a job came or didn't."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        alert = get_object_or_404(Alert.objects.select_related("search", "owner"), pk=pk)
        form = JobForm(request.GET if "job" in request.GET else None)
        job = form.cleaned_data["job"] if form.is_valid() else None
        context = self.admin_site.each_context(request) | {
            "title": "Why a job matched or didn’t",
            "opts": self.model._meta,
            "alert": alert,
            "form": form,
            "job": job,
            "verdict": verdict_of(alert, job, timezone.now()) if job else None,
        }
        return TemplateResponse(request, "admin/alerts/alert/why.html", context)

    @admin.display(description="State")
    def state(self, alert):
        if alert.deleted_at:
            return "Deleted"
        if alert.resumes_at:
            return f"On a break until {date_format(timezone.localtime(alert.resumes_at))}"
        return "Runs" if alert.is_active else PAUSED_BY[alert.paused_by]

    @admin.action(description="Stop these alerts", permissions=["stop"])
    def stop(self, request, alerts):
        """For somebody who wrote in: after a page that says which; they stay stopped until staff let them run."""
        going_on = list(to_come(alerts).select_related("owner").order_by("pk"))
        if not going_on:
            messages.warning(request, "None of the chosen alerts runs or would start by itself.")
            return None
        if "confirmed" not in request.POST:
            return self.stop_page(request, going_on)
        chosen = to_come(Alert.objects.filter(pk__in=[alert.pk for alert in going_on]))
        stopped = switch_off(chosen, timezone.now(), by=Alert.PausedBy.STAFF)
        LogEntry.objects.log_actions(request.user.pk, going_on, CHANGE, "Stopped.")
        messages.success(request, f"{stopped} alert{'' if stopped == 1 else 's'} stopped.")
        return None

    @admin.action(description="Let these alerts run again", permissions=["stop"])
    def let_run(self, request, alerts):
        """Take back a stop by staff: what has no place by now waits for one."""
        held = list(alerts.held().order_by("pk"))
        if not held:
            messages.warning(request, "None of the chosen alerts was stopped by staff.")
            return
        for alert in held:
            alert.let_run(timezone.now())
        LogEntry.objects.log_actions(request.user.pk, held, CHANGE, "Let run again.")
        running = sum(alert.is_active for alert in held)
        waiting = len(held) - running
        said = [
            (running, f"{running} alert{' runs' if running == 1 else 's run'} again."),
            (waiting, f"{waiting} wait{'s' if waiting == 1 else ''} for a place."),
        ]
        messages.success(request, " ".join(words for count, words in said if count))

    def stop_page(self, request, going_on):
        context = self.admin_site.each_context(request) | {
            "title": "Stop these alerts?",
            "opts": self.model._meta,
            "listed": [(alert, self.state(alert)) for alert in going_on],
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/alerts/alert/stop.html", context)

    def has_stop_permission(self, request):
        return request.user.has_perm("alerts.add_suppression")


class DigestTroubles(StateFilter):
    title = "trouble"
    parameter_name = "trouble"
    states = {
        "late": ("Late", lambda digests: digests.late(timezone.now())),
        "aside": ("Set aside", lambda digests: digests.set_aside()),
    }


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = [
        "pk",
        "recipient",
        "channel",
        "window",
        "state",
        "job_count",
        "attempt",
        "smtp_code",
        "created_at",
        "sent_at",
    ]
    list_filter = ["state", "channel", DigestTroubles]
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


class SuppressionForm(forms.ModelForm):
    def clean_address(self):
        address = canonical_email(self.cleaned_data["address"])
        if Suppression.objects.stops(address):
            raise ValidationError(f"{address} gets no alerts already.", code="unique")
        return address

    def validate_unique(self):
        """An address that only bounced has a row already, and may still be stopped."""


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    """Adding an address stops its alerts at once; deleting the row lets them go again."""

    form = SuppressionForm

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
        suppression.pk = Suppression.objects.get(address=suppression.address).pk


@admin.register(Unsubscription)
class UnsubscriptionAdmin(ReadOnlyAdmin):
    """Why people leave, without their names."""

    list_display = ["created_at", "wish", "reason"]
    list_filter = ["wish", "reason"]
    fields = ["created_at", "wish", "reason"]
    ordering = ["-created_at", "-pk"]
    date_hierarchy = "created_at"
