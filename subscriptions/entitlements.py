"""What someone has: the one place that says which plan a person is on, paid for or given.

Whoever keeps something that a plan limits (alerts, say) lists a function in settings.AFTER_PLAN_CHANGE as
"app.module.function". It is called as function(user, plan, at=…) in the transaction that changed the plan, with
the person's row locked, so that plan and alerts never disagree. A plan that ends by date is noticed by the task
`subscriptions.end_passed_grants` every five minutes; until then the sender's own look at `plan_of` holds the cap.

Reading never waits for Stripe: it reads the mirror. A subscription past its paid time without news is still trusted
for a while, and whoever reads it asks for a look at Stripe.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from accounts.nudging import nudge_on_commit
from subscriptions.changes import PlanChange, settle
from subscriptions.customers import ASK_AGAIN_AFTER
from subscriptions.models import BillingNotice, ComplimentaryPlus, Customer, Subscription
from subscriptions.notices import tell
from subscriptions.plans import FREE, PLUS, Plan

# How long before Plus ends for want of a payment a last mail says so.
WARNING = timedelta(days=3)


def plan_of(user) -> Plan:
    """The plan a person is on now; a visitor is on Free. One query, or a second that asks for news of a stale one."""
    if not user.is_authenticated:
        return FREE
    at = timezone.now()
    reasons = reasons_for_plus([user.pk], at)
    if any(period_end and period_end < at for _, period_end in reasons):
        ask_for_news(user.pk)
    return PLUS if reasons else FREE


def ask_for_news(user_id: int) -> None:
    customers = Customer.objects.filter(user=user_id)
    if customers.ask_for_sync(unless_since=ASK_AGAIN_AFTER):
        nudge_on_commit("subscriptions.catch_up")


def locked_plan_of(user_id: int) -> Plan:
    """The plan, with the person's row locked until the caller's transaction ends: for checking a cap and then acting.

    Raises TransactionManagementError outside transaction.atomic() and User.DoesNotExist when the person is gone.
    """
    User.objects.select_for_update().only("pk").get(pk=user_id)
    return plan_at(user_id, timezone.now())


def plans_of(user_ids: list[int], at: datetime) -> dict[int, Plan]:
    """The plans of many people in one query, for senders of digests."""
    with_plus = {user_id for user_id, _ in reasons_for_plus(user_ids, at)}
    return {user_id: PLUS if user_id in with_plus else FREE for user_id in user_ids}


def reasons_for_plus(user_ids: list[int], at: datetime) -> list[tuple[int, datetime | None]]:
    """(person, end of the paid time; None for Plus that was given) for each thing that gives Plus. One query."""
    given = ComplimentaryPlus.objects.running(at).filter(user__in=user_ids)
    paid = Subscription.objects.giving_plus(at).filter(customer__user__in=user_ids)
    no_end = Value(None, output_field=DateTimeField())
    given, paid = given.values_list("user_id", no_end), paid.values_list("customer__user_id", "period_end")
    return list(given.union(paid, all=True))


def plan_at(user_id: int, at: datetime) -> Plan:
    return plans_of([user_id], at)[user_id]


def end_passed_grants(at: datetime) -> int:
    """Close what gave Plus until a time that has come and tell whoever listens; returns how many."""
    grants = list(ComplimentaryPlus.objects.passed(at).select_related("user"))
    for grant in grants:
        grant.end(at)
    lapsed = list(Subscription.objects.lapsed(at).values_list("pk", "customer__user_id"))
    return len(grants) + sum(end_lapsed(subscription_id, user_id, at) for subscription_id, user_id in lapsed)


@transaction.atomic
def end_lapsed(subscription_id: str, user_id: int, at: datetime) -> int:
    user = User.objects.select_for_update().get(pk=user_id)
    if not Subscription.objects.filter(pk=subscription_id).lapsed(at).update(plus_until=None):
        return 0
    subscription = Subscription.objects.get(pk=subscription_id)
    cause = "No payment for 21 days" if subscription.is_past_due else "No news from Stripe for 72 hours after the end"
    plan = settle(user, at=at, cause=cause, actor_kind=PlanChange.Actor.CLOCK, subscription_ref=subscription_id)
    if plan != PLUS:
        occasion = subscription.latest_invoice_id
        tell(user, BillingNotice.Kind.PLUS_ENDED, subscription, occasion=occasion, at=at)
    return 1


def warn_of_ends(at: datetime) -> int:
    """Tell people whose payment is missing, once, that Plus ends in three days; returns how many were told."""
    ending = Subscription.objects.past_due().giving_plus(at).filter(plus_until__lte=at + WARNING)
    told = 0
    for subscription in ending.select_related("customer__user").order_by("plus_until", "pk"):
        person, occasion = subscription.customer.user, subscription.latest_invoice_id
        with transaction.atomic():
            told += tell(person, BillingNotice.Kind.PLUS_ENDS_SOON, subscription, occasion=occasion, at=at)
    return told


def back_to_free(user: User, at: datetime) -> None:
    """End every complimentary Plus of a person."""
    with transaction.atomic():
        for grant in ComplimentaryPlus.objects.running(at).filter(user=user):
            grant.end(at)


def reasons_of(user: User, at: datetime) -> list[str]:
    """Why somebody is on the plan they are on, in words for staff."""
    grants = user.complimentary_plus.running(at).order_by("pk")
    paid = Subscription.objects.of(user).order_by("started_at", "pk")
    return [*map(reason_of_grant, grants), *(reason_of_subscription(one, at) for one in paid)] or ["Never had Plus"]


def reason_of_grant(grant: ComplimentaryPlus) -> str:
    until = f"until {date_format(grant.until, 'DATE_FORMAT')}" if grant.until else "without an end"
    return f"Complimentary {until}: {grant.reason}"


def reason_of_subscription(subscription: Subscription, at: datetime) -> str:
    gives = "no Plus"
    if subscription.gives_plus(at):
        gives = f"Plus until {date_format(subscription.plus_until, 'DATETIME_FORMAT')} UTC"
    return f"Subscription {subscription.pk} is {subscription.status}, gives {gives}"


def personal_data(user: User) -> dict:
    """For settings.PERSONAL_DATA: what is kept about someone's plan and payments."""
    grants = ComplimentaryPlus.objects.filter(user=user).order_by("pk")
    subscriptions = Subscription.objects.of(user).order_by("started_at", "pk")
    changes = PlanChange.objects.filter(user=user).order_by("pk")
    customer = Customer.objects.filter(user=user).order_by("pk")
    attempts = user.checkout_attempts.order_by("created_at", "pk")
    return {
        "complimentary_plus": list(grants.values("reason", "started_at", "until", "ended_at")),
        "payments": list(customer.values("stripe_id", "card_brand", "card_last4", "card_exp_month", "card_exp_year")),
        "subscriptions": list(
            subscriptions.values(
                "id", "status", "interval", "amount", "currency", "started_at", "period_end", "cancel_at", "ended_at"
            )
        ),
        "checkouts": list(attempts.values("interval", "created_at", "closed_at", "outcome")),
        "plan_changes": list(changes.values("at", "kind", "plan_before", "plan_after", "cause")),
    }
