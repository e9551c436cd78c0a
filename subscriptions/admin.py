"""Plans in the admin: Plus given without payment, and what the plans page says."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.admin import UserAdmin
from accounts.admin_fields import End
from accounts.admin_lists import StateFilter
from accounts.admin_widgets import DateAndTime, SearchSelects
from subscriptions.models import ComplimentaryPlus, Customer, PricingPage
from subscriptions.payment_admin import plan_and_reasons


def running_now():
    return ComplimentaryPlus.objects.running(timezone.now()).values("pk")


class GrantStates(StateFilter):
    states = {
        "running": ("Running", lambda grants: grants.filter(pk__in=running_now())),
        "over": ("Over", lambda grants: grants.exclude(pk__in=running_now())),
    }


class GrantForm(forms.ModelForm):
    class Meta:
        model = ComplimentaryPlus
        fields = ["user", "reason", "until"]

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise ValidationError("This day is over; give one to come, or none.")
        return until


@admin.register(ComplimentaryPlus)
class ComplimentaryPlusAdmin(SearchSelects, admin.ModelAdmin):
    """Granted once, ended by a button; a grant is never edited, so that the record stays true."""

    form = GrantForm
    list_display = ["user", "reason", "started_at", "until", "ended_at", "granted_by"]
    list_filter = [GrantStates]
    list_select_related = ["user", "granted_by"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-started_at", "-pk"]
    search_fields = ["user__email", "reason"]
    autocomplete_fields = ["user"]
    formfield_overrides = {models.DateTimeField: {"form_class": End, "widget": DateAndTime}}
    change_form_template = "admin/subscriptions/complimentaryplus/change_form.html"

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return ["user", "reason", "until"] + (["started_at", "ended_at", "granted_by"] if obj else [])

    def save_model(self, request, grant, form, change):
        answers = form.cleaned_data
        granted = ComplimentaryPlus.objects.grant(
            answers["user"],
            reason=answers["reason"],
            by=request.user,
            at=timezone.now(),
            until=answers["until"],
        )
        grant.pk = granted.pk

    def render_change_form(self, request, context, *args, **kwargs):
        grant = context["original"]
        may_end = super().has_change_permission(request)
        context["can_be_ended"] = bool(grant and may_end and grant.is_running(timezone.now()))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self):
        end = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", end, name="subscriptions_complimentaryplus_end"), *super().get_urls()]

    @method_decorator(require_POST)
    def end_view(self, request, pk):
        if not super().has_change_permission(request):
            raise PermissionDenied
        grant = get_object_or_404(ComplimentaryPlus, pk=pk)
        grant.end(timezone.now(), by=request.user)
        self.log_change(request, grant, "Ended.")
        messages.success(request, f"Plus for {grant.user} has ended.")
        return redirect("admin:subscriptions_complimentaryplus_change", pk)


@admin.register(PricingPage)
class PricingPageAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return super().has_add_permission(request) and not PricingPage.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.display(description="plan and why")
def plan_with_reasons(user):
    words = plan_and_reasons(user)
    customer = Customer.objects.filter(user=user).first()
    if not customer:
        return words
    address = reverse("admin:subscriptions_customer_change", args=[customer.pk])
    return format_html('<p>{}</p><p><a href="{}">Payments</a></p>', words, address)


UserAdmin.facts_of_other_apps.append(plan_with_reasons)
