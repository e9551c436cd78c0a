"""An attempt to buy Plus, written down before Stripe is asked, so that asking again can't buy twice."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

# Stripe ends a session by itself a day after it was made.
SESSION_AGE = timedelta(hours=24)


class CheckoutAttemptQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at__isnull=True)

    def since(self, at: datetime):
        return self.filter(created_at__gt=at)


class CheckoutAttempt(models.Model):
    """Its id is the idempotency key of the session at Stripe."""

    class Outcome(models.TextChoices):
        COMPLETED = "completed", "Completed"
        EXPIRED = "expired", "Expired"
        REPLACED = "replaced", "Replaced by another"
        FAILED = "failed", "Refused by Stripe"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="checkout_attempts")
    interval = models.CharField(max_length=8)
    price_id = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    session_id = models.CharField(max_length=255, blank=True, db_index=True)
    url = models.URLField(max_length=2000, blank=True)
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects = CheckoutAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(closed_at__isnull=True), name="checkout_attempt_one_open_for_each_person"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="checkout_attempt_closed_somehow",
            ),
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="checkout_attempt_by_person")]

    def __str__(self):
        return f"Checkout {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def close(self, outcome: str, at: datetime) -> bool:
        """Ending twice changes nothing."""
        closed = CheckoutAttempt.objects.filter(pk=self.pk).open().update(closed_at=at, outcome=outcome)
        self.refresh_from_db(fields=["closed_at", "outcome"])
        return bool(closed)
