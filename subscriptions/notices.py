"""Mails about paying: each occasion once, whoever notices it and however often."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts import mail
from accounts.models import User
from subscriptions.mirror import Subscription
from subscriptions.plan_use import plan_use
from subscriptions.templatetags.prices import dollars


class BillingNotice(models.Model):
    class Kind(models.TextChoices):
        WELCOME = "welcome", "Plus begins"
        PAYMENT_FAILED = "payment_failed", "A payment failed"
        PLUS_ENDS_SOON = "plus_ends_soon", "Plus ends in three days"
        PLUS_ENDED = "plus_ended", "Plus has ended"
        CANCELLING = "cancelling", "Won't renew"
        DUPLICATE_REFUNDED = "duplicate_refunded", "A second subscription was refunded"
        DISPUTED = "disputed", "A payment was disputed"

    subscription_ref = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, choices=Kind)
    # What makes this time differ from the next: the invoice that failed, the day on which it ends.
    occasion = models.CharField(max_length=255)
    owed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription_ref", "kind", "occasion"], name="billing_notice_once")
        ]

    def __str__(self):
        return f"{self.kind} about {self.subscription_ref}"


def tell(user: User, kind: str, subscription: Subscription, *, occasion: str, at: datetime, **facts) -> bool:
    """Owe the person a mail in the caller's transaction; False when this occasion was told already."""
    _, is_new = BillingNotice.objects.get_or_create(
        subscription_ref=subscription.pk, kind=kind, occasion=occasion, defaults={"owed_at": at}
    )
    if is_new:
        mail.owe(user.email, f"subscriptions/email/{kind}", context_of(user, subscription) | facts)
    return is_new


def context_of(user: User, subscription: Subscription) -> dict:
    """What the texts may say; `pay_url` and `ends_on` are empty where they make no sense."""
    ends_at = subscription.ends_at or subscription.plus_ends_at
    amount = subscription.amount if subscription.pay_amount is None else subscription.pay_amount
    return {
        "name": user.name,
        "plan_name": f"{settings.SITE_NAME}+",
        "interval": subscription.interval,
        "renews_on": None if ends_at else subscription.period_end.astimezone(user.zone).date(),
        "amount": dollars(amount),
        "ends_on": ends_at.astimezone(user.zone).date() if ends_at else None,
        # Not Stripe's own page, whose address goes stale before a mail is read.
        "pay_url": settings.SITE_URL + reverse("billing:pay") if subscription.pay_url else "",
        "billing_url": settings.SITE_URL + reverse("billing:home"),
        "alerts_url": f"{settings.SITE_URL}{plan_use(user).choose_url}",
    }
