"""What workers do about news: find whose it is, then look at Stripe once for each person, however many events came."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from subscriptions import stripe_gateway as gateway
from subscriptions.changes import PlanChange, lock_person, note
from subscriptions.checkout import SESSION_AGE, CheckoutAttempt
from subscriptions.customers import Customer
from subscriptions.events import StripeEvent
from subscriptions.mirror import OVER, Subscription
from subscriptions.notices import BillingNotice, tell
from subscriptions.staff_tasks import StaffTask
from subscriptions.stripe_values import Dispute, Refund, StripeMissing, StripeRefused, StripeTrouble, StripeUnavailable
from subscriptions.sync import DISPUTE, main_of, sync_customer

logger = logging.getLogger(__name__)

BATCH = 500
# A run ends before Celery would end it, and asks for another.
RUN_SECONDS = 30.0
# Disputes and refunds whose event was lost are looked for among those of the last days.
LOOK_BACK = timedelta(days=3)
# Stripe repeats an event for some days; long after that nobody asks what it was.
KEPT = timedelta(days=90)


def catch_up() -> bool:
    """Act on events and on wishes for a look; True when there is more to do."""
    ends_at = time.monotonic() + RUN_SECONDS
    return act_on_events(ends_at) or act_on_wishes(ends_at)


def act_on_events(ends_at: float) -> bool:
    """True when the time ran out before the events did."""
    while events := list(StripeEvent.objects.due().order_by("received_at", "pk")[:BATCH]):
        try:
            grouped = by_customer(events, ends_at)
        except StripeUnavailable:
            return False  # beat asks again in a minute
        for customer, theirs in grouped.items():
            if time.monotonic() > ends_at:
                return True
            if not act_on(customer, theirs):
                return False
        if time.monotonic() > ends_at:
            return True
    return False


def act_on_wishes(ends_at: float) -> bool:
    for customer in Customer.objects.wanting_sync().order_by("sync_wanted_at", "pk")[:BATCH]:
        if time.monotonic() > ends_at:
            return True
        try:
            sync_customer(customer.pk, requested_at=customer.sync_wanted_at)
        except StripeRefused as refused:
            logger.warning("Customer %s can't be looked at: %s", customer.pk, refused)
            Customer.objects.filter(pk=customer.pk, sync_wanted_at=customer.sync_wanted_at).update(sync_wanted_at=None)
        except StripeTrouble as trouble:
            logger.warning("Stripe can't be asked: %s", trouble)
            return False  # beat asks again in a minute
    return Customer.objects.wanting_sync().exists()


def by_customer(events: list[StripeEvent], ends_at: float) -> dict[Customer | None, list[StripeEvent]]:
    """Under None those that belong to nobody here. Those for whose owner the time was too short come again."""
    owners = owners_of(events, ends_at)
    customers = {customer.stripe_id: customer for customer in Customer.objects.filter(stripe_id__in=owners.values())}
    grouped = defaultdict(list)
    for event in events:
        if event.pk in owners:
            grouped[customers.get(owners[event.pk])].append(event)
    return grouped


def owners_of(events: list[StripeEvent], ends_at: float) -> dict[str, str]:
    """Event → customer's id at Stripe: what the event says, what we know, and only then what Stripe says when asked."""
    known = known_owners({event.object_id for event in events if not event.customer_stripe_id})
    owners = {}
    for event in events:
        owner = event.customer_stripe_id or known.get(event.object_id)
        if owner is None and time.monotonic() < ends_at:
            owner = asked_owner(event)
            known[event.object_id] = owner
        if owner is not None:
            owners[event.pk] = owner
    return owners


def known_owners(objects: set[str]) -> dict[str, str]:
    by_subscription = Subscription.objects.filter(pk__in=objects).values_list("pk", "customer__stripe_id")
    by_invoice = Subscription.objects.filter(latest_invoice_id__in=objects)
    by_session = CheckoutAttempt.objects.filter(session_id__in=objects - {""})
    earlier = StripeEvent.objects.filter(object_id__in=objects - {""}).exclude(customer_stripe_id="")
    return {
        **dict(earlier.values_list("object_id", "customer_stripe_id")),
        **dict(by_session.values_list("session_id", "user__billing__stripe_id")),
        **dict(by_invoice.values_list("latest_invoice_id", "customer__stripe_id")),
        **dict(by_subscription),
    }


def asked_owner(event: StripeEvent) -> str | None:
    """Empty when it belongs to nobody; None when Stripe won't say, and the event waits. Raises StripeUnavailable."""
    row = StripeEvent.objects.filter(pk=event.pk)
    try:
        if event.type.startswith("charge.dispute."):
            owner = gateway.dispute(event.object_id).customer_id
        else:
            owner = gateway.owner_of(event.object_id)
    except StripeMissing:
        return ""
    except StripeTrouble as trouble:
        row.postpone(str(trouble))
        if isinstance(trouble, StripeRefused):
            return None
        raise
    row.update(customer_stripe_id=owner)
    return owner


def act_on(customer: Customer | None, events: list[StripeEvent]) -> bool:
    """One look for all of someone's events; False when Stripe is away, so that going on makes no sense."""
    rows = StripeEvent.objects.filter(pk__in=[event.pk for event in events])
    try:
        for event in events:
            act_on_money(event)
        if customer:
            sync_customer(customer.pk, requested_at=max(event.received_at for event in events))
    except StripeTrouble as trouble:
        logger.warning("%s events wait: %s", len(events), trouble)
        rows.postpone(str(trouble))
        return isinstance(trouble, StripeRefused)
    rows.done()
    return True


def act_on_money(event: StripeEvent) -> None:
    if event.type == "charge.dispute.created":
        act_on_dispute(gateway.dispute(event.object_id))
    if event.type == "charge.refunded":
        for refund in gateway.refunds_of(event.object_id):
            act_on_refund(refund)


def act_on_dispute(dispute: Dispute) -> None:
    """End what the person pays for at once, let them buy nothing more until staff have looked. Once for a dispute."""
    if StaffTask.objects.filter(kind=StaffTask.Kind.DISPUTE, reference=dispute.id).exists():
        return
    customer = Customer.objects.select_related("user").filter(stripe_id=dispute.customer_id or None).first()
    if customer:
        # Those at Stripe: the news of the dispute may be the first that is heard of the subscription.
        for subscription in gateway.subscriptions_of(customer.stripe_id):
            if subscription.status not in OVER:
                gateway.cancel_now(subscription.id, comment=DISPUTE)
        sync_customer(customer.pk)
    write_dispute(dispute, customer, timezone.now())


@transaction.atomic
def write_dispute(dispute: Dispute, customer: Customer | None, at: datetime) -> None:
    words = f"Payment {dispute.charge_id} is disputed ({dispute.reason}). Answer it in Stripe's dashboard."
    StaffTask.objects.raise_once(StaffTask.Kind.DISPUTE, dispute.id, words=words, at=at, customer=customer)
    if not customer:
        return
    lock_person(customer)
    main = main_of(list(customer.subscriptions.all()), at)
    if customer.hold(at, reason=f"Disputed payment {dispute.id}"):
        cause, actor_kind = f"Disputed payment {dispute.id}", PlanChange.Actor.STRIPE
        note(customer.user, PlanChange.Kind.HELD, at=at, cause=cause, actor_kind=actor_kind)
    if main:
        tell(customer.user, BillingNotice.Kind.DISPUTED, main, occasion=dispute.id, at=at)


def act_on_refund(refund: Refund) -> None:
    """One that we made is known; one made in the dashboard changes no plan by itself."""
    if refund.reason_of_ours:
        return
    customer = Customer.objects.filter(stripe_id=refund.customer_id or None).first()
    words = f"{refund.amount / 100:.2f} was given back in Stripe's dashboard. Does the subscription go on?"
    StaffTask.objects.raise_once(StaffTask.Kind.REFUND, refund.id, words=words, at=timezone.now(), customer=customer)


# --- What no event told us -------------------------------------------------------------------------------------------


def reconcile(at: datetime) -> None:
    """Have a look at whoever has a checkout open or is past the paid time."""
    forget_unseen_attempts(at)
    waiting = CheckoutAttempt.objects.open().values("user")
    Customer.objects.filter(user__in=waiting).ask_for_sync()
    stale = Subscription.objects.stale(at).values("customer")
    Customer.objects.filter(pk__in=stale).ask_for_sync()


def forget_unseen_attempts(at: datetime) -> None:
    """Close attempts that never got a page: nobody saw one, and by now it would be over at Stripe."""
    unseen = CheckoutAttempt.objects.open().filter(session_id="", created_at__lt=at - SESSION_AGE)
    unseen.update(closed_at=at, outcome=CheckoutAttempt.Outcome.FAILED)


def reconcile_all(at: datetime) -> None:
    """Every night: have a look at everybody who may pay, and find what Stripe charges for nobody here."""
    Customer.objects.filter(pk__in=Subscription.objects.live().values("customer")).ask_for_sync()
    for dispute in gateway.disputes_since(at - LOOK_BACK):
        act_on_dispute(dispute)
    for refund in gateway.refunds_since(at - LOOK_BACK):
        act_on_refund(refund)
    find_orphans(at)
    StripeEvent.objects.over(at - KEPT).delete()


def find_orphans(at: datetime) -> None:
    """Subscriptions that run at Stripe: of a person whom we know, have a look at them; of nobody, tell staff."""
    running = dict(gateway.live_subscriptions())
    unknown = set(running) - set(Subscription.objects.filter(pk__in=running).values_list("pk", flat=True))
    owners = {running[subscription] for subscription in unknown}
    ours = Customer.objects.filter(stripe_id__in=owners)
    known = set(ours.values_list("stripe_id", flat=True))
    ours.ask_for_sync()
    for subscription in sorted(unknown):
        if running[subscription] not in known:
            words = f"Customer {running[subscription]} pays for it but has no account here. End it or find whose it is."
            StaffTask.objects.raise_once(StaffTask.Kind.ORPHAN, subscription, words=words, at=at)
