"""What staff decide about the plans page."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Count, Max, Q, Subquery

from accounts.models import User
from subscriptions.complimentary import ComplimentaryPlus
from subscriptions.mirror import Subscription


class PricingPageQuerySet(models.QuerySet):
    def subscribers_to_show(self, at: datetime) -> int | None:
        """How many people have Plus, or None while they are fewer than staff want to show. One query."""
        shown_from = Subquery(self.values("subscribers_shown_from")[:1])
        given = ComplimentaryPlus.objects.running(at).values("user")
        paid = Subscription.objects.giving_plus(at).values("customer__user")
        with_plus = User.objects.filter(Q(pk__in=given) | Q(pk__in=paid), is_active=True)
        figures = with_plus.aggregate(subscribers=Count("pk"), shown_from=Max(shown_from))
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
