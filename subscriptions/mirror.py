"""What Stripe says about a subscription, kept here so that pages need not ask. Only `sync` writes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import User
from subscriptions.customers import Customer

# How long Plus stays after the paid time when no news came: Stripe charges within hours, our worker may be late.
TRUST = timedelta(hours=72)
# How long Plus stays after the first failed payment, whatever Stripe goes on trying.
BACKSTOP = timedelta(days=21)

PAID = ("active", "trialing")
UNPAID = ("incomplete", "unpaid", "paused")
OVER = ("canceled", "incomplete_expired")
KNOWN = (*PAID, "past_due", *UNPAID, *OVER)


class SubscriptionQuerySet(models.QuerySet):
    def of(self, user: User):
        return self.filter(customer__user=user)

    def live(self):
        """Those that Stripe may still charge for, or that can be brought back."""
        return self.exclude(status__in=OVER)

    def over(self):
        return self.filter(status__in=OVER)

    def giving_plus(self, at: datetime):
        return self.filter(plus_until__gt=at)

    def lapsed(self, at: datetime):
        """Those that were to give Plus until a time that has come; nobody has acted on it yet."""
        return self.filter(plus_until__lte=at)

    def past_due(self):
        return self.filter(status="past_due")

    def begun(self):
        """Those that were paid for, not those whose first payment wasn't finished."""
        return self.exclude(status__startswith="incomplete")

    def to_pay(self):
        """Those with a bill that the person can pay now."""
        return self.filter(status__in=["past_due", "incomplete"], pay_amount__gt=0).exclude(pay_url="")

    def stale(self, at: datetime):
        """Their paid time is over and no news has come."""
        return self.filter(status__in=PAID, period_end__lt=at)

    def newest_first(self):
        return self.order_by("-started_at", "-pk")


class Subscription(models.Model):
    id = models.CharField(max_length=255, primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions")
    # Stripe's own word, kept as it came: a new one must not break anything.
    status = models.CharField(max_length=40)
    plan = models.CharField(max_length=16, blank=True, help_text="Empty when the product isn't one of ours.")
    product_id = models.CharField(max_length=255)
    price_id = models.CharField(max_length=255)
    item_id = models.CharField(max_length=255)
    interval = models.CharField(max_length=8, help_text="month or year")
    amount = models.IntegerField(help_text="Price of an interval in US cents, before discounts.")
    currency = models.CharField(max_length=3)

    started_at = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    cancel_at_period_end = models.BooleanField(default=False)
    cancel_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Until when it gives Plus, with the trust or the backstop already in it; empty when it gives none.
    plus_until = models.DateTimeField(null=True)

    past_due_since = models.DateTimeField(null=True)
    latest_invoice_id = models.CharField(max_length=255, blank=True)
    latest_invoice_status = models.CharField(max_length=40, blank=True)
    pay_url = models.URLField(max_length=1000, blank=True)
    pay_amount = models.IntegerField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    next_charge_at = models.DateTimeField(null=True)
    next_amount = models.IntegerField(null=True, help_text="What is charged next, after discounts and credit.")

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["plus_until"], name="subscription_plus", condition=Q(plus_until__isnull=False)),
            models.Index(fields=["status", "period_end"], name="subscription_status"),
            models.Index(fields=["latest_invoice_id"], name="subscription_invoice"),
        ]

    def __str__(self):
        return f"{self.pk} ({self.status})"

    def gives_plus(self, at: datetime) -> bool:
        return self.plus_until is not None and self.plus_until > at

    def is_stale(self, at: datetime) -> bool:
        return self.status in PAID and self.period_end < at

    @property
    def is_live(self) -> bool:
        return self.status not in OVER

    @property
    def is_paid(self) -> bool:
        return self.status in PAID

    @property
    def is_past_due(self) -> bool:
        return self.status == "past_due"

    @property
    def is_incomplete(self) -> bool:
        return self.status == "incomplete"

    @property
    def is_known(self) -> bool:
        return self.status in KNOWN

    @property
    def is_cancelling(self) -> bool:
        """It runs on but will not renew; Stripe's portal may set only the date."""
        return self.is_live and (self.cancel_at_period_end or self.cancel_at is not None)

    @property
    def ends_at(self) -> datetime | None:
        if not self.is_cancelling:
            return None
        return self.cancel_at or self.period_end

    @property
    def bill_is_dropped(self) -> bool:
        return self.latest_invoice_status == "void"

    @property
    def paid_until(self) -> datetime | None:
        """The end of what was paid for; Stripe's period goes on though its payment is missing. None when not known."""
        if self.status == "unpaid" or self.status.startswith("incomplete"):
            return None
        if self.is_past_due and self.past_due_since:
            return min(self.period_start, self.past_due_since)
        unpaid = ("draft",) if self.is_paid else ("draft", "open", "void", "uncollectible")
        return self.period_start if self.latest_invoice_status in unpaid else self.period_end

    @property
    def plus_ends_at(self) -> datetime | None:
        """While a payment is missing: when Plus ends at the latest. Stripe may give up earlier."""
        return self.plus_until if self.is_past_due else None
