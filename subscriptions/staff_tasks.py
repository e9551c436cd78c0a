"""What somebody has to look at because money is in question and a program must not decide."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.models import User
from subscriptions.customers import Customer


class StaffTaskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at__isnull=True)

    def raise_once(self, kind: str, reference: str, *, words: str, at: datetime, customer: Customer | None = None):
        """Tell staff about this thing; the second time, and after it was dealt with, nothing is added."""
        facts = {"words": words[:500], "opened_at": at, "customer": customer}
        return self.get_or_create(kind=kind, reference=reference, defaults=facts)[0]


class StaffTask(models.Model):
    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", "Two subscriptions at once"
        DISPUTE = "dispute", "Payment disputed"
        REFUND = "refund", "Refund made at Stripe"
        UNKNOWN_PRODUCT = "unknown_product", "Product we don't know"
        UNKNOWN_STATUS = "unknown_status", "Status we don't know"
        ORPHAN = "orphan", "Subscription of nobody here"
        DELETION = "deletion", "Account waits to be deleted"

    kind = models.CharField(max_length=16, choices=Kind)
    # Stripe's id of what it is about; of an account that waits, the person's number.
    reference = models.CharField(max_length=255)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="staff_tasks")
    words = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    objects = StaffTaskQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="staff_task_once_for_each_thing")]
        indexes = [models.Index(fields=["closed_at", "opened_at"], name="staff_task_open")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.reference}"

    def close(self, at: datetime, *, by: User | None = None, note: str = "") -> bool:
        closed = StaffTask.objects.filter(pk=self.pk).open().update(closed_at=at, closed_by=by, note=note[:500])
        self.refresh_from_db()
        return bool(closed)

    def reopen(self, at: datetime, *, words: str) -> None:
        StaffTask.objects.filter(pk=self.pk).update(opened_at=at, words=words[:500], closed_at=None, closed_by=None)
        self.refresh_from_db()
