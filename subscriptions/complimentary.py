"""Plus given by staff without payment."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import User
from subscriptions.changes import PlanChange, settle


class ComplimentaryPlusQuerySet(models.QuerySet):
    def running(self, at: datetime):
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), started_at__lte=at, ended_at__isnull=True)

    def passed(self, at: datetime):
        """Grants whose last day is over but whose end nobody has acted on yet."""
        return self.filter(until__lte=at, ended_at__isnull=True)

    def grant(self, user: User, *, reason: str, by: User | None, at: datetime, until: datetime | None = None):
        """Give Plus from now on; whoever listens to changes of plan hears of it in the same transaction."""
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            grant = self.create(user=user, reason=reason, granted_by=by, started_at=at, until=until)
            settle(user, at=at, cause=f"Complimentary Plus: {reason}", actor_kind=PlanChange.Actor.STAFF, by=by)
        return grant


class ComplimentaryPlus(models.Model):
    """Plus given by staff without payment, with a reason and usually an end."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="complimentary_plus")
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ComplimentaryPlusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "complimentary Plus"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="complimentary_plus_has_a_reason"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("started_at")),
                name="complimentary_plus_until_after_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="complimentary_plus_ended_after_start",
            ),
        ]

    def __str__(self):
        return f"Plus for {self.user}: {self.reason}"

    def is_running(self, at: datetime) -> bool:
        return self.started_at <= at and self.ended_at is None and (self.until is None or self.until > at)

    @transaction.atomic
    def end(self, at: datetime, *, by: User | None = None) -> None:
        """Take the grant back; ending twice changes nothing. Without `by` its last day is over."""
        User.objects.select_for_update().get(pk=self.user_id)
        ended = type(self).objects.filter(pk=self.pk, ended_at__isnull=True).update(ended_at=at)
        if ended:
            self.ended_at = at
            actor_kind = PlanChange.Actor.STAFF if by else PlanChange.Actor.CLOCK
            settle(self.user, at=at, cause=f"End of: {self.reason}", actor_kind=actor_kind, by=by)
