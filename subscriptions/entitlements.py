"""What someone has: the one place that says which plan a person is on.

Whoever keeps something that a plan limits (alerts, say) lists a function in settings.AFTER_PLAN_CHANGE as
"app.module.function". It is called as function(user, plan, at=…) in the transaction that changed the plan, with
the person's row locked, so that plan and alerts never disagree. A plan that ends by date is noticed by the task
`subscriptions.end_passed_grants` every five minutes; until then the sender's own look at `plan_of` holds the cap.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from subscriptions.models import ComplimentaryPlus
from subscriptions.plans import FREE, PLUS, Plan


def plan_of(user) -> Plan:
    """The plan a person is on now; a visitor is on Free. One query."""
    if not user.is_authenticated:
        return FREE
    return plan_at(user.pk, timezone.now())


def locked_plan_of(user_id: int) -> Plan:
    """The plan, with the person's row locked until the caller's transaction ends: for checking a cap and then acting.

    Raises TransactionManagementError outside transaction.atomic() and User.DoesNotExist when the person is gone.
    """
    User.objects.select_for_update().only("pk").get(pk=user_id)
    return plan_at(user_id, timezone.now())


def plans_of(user_ids: list[int], at: datetime) -> dict[int, Plan]:
    """The plans of many people in one query, for senders of digests."""
    with_plus = set(ComplimentaryPlus.objects.running(at).filter(user__in=user_ids).values_list("user_id", flat=True))
    return {user_id: PLUS if user_id in with_plus else FREE for user_id in user_ids}


def plan_at(user_id: int, at: datetime) -> Plan:
    return plans_of([user_id], at)[user_id]


def end_passed_grants(at: datetime) -> int:
    """Close grants whose last day is over and tell whoever listens; returns how many."""
    grants = list(ComplimentaryPlus.objects.passed(at).select_related("user"))
    for grant in grants:
        grant.end(at)
    return len(grants)


def back_to_free(user: User, at: datetime) -> None:
    """End every complimentary Plus of a person."""
    with transaction.atomic():
        for grant in ComplimentaryPlus.objects.running(at).filter(user=user):
            grant.end(at)


def personal_data(user: User) -> dict:
    """For settings.PERSONAL_DATA: what is kept about someone's plan."""
    grants = ComplimentaryPlus.objects.filter(user=user).order_by("pk")
    return {"complimentary_plus": list(grants.values("reason", "started_at", "until", "ended_at"))}
