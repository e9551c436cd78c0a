from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Max, Q, Subquery

from accounts.models import User
from subscriptions.plans import FREE, PLUS, Plan, announce_plan


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
            announce_plan(user, self.model.objects.plan_of(user, at), at=at)
        return grant

    def plan_of(self, user: User, at: datetime) -> Plan:
        return PLUS if self.running(at).filter(user=user).exists() else FREE


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
    def end(self, at: datetime) -> None:
        """Take the grant back; ending twice changes nothing."""
        User.objects.select_for_update().get(pk=self.user_id)
        ended = type(self).objects.filter(pk=self.pk, ended_at__isnull=True).update(ended_at=at)
        if ended:
            self.ended_at = at
            announce_plan(self.user, type(self).objects.plan_of(self.user, at), at=at)


class PricingPageQuerySet(models.QuerySet):
    def subscribers_to_show(self, at: datetime) -> int | None:
        """How many people have Plus, or None while they are fewer than staff want to show. One query."""
        shown_from = Subquery(self.values("subscribers_shown_from")[:1])
        running = ComplimentaryPlus.objects.running(at).filter(user__is_active=True)
        figures = running.aggregate(subscribers=Count("user", distinct=True), shown_from=Max(shown_from))
        least = figures["shown_from"] if figures["shown_from"] is not None else PricingPage.SHOWN_FROM
        return figures["subscribers"] if figures["subscribers"] >= max(least, 1) else None


class PricingPage(models.Model):
    """What staff decide about the plans page: one row; without it the default holds."""

    SHOWN_FROM = 25

    subscribers_shown_from = models.PositiveIntegerField(
        "show the number of subscribers from",
        default=SHOWN_FROM,
        help_text="With fewer Plus subscribers than this the page doesn't say how many there are.",
    )

    objects = PricingPageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "plans page"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_pricing_page")]

    def __str__(self):
        return "Plans page"

    def save(self, **kwargs):
        self.pk = 1
        super().save(**kwargs)
