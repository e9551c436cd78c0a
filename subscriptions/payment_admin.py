"""Payments in the admin: which plan somebody has and why, what Stripe told us, what needs a person, and the log.

What Stripe says is only read here; what staff can do are buttons of their own, each with its verb in `billing`.
"""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from accounts.admin_lists import ReadOnlyAdmin, StateFilter
from subscriptions import billing
from subscriptions.billing import BillingError
from subscriptions.entitlements import plan_of, reasons_of
from subscriptions.models import Customer, PlanChange, StaffTask, StripeEvent, Subscription
from subscriptions.templatetags.prices import money

# How many rows of events and of the log a customer's page shows; the lists have all.
SHOWN = 30


class CustomerStates(StateFilter):
    states = {
        "past-due": (
            "Past due",
            lambda rows: rows.filter(subscriptions__in=Subscription.objects.past_due()).distinct(),
        ),
        "stale": ("No news since the paid time ended", lambda rows: rows.filter(subscriptions__in=stale()).distinct()),
        "held": ("On hold", lambda rows: rows.held()),
        "failing": ("Asking Stripe failed", lambda rows: rows.filter(sync_failed_at__isnull=False)),
    }


class HoldForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200, widget=forms.TextInput(attrs={"size": 32}))


class RefundForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200, widget=forms.TextInput(attrs={"size": 32}))


def customers_of(subscriptions):
    return subscriptions.values("customer")


def stale():
    return Subscription.objects.stale(timezone.now())


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Somebody who pays or paid: which plan and why, and what staff can do about it."""

    list_display = ["user", "status", "card", "stripe_id", "synced_at", "held_at"]
    list_filter = [CustomerStates]
    list_select_related = ["user"]
    ordering = ["-pk"]
    search_fields = ["user__email", "stripe_id", "subscriptions__id"]
    fields = ["user", "plan_and_why", "card", "credit", "stripe_id", "synced_at", "trouble", "on_hold"]
    readonly_fields = fields
    change_form_template = "admin/subscriptions/customer/change_form.html"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("subscriptions")

    @admin.display(description="subscription")
    def status(self, customer):
        return ", ".join(sorted(one.status for one in customer.subscriptions.all() if one.is_live)) or "none"

    @admin.display(description="plan and why")
    def plan_and_why(self, customer):
        return plan_and_reasons(customer.user)

    @admin.display(description="card")
    def card(self, customer):
        if not customer.card_last4:
            return "none"
        return f"{customer.card_brand} {customer.card_last4}, {customer.card_exp_month:02}/{customer.card_exp_year}"

    @admin.display(description="credit at Stripe")
    def credit(self, customer):
        return money(-customer.balance, "usd")

    @admin.display(description="last trouble")
    def trouble(self, customer):
        if not customer.sync_failed_at:
            return "none"
        return f"{date_format(customer.sync_failed_at, 'DATETIME_FORMAT')}: {customer.sync_failure}"

    @admin.display(description="on hold")
    def on_hold(self, customer):
        if not customer.is_held:
            return "no"
        by = f" by {customer.held_by}" if customer.held_by else ""
        return f"since {date_format(customer.held_at, 'DATETIME_FORMAT')}{by}: {customer.hold_reason}"

    def render_change_form(self, request, context, *args, **kwargs):
        customer = context["original"]
        context |= {
            "subtitle": customer.user.email,
            "may_act": self.may_act(request),
            "may_refund": request.user.has_perm("subscriptions.change_subscription"),
            "may_give": request.user.has_perm("subscriptions.add_complimentaryplus"),
            "subscriptions": customer.subscriptions.newest_first(),
            "tasks": customer.staff_tasks.open().order_by("-opened_at", "-pk"),
            "events": events_of(customer)[:SHOWN],
            "log": PlanChange.objects.filter(user=customer.user_id).select_related("actor").newest_first()[:SHOWN],
            "attempts": customer.user.checkout_attempts.order_by("-created_at", "pk")[:SHOWN],
            "hold_form": HoldForm(),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self):
        def button(name, view):
            address = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{name}/", address, name=f"subscriptions_customer_{name}")

        own = [
            button("sync", self.sync_view),
            button("hold", self.hold_view),
            button("release", self.release_view),
            button("refund", self.refund_view),
        ]
        return [*own, *super().get_urls()]

    def customer_to_act_on(self, request, pk) -> Customer:
        if not self.may_act(request):
            raise PermissionDenied
        return get_object_or_404(Customer.objects.select_related("user"), pk=pk)

    @method_decorator(require_POST)
    def sync_view(self, request, pk):
        customer = self.customer_to_act_on(request, pk)
        try:
            is_fresh = billing.sync_now(customer, by=request.user, at=timezone.now())
        except BillingError as error:
            return self.answer(request, customer, error.words, level=messages.ERROR)
        words = (
            "This is what Stripe says now." if is_fresh else "A worker is asking Stripe about this person right now."
        )
        return self.answer(request, customer, words)

    @method_decorator(require_POST)
    def hold_view(self, request, pk):
        customer = self.customer_to_act_on(request, pk)
        form = HoldForm(request.POST)
        if not form.is_valid():
            return self.answer(request, customer, "Say why, so that others know.", level=messages.ERROR)
        billing.hold(customer, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return self.answer(request, customer, f"{customer.user} can’t buy anything until this is released.")

    @method_decorator(require_POST)
    def release_view(self, request, pk):
        customer = self.customer_to_act_on(request, pk)
        billing.release(customer, by=request.user, at=timezone.now())
        return self.answer(request, customer, f"{customer.user} can buy again.")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def refund_view(self, request, pk):
        """GET asks, because money leaves; POST gives the last payment back and ends the subscription at once."""
        if not request.user.has_perm("subscriptions.change_subscription"):
            raise PermissionDenied
        customer = self.customer_to_act_on(request, pk)
        form = RefundForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self.refund(request, customer, form.cleaned_data["reason"])
        context = self.admin_site.each_context(request) | {
            "title": f"Refund and end: {customer.user}",
            "customer": customer,
            "subscription": billing.main_of(list(customer.subscriptions.live()), timezone.now()),
            "form": form,
            "opts": self.opts,
        }
        return render(request, "admin/subscriptions/customer/refund.html", context)

    def refund(self, request, customer, reason):
        try:
            given_back = billing.refund_and_end(customer, by=request.user, at=timezone.now(), reason=reason)
        except BillingError as error:
            return self.answer(request, customer, error.words, level=messages.ERROR)
        return self.answer(
            request, customer, f"{money(given_back, 'usd')} is given back and the subscription has ended."
        )

    def answer(self, request, customer, words, *, level=messages.SUCCESS):
        messages.add_message(request, level, words)
        return redirect("admin:subscriptions_customer_change", customer.pk)


def plan_and_reasons(user) -> str:
    return f"{plan_of(user).key.capitalize()}. " + ". ".join(reasons_of(user, timezone.now())) + "."


def events_of(customer: Customer):
    about = Q(object_id__in=[customer.stripe_id, *(one.pk for one in customer.subscriptions.all())])
    if customer.stripe_id:
        about |= Q(customer_stripe_id=customer.stripe_id)
    return StripeEvent.objects.filter(about).order_by("-received_at", "-pk")


class SubscriptionStates(StateFilter):
    states = {
        "past-due": ("Past due", lambda rows: rows.past_due()),
        "stale": ("No news since the paid time ended", lambda rows: rows.stale(timezone.now())),
        "live": ("Not over", lambda rows: rows.live()),
        "unknown-product": ("Product we don’t know", lambda rows: rows.live().filter(plan="")),
    }


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """What Stripe charges for, as it said when we looked last."""

    list_display = ["id", "person", "status", "price", "period_end", "ends_on", "gives_plus_until", "unpaid"]
    list_filter = [SubscriptionStates, "status", "interval"]
    list_select_related = ["customer__user"]
    ordering = ["-started_at", "-pk"]
    search_fields = ["id", "customer__user__email", "customer__stripe_id"]
    fields = [
        "id", "person", "status", "plan", "product_id", "price_id", "price", "started_at", "period_start", "period_end",
        "cancel_at_period_end", "cancel_at", "canceled_at", "ended_at", "plus_until", "past_due_since",
        "latest_invoice_id", "latest_invoice_status", "unpaid", "next_attempt_at", "next_charge_at", "next_amount",
    ]  # fmt: skip
    readonly_fields = fields

    @admin.display(description="person", ordering="customer__user__email")
    def person(self, subscription):
        customer = subscription.customer
        address = reverse("admin:subscriptions_customer_change", args=[customer.pk])
        return format_html('<a href="{}">{}</a>', address, customer.user)

    @admin.display(description="price", ordering="amount")
    def price(self, subscription):
        return f"{money(subscription.amount, subscription.currency)} a {subscription.interval}"

    @admin.display(description="ends")
    def ends_on(self, subscription):
        return subscription.ends_at

    @admin.display(description="gives Plus until", ordering="plus_until")
    def gives_plus_until(self, subscription):
        return subscription.plus_until

    @admin.display(description="unpaid")
    def unpaid(self, subscription):
        return money(subscription.pay_amount, subscription.currency) if subscription.pay_amount else None


class EventStates(StateFilter):
    states = {
        "failed": ("Given up", lambda rows: rows.failed()),
        "waiting": ("Waiting", lambda rows: rows.waiting()),
        "done": ("Acted on", lambda rows: rows.filter(processed_at__isnull=False)),
    }


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    """News from Stripe. What happened is asked of Stripe, so an event that failed can be looked at again."""

    list_display = ["type", "object_id", "customer_stripe_id", "received_at", "processed_at", "attempts", "failure"]
    list_filter = [EventStates]
    ordering = ["-received_at", "-pk"]
    search_fields = ["id", "object_id", "customer_stripe_id", "type"]
    fields = readonly_fields = [
        "id", "type", "object_id", "customer_stripe_id", "created_at", "received_at", "processed_at", "attempts",
        "next_attempt_at", "failure",
    ]  # fmt: skip
    actions = ["try_again"]

    def has_try_permission(self, request) -> bool:
        return self.may_act(request)

    @admin.action(description="Look at them again", permissions=["try"])
    def try_again(self, request, events):
        count = events.try_again()
        messages.success(request, f"{count} event{'' if count == 1 else 's'} will be looked at within a minute.")


@admin.register(PlanChange)
class PlanChangeAdmin(ReadOnlyAdmin):
    """The log: what changed about whose plan, who or what did it, and why. It only grows."""

    list_display = ["at", "user", "kind", "plan_before", "plan_after", "who", "cause", "subscription_ref"]
    list_filter = ["kind", "actor_kind"]
    list_select_related = ["user", "actor"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    search_fields = ["user__email", "subscription_ref", "cause"]
    fields = readonly_fields = [
        "at", "user", "kind", "plan_before", "plan_after", "who", "cause", "subscription_ref", "interval", "amount",
    ]  # fmt: skip

    @admin.display(description="who")
    def who(self, change):
        return change.actor or change.get_actor_kind_display()


class TaskStates(StateFilter):
    states = {
        "open": ("Open", lambda rows: rows.open()),
        "closed": ("Dealt with", lambda rows: rows.filter(closed_at__isnull=False)),
    }


@admin.register(StaffTask)
class StaffTaskAdmin(ReadOnlyAdmin):
    """Where money is in question and a program must not decide."""

    list_display = ["kind", "words", "customer", "opened_at", "closed_at", "closed_by"]
    list_filter = [TaskStates, "kind"]
    list_select_related = ["customer__user", "closed_by"]
    ordering = ["-opened_at", "-pk"]
    search_fields = ["reference", "words", "customer__user__email"]
    fields = readonly_fields = ["kind", "words", "reference", "who", "opened_at", "closed_at", "closed_by", "note"]
    change_form_template = "admin/subscriptions/stafftask/change_form.html"

    @admin.display(description="customer")
    def who(self, task):
        if not task.customer:
            return "nobody here"
        address = reverse("admin:subscriptions_customer_change", args=[task.customer_id])
        return format_html('<a href="{}">{}</a>', address, task.customer)

    def render_change_form(self, request, context, *args, **kwargs):
        task = context["original"]
        context["can_be_closed"] = bool(task and self.may_act(request) and not task.closed_at)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self):
        close = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/", close, name="subscriptions_stafftask_close"), *super().get_urls()]

    @method_decorator(require_POST)
    def close_view(self, request, pk):
        if not self.may_act(request):
            raise PermissionDenied
        task = get_object_or_404(StaffTask, pk=pk)
        task.close(timezone.now(), by=request.user, note=request.POST.get("note", ""))
        messages.success(request, "The task is dealt with.")
        return redirect("admin:subscriptions_stafftask_changelist")
