"""The one writer of what Stripe says: fetch under the customer's lock, write what was found, tell who must know.

Webhook, return from Checkout and portal, reconciling and the button for staff all call `sync_customer`. It reads
Stripe, never an event's content, so it doesn't matter which event came, in what order or how often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from subscriptions import banner
from subscriptions import stripe_gateway as gateway
from subscriptions.changes import PlanChange, lock_person, note, settle
from subscriptions.checkout import CheckoutAttempt
from subscriptions.customers import BillingLock, Customer
from subscriptions.mirror import BACKSTOP, OVER, PAID, TRUST, UNPAID, Subscription
from subscriptions.notices import BillingNotice, tell
from subscriptions.plans import PLUS, plan_of_product
from subscriptions.staff_tasks import StaffTask
from subscriptions.stripe_values import (
    Card,
    CheckoutSession,
    NextCharge,
    StripeCustomer,
    StripeSubscription,
    StripeTrouble,
)

# Two subscriptions made within this time are an accident: the second is ended and paid back without asking anybody.
ACCIDENT = timedelta(hours=24)
# Why we ended a subscription, left as the comment of its cancellation: whoever finds it ended knows what to tell.
DUPLICATE, DISPUTE = "duplicate", "dispute"
# What Stripe did by itself, by its own word for why a subscription ended or by the status it came to.
BY_STRIPE = {
    "payment_failed": "Ended by Stripe after its last failed try",
    "payment_disputed": "Ended by Stripe because a payment was disputed",
    "canceled_by_retention_policy": "Ended by Stripe, which keeps unpaid subscriptions for a limited time",
    "unpaid": "Stripe’s last try to get the payment failed",
    "paused": "Stripe has no card to charge",
}
ENDED = {"canceled": "Cancelled at once", "incomplete_expired": "The first payment wasn’t finished in time"}


# In seconds; shorter than the time that a worker gives to a task.
LONGEST_LOOK = 40.0


class SyncBusy(Exception):
    """Another is looking at this customer just now."""


@dataclass(frozen=True)
class Actor:
    """Who a change that is found is put down to, unless somebody else is known to be at it."""

    kind: str = PlanChange.Actor.STRIPE
    by: User | None = None


@dataclass
class Found:
    """What Stripe said: the customer, every subscription, the next charge of each, the sessions of open attempts."""

    customer: StripeCustomer
    subscriptions: list[StripeSubscription] = field(default_factory=list)
    card: Card | None = None
    next_charges: dict[str, NextCharge] = field(default_factory=dict)
    sessions: dict[CheckoutAttempt, CheckoutSession] = field(default_factory=dict)
    # The bills that were dropped just now because their subscription is over.
    dropped: dict[str, list[str]] = field(default_factory=dict)


def sync_customer(
    customer_id: int, *, requested_at: datetime | None = None, wait: bool = True, actor: Actor = Actor()
) -> bool:
    """Fetch and write; False when a look that began after `requested_at` (database's clock) was kept already.

    Raises SyncBusy at once with wait=False, for pages; StripeTrouble when Stripe couldn't be asked: nothing is written.
    """
    BillingLock.objects.get_or_create(customer_id=customer_id)
    try:
        with gateway.within(LONGEST_LOOK), transaction.atomic():
            return sync_locked(locked(customer_id, wait=wait), requested_at, actor)
    except StripeTrouble as trouble:
        failed = {"sync_failed_at": timezone.now(), "sync_failure": str(trouble)[:500]}
        Customer.objects.filter(pk=customer_id).update(**failed)
        raise


def locked(customer_id: int, *, wait: bool) -> BillingLock:
    lock = BillingLock.objects.select_for_update(skip_locked=not wait).filter(customer=customer_id).first()
    if not lock:
        raise SyncBusy
    return lock


def sync_locked(lock: BillingLock, requested_at: datetime | None, actor: Actor) -> bool:
    if requested_at and lock.synced_from and lock.synced_from >= requested_at:
        fulfil_wish(lock.customer_id, lock.synced_from)
        return False
    began = database_time()
    customer = Customer.objects.select_related("user").get(pk=lock.customer_id)
    if customer.stripe_id:
        write(customer, fetch(customer), timezone.now(), actor)
    BillingLock.objects.filter(pk=lock.pk).update(synced_from=began)
    fulfil_wish(customer.pk, began)
    return True


def fulfil_wish(customer_id: int, began: datetime) -> None:
    Customer.objects.filter(pk=customer_id, sync_wanted_at__lte=began).update(sync_wanted_at=None)


def database_time() -> datetime:
    """Now, by the clock that says when events came in; not the beginning of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


# --- Fetching ---------------------------------------------------------------------------------------------------------


def fetch(customer: Customer) -> Found:
    found = Found(gateway.customer(customer.stripe_id))
    if found.customer.is_deleted:
        return found
    if found.customer.email != customer.user.email:
        gateway.change_email(customer.stripe_id, customer.user.email)
    known = dict(customer.subscriptions.values_list("pk", "status"))
    found.subscriptions = gateway.subscriptions_of(customer.stripe_id)
    if any([end_surplus(found, set(known)), use_new_card(customer, found)]):
        found.subscriptions = gateway.subscriptions_of(customer.stripe_id)
    if drop_bills(found, known):
        found.subscriptions = gateway.subscriptions_of(customer.stripe_id)
    for subscription in found.subscriptions:
        if renews(subscription) and (charge := gateway.next_charge(customer.stripe_id, subscription)):
            found.next_charges[subscription.id] = charge
    found.card = card_that_pays(found)
    attempts = CheckoutAttempt.objects.open().filter(user=customer.user).exclude(session_id="")
    found.sessions = {attempt: gateway.session(attempt.session_id) for attempt in attempts}
    return found


def card_that_pays(found: Found) -> Card | None:
    own = [one.card for one in found.subscriptions if one.status not in OVER and one.card]
    if own or not found.customer.card_id:
        return own[0] if own else None
    return gateway.card(found.customer.card_id)


def renews(subscription: StripeSubscription) -> bool:
    will_end = subscription.cancel_at_period_end or subscription.cancel_at is not None
    return subscription.status in PAID and not will_end


def end_surplus(found: Found, known: set[str]) -> bool:
    """End what is beside the subscription that stays, where no person needs to decide; whether anything was ended.

    Money is given back before the end, and both can be repeated: whoever dies in between is made up for by the next.
    """
    giving = [one for one in found.subscriptions if gives(one)]
    if not giving:
        return False
    stays = min(giving, key=lambda one: (one.status not in PAID, one.started_at, one.id not in known, one.id))
    accidents = [one for one in giving if one is not stays and is_accident(one, stays)]
    for one in accidents:
        if one.latest_invoice:
            gateway.refund_invoice(one.latest_invoice.id, reason=DUPLICATE)
        gateway.cancel_now(one.id, comment=DUPLICATE)
    idle = [one for one in found.subscriptions if one.status in UNPAID and stays.status in PAID]
    for one in idle:
        gateway.cancel_now(one.id)
    return bool(accidents or idle)


def gives(one: StripeSubscription) -> bool:
    return one.status in (*PAID, "past_due") and plan_of_product(one.price.product_id) == PLUS.key


def use_new_card(customer: Customer, found: Found) -> bool:
    """Have live subscriptions pay by the card that became the customer's since the last look; whether any did not.

    Checkout puts the card on the subscription, Stripe's portal puts another one on the customer: the old one would go
    on being charged.
    """
    new = found.customer.card_id
    if not new or new == customer.card_of_customer:
        return False
    others = [one for one in found.subscriptions if one.status not in OVER and one.card and one.card.method_id != new]
    for one in others:
        gateway.pay_by_customers_card(one.id)
    return bool(others)


def drop_bills(found: Found, known: dict[str, str]) -> bool:
    """Have nothing asked for by what is over: paying it would buy nothing; whether anything was dropped.

    Looked for once when a subscription has ended, and again as long as its newest bill is open.
    """
    for one in found.subscriptions:
        is_open = one.latest_invoice is not None and one.latest_invoice.status == "open"
        if one.status in OVER and (is_open or known.get(one.id) not in OVER):
            found.dropped[one.id] = gateway.void_invoices_of(one.id)
    return any(found.dropped.values())


def is_accident(one: StripeSubscription, stays: StripeSubscription) -> bool:
    return abs(one.started_at - stays.started_at) <= ACCIDENT


# --- Writing ----------------------------------------------------------------------------------------------------------


def write(customer: Customer, found: Found, at: datetime, actor: Actor) -> None:
    """In the caller's transaction, with the person's row locked from here on: plan and alerts never disagree."""
    user = lock_person(customer)
    if actor == Actor() and customer.is_acted_on(at):
        actor = Actor(customer.acting, customer.acting_by)
    before = {subscription.pk: subscription for subscription in customer.subscriptions.all()}
    if found.customer.is_deleted:
        close_all(customer, at)
    after = [keep(customer, said, before.get(said.id), found, at) for said in reversed(found.subscriptions)]
    keep_customer(customer, found, at)
    close_attempts(found, at)
    tell_staff(customer, after, at)
    main = main_of(after, at)
    was_paying = any(subscription.plus_until for subscription in before.values())
    cause, by = why(main, found, at, actor)
    plan = settle(user, at=at, cause=cause, actor_kind=by.kind, by=by.by, **facts_of(main))
    for subscription in after:
        follow(user, before.get(subscription.pk), subscription, at, actor)
        note_dropped_bills(user, before.get(subscription.pk), subscription, found, at)
    tell_what_happened(user, after, found, at)
    is_disputed = any(said.ended_as == DISPUTE for said in found.subscriptions)
    if was_paying and plan != PLUS and main and not is_disputed:
        tell(user, BillingNotice.Kind.PLUS_ENDED, main, occasion=main.latest_invoice_id, at=at)
    banner.keep(user)


def tell_what_happened(user: User, after: list[Subscription], found: Found, at: datetime) -> None:
    """Welcome whoever pays for Plus now, and say of a subscription bought twice that it is paid back; each once."""
    for subscription in after:
        if subscription.gives_plus(at) and subscription.is_paid:
            welcome(user, subscription, found, at)
    written = {subscription.pk: subscription for subscription in after}
    for said in found.subscriptions:
        if said.ended_as == DUPLICATE:
            tell_of_refund(user, said, written[said.id], at)


def why(main: Subscription | None, found: Found, at: datetime, actor: Actor) -> tuple[str, Actor]:
    """The cause of the present plan in words, and whose doing it is, whoever looks first."""
    if not main:
        return "The customer is gone at Stripe", actor
    if main.gives_plus(at) or not main.is_known:
        return f"{main.pk} is {main.status}", actor
    if main.is_past_due:
        return f"No payment for {BACKSTOP.days} days", Actor(PlanChange.Actor.CLOCK)
    said = next(one for one in found.subscriptions if one.id == main.pk)
    if words := BY_STRIPE.get(said.end_reason if main.status in OVER else main.status):
        return words, Actor()
    if said.ended_as == DISPUTE:
        return "Ended because a payment was disputed", actor
    if main.status == "canceled" and was_to_end(said):
        return "Cancelled at the period’s end as asked", actor
    return ENDED.get(main.status, f"{main.pk} is {main.status}"), actor


def was_to_end(said: StripeSubscription) -> bool:
    """Whether somebody had asked for the end before it came, and it came when it was to."""
    if not said.canceled_at or not said.ended_at:
        return False
    end = min(said.cancel_at or said.period_end, said.period_end)
    return said.canceled_at < said.ended_at and said.ended_at >= end


def note_dropped_bills(
    user: User, before: Subscription | None, after: Subscription, found: Found, at: datetime
) -> None:
    """Also one that was dropped by a look that was then lost."""
    dropped = set(found.dropped.get(after.pk, ()))
    was_dropped = before is not None and before.latest_invoice_status == "void"
    if after.status == "canceled" and after.latest_invoice_status == "void" and not was_dropped:
        dropped.add(after.latest_invoice_id)
    for invoice_id in sorted(dropped):
        cause = f"{after.pk} has ended: {invoice_id} isn’t to be paid any more"
        note(user, PlanChange.Kind.BILL_DROPPED, at=at, cause=cause, actor_kind=Actor().kind, subscription_ref=after.pk)


def facts_of(main: Subscription | None) -> dict:
    if not main:
        return {}
    return {"subscription_ref": main.pk, "interval": main.interval, "amount": main.amount}


def main_of(subscriptions: list[Subscription], at: datetime) -> Subscription | None:
    """The one that a person means by "my subscription": what gives Plus, else what is live, else the newest."""
    return max(subscriptions, key=lambda one: (one.gives_plus(at), one.is_live, one.started_at, one.pk), default=None)


def close_all(customer: Customer, at: datetime) -> None:
    """Stripe ends every subscription of a customer that it deletes; the next purchase makes a new customer."""
    gone = {"status": "canceled", "ended_at": at, "plus_until": None, "next_charge_at": None, "next_amount": None}
    customer.subscriptions.live().update(**gone, pay_url="", pay_amount=None)


def keep(
    customer: Customer, said: StripeSubscription, before: Subscription | None, found: Found, at: datetime
) -> Subscription:
    plan = plan_of_product(said.price.product_id) or (before.plan if before else "")
    past_due_since = first_failure(said, before, at) if said.status == "past_due" else None
    subscription = Subscription(
        id=said.id,
        customer=customer,
        status=said.status,
        plan=plan,
        product_id=said.price.product_id,
        price_id=said.price.id,
        item_id=said.item_id,
        interval=said.price.interval,
        amount=said.price.amount,
        currency=said.price.currency,
        started_at=said.started_at,
        period_start=said.period_start,
        period_end=said.period_end,
        cancel_at_period_end=said.cancel_at_period_end,
        cancel_at=said.cancel_at,
        canceled_at=said.canceled_at,
        ended_at=said.ended_at,
        plus_until=plus_until(said, plan, before, past_due_since, at),
        past_due_since=past_due_since,
        **bill_of(said),
        **next_charge_of(said, found),
    )
    subscription.save(force_insert=before is None, force_update=before is not None)
    return subscription


def bill_of(said: StripeSubscription) -> dict:
    """The newest invoice, and how to pay it when it is to be paid."""
    invoice = said.latest_invoice
    if not invoice:
        return {}
    facts = {"latest_invoice_id": invoice.id, "latest_invoice_status": invoice.status}
    if invoice.is_to_be_paid and said.status not in OVER:
        facts |= {"pay_url": invoice.url, "pay_amount": invoice.amount_remaining}
        facts |= {"next_attempt_at": invoice.next_attempt_at}
    return facts


def next_charge_of(said: StripeSubscription, found: Found) -> dict:
    charge = found.next_charges.get(said.id)
    return {"next_charge_at": charge.at, "next_amount": charge.amount} if charge else {}


def first_failure(said: StripeSubscription, before: Subscription | None, at: datetime) -> datetime:
    """When the bill that is still unpaid was first tried; an earlier failure that was never made up for counts on."""
    invoice = said.latest_invoice
    tried_at = min(at, (invoice.finalized_at or invoice.created_at) if invoice else at)
    return min(tried_at, before.past_due_since) if before and before.past_due_since else tried_at


def plus_until(
    said: StripeSubscription, plan: str, before: Subscription | None, past_due_since: datetime | None, at: datetime
) -> datetime | None:
    """Until when it gives Plus as far as we know; None when that time is over or it gives none."""
    if plan != PLUS.key or said.status in (*UNPAID, *OVER):
        return None
    if past_due_since:
        until = past_due_since + BACKSTOP
    elif said.status in PAID or (before and before.gives_plus(at)):
        until = said.period_end + TRUST  # a status we don't know leaves things as they are
    else:
        return None
    return until if until > at else None


def keep_customer(customer: Customer, found: Found, at: datetime) -> None:
    said = found.customer
    card = found.card
    facts = {
        "balance": said.balance,
        "card_brand": card.brand if card else "",
        "card_last4": card.last4 if card else "",
        "card_exp_month": card.exp_month if card else None,
        "card_exp_year": card.exp_year if card else None,
        "card_of_customer": said.card_id,
        "synced_at": at,
        "sync_failed_at": None,
        "sync_failure": "",
    }
    if said.is_deleted:
        facts |= {"deleted_at": customer.deleted_at or at}
    Customer.objects.filter(pk=customer.pk).update(**facts)


def close_attempts(found: Found, at: datetime) -> None:
    outcomes = {"complete": CheckoutAttempt.Outcome.COMPLETED, "expired": CheckoutAttempt.Outcome.EXPIRED}
    for attempt, session in found.sessions.items():
        if session.status in outcomes:
            attempt.close(outcomes[session.status], at)


# --- Telling ----------------------------------------------------------------------------------------------------------


def tell_staff(customer: Customer, after: list[Subscription], at: datetime) -> None:
    def raise_once(kind, reference, words):
        StaffTask.objects.raise_once(kind, reference, words=words, at=at, customer=customer)

    for one in after:
        if not plan_of_product(one.product_id) and one.is_live:
            words = f"{one.pk} is for {one.product_id}, which is no product of ours; the plan stays as it was."
            raise_once(StaffTask.Kind.UNKNOWN_PRODUCT, f"{one.pk} {one.product_id}", words)
        if not one.is_known:
            words = f"{one.pk} has the status “{one.status}”, which we don't know; the plan stays as it was."
            raise_once(StaffTask.Kind.UNKNOWN_STATUS, f"{one.pk} {one.status}", words)
    giving = sorted(one.pk for one in after if one.gives_plus(at))
    if len(giving) > 1:
        words = f"Two subscriptions run at once: {', '.join(giving)}. Decide which one ends and what is paid back."
        raise_once(StaffTask.Kind.DUPLICATE, " ".join(giving), words)


def follow(user: User, before: Subscription | None, after: Subscription, at: datetime, actor: Actor) -> None:
    """Note what changed without a change of plan, and owe the mails about it."""
    follow_renewal(user, before, after, at, actor)
    follow_payment(user, before, after, at)


def follow_renewal(user: User, before: Subscription | None, after: Subscription, at: datetime, actor: Actor) -> None:
    kinds, facts = PlanChange.Kind, facts_of(after) | {"at": at, "actor_kind": actor.kind, "by": actor.by}
    was_cancelling = before is not None and before.is_cancelling
    if after.is_cancelling and not was_cancelling:
        note(user, kinds.CANCELLING, cause=f"Ends on {after.ends_at:%Y-%m-%d}", **facts)
        tell(user, BillingNotice.Kind.CANCELLING, after, occasion=f"{after.ends_at:%Y-%m-%dT%H:%M:%SZ}", at=at)
    if was_cancelling and after.is_live and not after.is_cancelling:
        note(user, kinds.RESUMED, cause=f"Renews on {after.period_end:%Y-%m-%d}", **facts)
    if before and before.interval != after.interval:
        note(user, kinds.SWITCHED, cause=f"From each {before.interval} to each {after.interval}", **facts)


def follow_payment(user: User, before: Subscription | None, after: Subscription, at: datetime) -> None:
    """A payment fails or is made up for at Stripe, whoever looks first."""
    kinds, facts = PlanChange.Kind, facts_of(after) | {"at": at, "actor_kind": Actor().kind, "by": None}
    was_past_due = before is not None and before.is_past_due
    if after.is_past_due and not was_past_due:
        note(user, kinds.PAYMENT_FAILED, cause=f"{after.latest_invoice_id} is unpaid", **facts)
        tell(user, BillingNotice.Kind.PAYMENT_FAILED, after, occasion=after.latest_invoice_id, at=at)
    if was_past_due and after.is_paid:
        note(user, kinds.RECOVERED, cause=f"{before.latest_invoice_id} is settled", **facts)


def welcome(user: User, subscription: Subscription, found: Found, at: datetime) -> None:
    said = next(one for one in found.subscriptions if one.id == subscription.pk)
    receipt_url = said.latest_invoice.url if said.latest_invoice else ""
    tell(user, BillingNotice.Kind.WELCOME, subscription, occasion="welcome", at=at, receipt_url=receipt_url)


def tell_of_refund(user: User, said: StripeSubscription, subscription: Subscription, at: datetime) -> None:
    if tell(user, BillingNotice.Kind.DUPLICATE_REFUNDED, subscription, occasion="duplicate", at=at):
        given_back = said.latest_invoice.amount_paid if said.latest_invoice else 0
        facts = facts_of(subscription) | {"amount": given_back, "actor_kind": PlanChange.Actor.STRIPE}
        note(user, PlanChange.Kind.REFUNDED, at=at, cause="Bought twice within a day", **facts)
