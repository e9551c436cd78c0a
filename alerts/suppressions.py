"""Addresses that get no alerts: unsubscribed from all, bounced, or complained."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import canonical_email

HARD_BOUNCE, SOFT_BOUNCE, SCORE_TO_SUPPRESS = 2, 1, 4
# After so many quiet days earlier bounces are forgiven.
FORGIVEN_AFTER = timedelta(days=30)


class SuppressionQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(suppressed_at__isnull=False)

    def against(self, address: str) -> Suppression | None:
        """What stops alerts to this address, if anything does."""
        return self.in_force().filter(address=canonical_email(address)).first()

    def stops(self, address: str) -> bool:
        return self.in_force().filter(address=canonical_email(address)).exists()

    def add(self, address: str, *, reason: str, at: datetime) -> None:
        """Send this address no more alerts; a second time changes nothing."""
        suppression, _ = self.get_or_create(address=canonical_email(address))
        self.filter(pk=suppression.pk, suppressed_at__isnull=True).update(suppressed_at=at, reason=reason)

    def complained(self, address: str, *, at: datetime) -> None:
        """Stop at once, whatever stopped it before: this the person can't undo with a click."""
        suppression, _ = self.get_or_create(address=canonical_email(address))
        since = suppression.suppressed_at or at
        self.filter(pk=suppression.pk).update(suppressed_at=since, reason=Suppression.Reason.COMPLAINED)

    def lift(self, address: str) -> int:
        """Send again: what the person switched off, the person may switch on; bounces and complaints stay."""
        unsubscribed = self.filter(address=canonical_email(address), reason=Suppression.Reason.UNSUBSCRIBED)
        return unsubscribed.update(suppressed_at=None, reason="")

    @transaction.atomic
    def bounced(self, address: str, *, score: int, at: datetime) -> None:
        """Count a bounce, forgiving those before FORGIVEN_AFTER; at SCORE_TO_SUPPRESS the address gets no more."""
        self.get_or_create(address=canonical_email(address))
        suppression = self.select_for_update().get(address=canonical_email(address))
        forgiven = suppression.bounced_at and at - suppression.bounced_at > FORGIVEN_AFTER
        suppression.bounce_score = score + (0 if forgiven else suppression.bounce_score)
        suppression.bounced_at = at
        suppression.save()
        if suppression.bounce_score >= SCORE_TO_SUPPRESS:
            self.add(address, reason=Suppression.Reason.BOUNCED, at=at)


class Suppression(models.Model):
    """What we know against mailing an address; it stops alerts once `suppressed_at` is set."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed from all alerts"
        BOUNCED = "bounced", "Mails came back"
        COMPLAINED = "complained", "Reported as spam"
        STAFF = "staff", "Stopped by staff"

    address = models.EmailField(max_length=254, unique=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    suppressed_at = models.DateTimeField(null=True, blank=True)
    bounce_score = models.PositiveSmallIntegerField(default=0)
    bounced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(suppressed_at__isnull=True, reason="") | (Q(suppressed_at__isnull=False) & ~Q(reason="")),
                name="suppression_with_a_reason",
            )
        ]

    def __str__(self):
        return self.address
