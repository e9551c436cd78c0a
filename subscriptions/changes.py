"""Every change of someone's plan: who or what made it and why. Rows are added, never changed (a trigger sees to it)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.models import User
from subscriptions.customers import Customer
from subscriptions.mirror import Subscription
from subscriptions.plans import FREE, PLUS, Plan, announce_plan


class PlanChangeQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-at", "-pk")

    def announced_plan(self, user_id: int) -> str | None:
        """The plan that was last told to whoever listens, None when nothing was ever told."""
        changes = self.filter(user=user_id).exclude(plan_after=models.F("plan_before"))
        return changes.order_by("-pk").values_list("plan_after", flat=True).first()


class PlanChange(models.Model):
    class Kind(models.TextChoices):
        UPGRADED = "upgraded", "Plus begins"
        DOWNGRADED = "downgraded", "Plus ends"
        CANCELLING = "cancelling", "Won't renew"
        RESUMED = "resumed", "Renews again"
        SWITCHED = "switched", "Paid by another interval"
        PAYMENT_FAILED = "payment_failed", "Payment failed"
        RECOVERED = "recovered", "Payment made up for"
        HELD = "held", "Held"
        RELEASED = "released", "Released"
        REFUNDED = "refunded", "Refunded"
        BILL_DROPPED = "bill_dropped", "Bill dropped"

    class Actor(models.TextChoices):
        PERSON = "person", "The person"
        STAFF = "staff", "Staff"
        STRIPE = "stripe", "Stripe"
        CLOCK = "clock", "Passing of time"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="plan_changes")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=Kind)
    plan_before = models.CharField(max_length=16)
    plan_after = models.CharField(max_length=16)
    actor_kind = models.CharField(max_length=8, choices=Actor)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    cause = models.CharField(max_length=300)
    subscription_ref = models.CharField(max_length=255, blank=True)
    interval = models.CharField(max_length=8, blank=True)
    amount = models.IntegerField(null=True)

    objects = PlanChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(cause=""), name="plan_change_has_a_cause"),
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="plan_change_of_person"),
            models.Index(fields=["at"], name="plan_change_by_time"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.cause}"


def lock_person(customer: Customer) -> User:
    """The person's row before the customer's, as a look at Stripe takes them: the other order would deadlock."""
    return User.objects.select_for_update().get(pk=customer.user_id)


def note(user: User, kind: str, *, at: datetime, cause: str, actor_kind: str, by: User | None = None, **facts):
    """Write down a change that leaves the plan as it is, such as a cancellation for later."""
    plan = held_plan(user, at).key
    return PlanChange.objects.create(
        user=user,
        kind=kind,
        at=at,
        plan_before=plan,
        plan_after=plan,
        cause=cause[:300],
        actor_kind=actor_kind,
        actor=by,
        **facts,
    )


def settle(user: User, *, at: datetime, cause: str, actor_kind: str, by: User | None = None, **facts) -> Plan:
    """Compare the plan that the rows give now with the one last announced; write down and announce a change.

    Runs in the caller's transaction, with the person's row locked by the caller.
    """
    plan, announced = held_plan(user, at), PlanChange.objects.announced_plan(user.pk)
    before = announced or FREE.key
    if plan.key != before:
        PlanChange.objects.create(
            user=user,
            kind=PlanChange.Kind.UPGRADED if plan == PLUS else PlanChange.Kind.DOWNGRADED,
            at=at,
            plan_before=before,
            plan_after=plan.key,
            cause=cause[:300],
            actor_kind=actor_kind,
            actor=by,
            **facts,
        )
    if plan.key != announced:
        announce_plan(user, plan, at=at)
    return plan


def held_plan(user: User, at: datetime) -> Plan:
    has_plus = user.complimentary_plus.running(at).exists() or Subscription.objects.of(user).giving_plus(at).exists()
    return PLUS if has_plus else FREE
