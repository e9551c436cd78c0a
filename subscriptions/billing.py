"""What a person can do about paying, and what staff can do for them. Each verb ends within `PATIENCE` seconds.

Verbs ask Stripe, then have `sync` write what it says; no page waits for a worker that is looking at the same customer.
What fails raises a BillingError whose `words` are a sentence for the person.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.nudging import nudge_on_commit
from subscriptions import stripe_gateway as gateway
from subscriptions.changes import PlanChange, lock_person, note
from subscriptions.checkout import CheckoutAttempt
from subscriptions.customers import Customer
from subscriptions.entitlements import plan_of
from subscriptions.mirror import Subscription
from subscriptions.plans import Plan
from subscriptions.stripe_values import (
    CardRefused,
    CheckoutSession,
    Invoice,
    KeyUsedOtherwise,
    Price,
    StripeBusy,
    StripeMissing,
    StripeRefused,
    StripeTrouble,
    StripeUnavailable,
    SwitchPreview,
)
from subscriptions.sync import Actor, SyncBusy, main_of, sync_customer

# Against card testing: a thief tries many stolen cards, a person one or two.
MOST_CHECKOUTS_AN_HOUR = 5
# Tabs of the same person may take each other's attempt away; who loses that often may click again.
MOST_TRIES = 3
# How long a preview's price holds; afterwards the days that are left have changed what a change of interval costs.
PREVIEW_HOLDS = timedelta(minutes=30)
# What is found changed within this time after somebody asked Stripe for it was them; Stripe's portal stays open longer.
AT_IT, IN_PORTAL = timedelta(minutes=2), timedelta(minutes=30)
# For how many seconds a page lets a worker finish that is asking Stripe about the same person.
WAIT_FOR_WORKER = 3


class BillingError(Exception):
    words = "That didn’t work. Nothing was charged."

    def __init__(self, words: str = ""):
        self.words = words or self.words
        super().__init__(self.words)


class Unavailable(BillingError):
    words = (
        "Our payment provider, Stripe, doesn’t answer just now. You can safely try again in a minute: "
        "nothing is charged twice."
    )


class Refused(BillingError):
    words = "Our payment provider, Stripe, refused this. Nothing was charged; write to us if it stays so."


class AlreadySubscribed(BillingError):
    words = "You have this plan already. Nothing was charged again."


class PaymentMissing(AlreadySubscribed):
    words = (
        "A payment for the subscription you have is missing. Pay that one: everything comes back with it, "
        "and nothing is charged twice."
    )


class OnHold(BillingError):
    words = "Payments of this account are on hold until our staff have looked at them. Write to us, please."


class TooManyCheckouts(BillingError):
    words = "You have begun to pay several times within an hour. Try again later, please; nothing was charged."


class NothingToChange(BillingError):
    words = "There is nothing to change: your plan is like that already."


class NothingToRefund(BillingError):
    words = "There is nothing to give back: this customer has no subscription that runs."


class NothingToPay(BillingError):
    words = "There is nothing to pay."


class PreviewTooOld(BillingError):
    words = "The price shown was worked out a while ago. Here is the present one; nothing was charged."


class CardDeclined(BillingError):
    words = "Your card was declined. Nothing has changed."


class NeedsConfirmation(BillingError):
    """The bank wants the person to confirm; `url` is Stripe's page on which they can."""

    words = "Your bank wants you to confirm this payment."

    def __init__(self, url: str):
        super().__init__()
        self.url = url


@dataclass(frozen=True)
class Standing:
    """How someone stands; `is_fresh` says whether Stripe was asked just now.

    `state` is free, complimentary, active, cancelling, past_due, incomplete, over, unknown or held.
    """

    plan: Plan
    state: str
    subscription: Subscription | None
    complimentary: object | None
    customer: Customer | None
    is_fresh: bool = True
    # Another one that is charged for as well, which staff have to settle.
    second: Subscription | None = None
    # Whether the running period was paid only after its payment had failed.
    was_late: bool = False


def in_time(verb: Callable) -> Callable:
    """Hold a verb to its time, and say Stripe's troubles as ours."""

    @wraps(verb)
    def held(*args, **kwargs):
        try:
            with gateway.within(gateway.PATIENCE):
                return verb(*args, **kwargs)
        except CardRefused as refused:
            raise CardDeclined(str(refused.args[0])) from refused
        except StripeRefused as refused:
            raise Refused from refused
        except StripeTrouble as trouble:
            raise Unavailable from trouble

    return held


# --- Buying -----------------------------------------------------------------------------------------------------------


@in_time
def start_checkout(user: User, interval: str, *, at: datetime) -> CheckoutAttempt:
    """The attempt whose `url` is Stripe's page; the same for a second click or tab.

    Raises AlreadySubscribed, OnHold, TooManyCheckouts, Unavailable and Refused.
    """
    refuse_to_sell(user)
    customer = customer_at_stripe(Customer.objects.of(user), user)
    for _ in range(MOST_TRIES):
        attempt = attempt_for(user, interval, at)
        if attempt.interval != interval:
            replace(attempt, customer, at)
        elif has_open_page(attempt, customer, at):
            return attempt
    raise Unavailable


def refuse_to_sell(user: User) -> None:
    if Customer.objects.held().filter(user=user).exists():
        raise OnHold
    subscriptions = list(Subscription.objects.of(user).live())
    if any(one.is_past_due for one in subscriptions):
        raise PaymentMissing
    if any(one.is_paid or not one.is_known for one in subscriptions):
        raise AlreadySubscribed


def customer_at_stripe(customer: Customer, user: User) -> Customer:
    """Have Stripe make the customer, once: asking again under the same key gives the same one."""
    if customer.deleted_at:
        begin_anew(customer)
    if customer.stripe_id:
        return customer
    try:
        stripe_id = patiently(lambda: create_customer(customer, user))
    except KeyUsedOtherwise as used:  # the name or address changed between two tries
        begin_anew(customer)
        raise StripeUnavailable("The customer is made under a new key next time.") from used
    Customer.objects.filter(pk=customer.pk, stripe_id=None).update(stripe_id=stripe_id)
    customer.refresh_from_db()
    return customer


def create_customer(customer: Customer, user: User) -> str:
    key = f"customer-{customer.creation_key}"
    return gateway.create_customer(email=user.email, name=user.name, user_id=user.pk, key=key)


def begin_anew(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(stripe_id=None, deleted_at=None, creation_key=uuid.uuid4())
    customer.refresh_from_db()


def attempt_for(user: User, interval: str, at: datetime) -> CheckoutAttempt:
    """The one open attempt, written down before Stripe is asked."""
    if attempt := CheckoutAttempt.objects.open().filter(user=user).first():
        return attempt
    price = gateway.price(interval)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if attempt := CheckoutAttempt.objects.open().filter(user=user).first():
            return attempt
        if user.checkout_attempts.since(at - timedelta(hours=1)).count() >= MOST_CHECKOUTS_AN_HOUR:
            raise TooManyCheckouts
        return CheckoutAttempt.objects.create(user=user, interval=interval, price_id=price.id, created_at=at)


def has_open_page(attempt: CheckoutAttempt, customer: Customer, at: datetime) -> bool:
    """Give the attempt its page at Stripe, or look whether the one it has can still be used; close it when it can't."""
    session = gateway.session(attempt.session_id) if attempt.session_id else made_page(attempt, customer, at)
    if session.status == "open":
        return True
    settle_attempt(attempt, session, customer, at)
    raise_if_bought(attempt)
    return False


def raise_if_bought(attempt: CheckoutAttempt) -> None:
    if attempt.outcome == CheckoutAttempt.Outcome.COMPLETED:
        raise AlreadySubscribed


def made_page(attempt: CheckoutAttempt, customer: Customer, at: datetime) -> CheckoutSession:
    try:
        session = patiently(lambda: create_page(attempt, customer))
    except KeyUsedOtherwise as used:
        attempt.close(CheckoutAttempt.Outcome.FAILED, at)
        raise StripeUnavailable("The attempt is made anew next time.") from used
    except StripeMissing:
        wish_for_news(customer)
        attempt.close(CheckoutAttempt.Outcome.FAILED, at)
        raise
    except StripeRefused:
        attempt.close(CheckoutAttempt.Outcome.FAILED, at)
        raise
    facts = {"session_id": session.id, "url": session.url, "expires_at": session.expires_at}
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(**facts)
    attempt.refresh_from_db()
    return session


def create_page(attempt: CheckoutAttempt, customer: Customer) -> CheckoutSession:
    return gateway.create_session(
        customer_id=customer.stripe_id,
        price_id=attempt.price_id,
        success_url=settings.SITE_URL + reverse("billing:returned", args=[attempt.pk]),
        cancel_url=settings.SITE_URL + reverse("billing:given-up", args=[attempt.pk]),
        reference=str(attempt.pk),
        key=str(attempt.pk),
    )


def patiently(ask: Callable):
    """Ask again while another tab of the same person is asking the very same."""
    while True:
        try:
            return ask()
        except StripeBusy:
            gateway.time_left()
            time.sleep(0.2)


def replace(attempt: CheckoutAttempt, customer: Customer, at: datetime) -> None:
    """Make sure that nobody can pay on the page of another interval, also one that a second tab is just being given."""
    session = gateway.session(attempt.session_id) if attempt.session_id else made_page(attempt, customer, at)
    if session.status == "open":
        try:
            session = gateway.expire_session(session.id)
        except StripeRefused:  # paid or over in this very moment
            session = gateway.session(session.id)
    if session.status == "complete":
        settle_attempt(attempt, session, customer, at)
    attempt.close(CheckoutAttempt.Outcome.REPLACED, at)
    raise_if_bought(attempt)


def settle_attempt(attempt: CheckoutAttempt, session: CheckoutSession, customer: Customer, at: datetime) -> None:
    """What the person did on the page becomes true here, at once where nobody else is at it."""
    look_now(customer, Actor(PlanChange.Actor.PERSON))
    outcomes = {"complete": CheckoutAttempt.Outcome.COMPLETED, "expired": CheckoutAttempt.Outcome.EXPIRED}
    attempt.close(outcomes[session.status], at)


# --- Coming back ------------------------------------------------------------------------------------------------------


def return_from_checkout(user: User, attempt_id: uuid.UUID, *, at: datetime) -> Standing:
    """Ask Stripe now, whether or not a webhook came. Stripe's trouble raises nothing: `is_fresh` is False then.

    Raises CheckoutAttempt.DoesNotExist for an attempt of somebody else.
    """
    user.checkout_attempts.get(pk=attempt_id)
    return standing_after_look(user, at)


def return_from_portal(user: User, *, at: datetime) -> Standing:
    return standing_after_look(user, at)


def standing_after_look(user: User, at: datetime) -> Standing:
    customer = Customer.objects.filter(user=user).first()
    is_fresh = True
    if customer:
        try:
            with gateway.within(gateway.PATIENCE):
                is_fresh = look_soon(customer, Actor(PlanChange.Actor.PERSON))
        except StripeTrouble:
            wish_for_news(customer)
            is_fresh = False
    return standing_of(user, at, is_fresh=is_fresh)


def look_soon(customer: Customer, actor: Actor) -> bool:
    """As `look_now`, but let a worker that is at it finish: it began before what the person did, or a moment after."""
    until = time.monotonic() + WAIT_FOR_WORKER
    while not (is_fresh := look_now(customer, actor)) and time.monotonic() < until:
        time.sleep(0.2)
    return is_fresh


def look_now(customer: Customer, actor: Actor) -> bool:
    """Sync without waiting; False when a worker is at it, who is then asked to look once more."""
    try:
        sync_customer(customer.pk, wait=False, actor=actor)
    except SyncBusy:
        wish_for_news(customer)
        return False
    return True


def wish_for_news(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).ask_for_sync()
    nudge_on_commit("subscriptions.catch_up")


def standing_of(user: User, at: datetime, *, is_fresh: bool = True) -> Standing:
    """How someone stands by what is written here; asks nobody."""
    customer = Customer.objects.filter(user=user).first()
    subscriptions = list(customer.subscriptions.all()) if customer else []
    subscription = main_of(subscriptions, at)
    charged = [one for one in subscriptions if one != subscription and (one.is_paid or one.is_past_due)]
    complimentary = user.complimentary_plus.running(at).order_by("-until", "pk").first()
    state = state_of(subscription, complimentary, customer, at)
    second, was_late = main_of(charged, at), state == "active" and was_paid_late(subscription)
    return Standing(plan_of(user), state, subscription, complimentary, customer, is_fresh, second, was_late)


def was_paid_late(subscription: Subscription) -> bool:
    made_up = PlanChange.objects.filter(user=subscription.customer.user_id, kind=PlanChange.Kind.RECOVERED)
    return made_up.filter(subscription_ref=subscription.pk, at__gte=subscription.period_start).exists()


def state_of(subscription: Subscription | None, complimentary, customer: Customer | None, at: datetime) -> str:
    if subscription and subscription.is_live:
        if not subscription.is_known:
            return "unknown"
        if subscription.is_past_due:
            return "past_due" if subscription.gives_plus(at) or not complimentary else "complimentary"
        if subscription.is_paid:
            return "cancelling" if subscription.is_cancelling else "active"
    if complimentary:
        return "complimentary"
    if customer and customer.is_held:
        return "held"
    if subscription and subscription.is_incomplete:
        return "incomplete"
    return "over" if subscription else "free"


# --- Changing ---------------------------------------------------------------------------------------------------------


@in_time
def cancel(user: User, *, at: datetime) -> Subscription:
    """End at the end of the paid time. Raises NothingToChange, Unavailable, Refused."""
    subscription = subscription_to_change(user, at)
    if subscription.is_cancelling:
        raise NothingToChange
    by_person(subscription.customer, at)
    gateway.cancel_at_period_end(subscription.pk)
    return changed(subscription)


@in_time
def resume(user: User, *, at: datetime) -> Subscription:
    """Take a cancellation back while it runs. Raises NothingToChange, Unavailable, Refused."""
    subscription = subscription_to_change(user, at)
    if not subscription.is_cancelling:
        raise NothingToChange
    by_person(subscription.customer, at)
    gateway.renew_again(subscription.pk, was_by_flag=subscription.cancel_at_period_end)
    return changed(subscription)


def subscription_to_change(user: User, at: datetime) -> Subscription:
    subscription = main_of(list(Subscription.objects.of(user).select_related("customer")), at)
    if not subscription or not (subscription.is_paid or subscription.is_past_due):
        raise NothingToChange
    return subscription


def by_person(customer: Customer, at: datetime, during: timedelta = AT_IT) -> None:
    customer.acted_on(PlanChange.Actor.PERSON, by=customer.user, until=at + during)


def changed(subscription: Subscription) -> Subscription:
    look_soon(subscription.customer, Actor(PlanChange.Actor.PERSON, subscription.customer.user))
    subscription.refresh_from_db()
    return subscription


@in_time
def preview_switch(user: User, interval: str, *, at: datetime) -> SwitchPreview:
    """What paying by another interval costs now. Raises NothingToChange, Unavailable, Refused."""
    subscription, price = switch_to_make(user, interval, at)
    priced_at = at.replace(microsecond=0)
    return gateway.preview_switch(
        subscription.customer.stripe_id, subscription.pk, subscription.item_id, price, at=priced_at
    )


@in_time
def switch(user: User, interval: str, *, at: datetime, priced_at: datetime) -> Subscription:
    """Pay by another interval at the price of the preview; a double click is one charge.

    Raises PreviewTooOld, CardDeclined, NeedsConfirmation, NothingToChange, Unavailable and Refused.
    """
    if not at - PREVIEW_HOLDS <= priced_at <= at + timedelta(minutes=1):
        raise PreviewTooOld
    subscription, price = switch_to_make(user, interval, at)
    by_person(subscription.customer, at)
    try:
        patiently(lambda: gateway.switch(subscription.pk, subscription.item_id, price, at=priced_at))
    except CardRefused as refused:
        if refused.needs_confirmation:
            raise NeedsConfirmation(portal_of(subscription.customer, at)) from refused
        raise
    return changed(subscription)


def switch_to_make(user: User, interval: str, at: datetime) -> tuple[Subscription, Price]:
    subscription = subscription_to_change(user, at)
    if subscription.interval == interval or not subscription.is_paid or subscription.is_cancelling:
        raise NothingToChange
    return subscription, gateway.price(interval)


# --- Stripe's own pages -----------------------------------------------------------------------------------------------


@in_time
def card_url(user: User, *, at: datetime) -> str:
    """Stripe's page for another card. Raises NothingToChange for someone who never paid."""
    return portal_of(known_customer(user), at, only_card=True)


@in_time
def portal_url(user: User, *, at: datetime) -> str:
    return portal_of(known_customer(user), at)


def known_customer(user: User) -> Customer:
    customer = Customer.objects.filter(user=user, stripe_id__isnull=False, deleted_at=None).first()
    if not customer:
        raise NothingToChange
    return customer


def portal_of(customer: Customer, at: datetime, *, only_card: bool = False) -> str:
    by_person(customer, at, IN_PORTAL)
    return_url = settings.SITE_URL + reverse("billing:portal-return")
    return gateway.portal_url(customer.stripe_id, return_url=return_url, only_card=only_card)


@in_time
def invoices(user: User) -> list[Invoice]:
    """The newest first, as Stripe has them now; none for someone who never paid.

    What an ended subscription asked for is dropped before it is shown.
    """
    customer = Customer.objects.filter(user=user, stripe_id__isnull=False, deleted_at=None).first()
    if not customer:
        return []
    found = gateway.invoices(customer.stripe_id)
    if any(invoice.is_to_be_paid for invoice in found) and look_soon(customer, Actor()):
        found = gateway.invoices(customer.stripe_id)
    return [invoice for invoice in found if invoice.status != "draft"]


def payable(user: User, found: list[Invoice]) -> set[str]:
    """The ids of those that buy something when they are paid."""
    over = set(Subscription.objects.of(user).over().values_list("pk", flat=True))
    return {invoice.id for invoice in found if invoice.is_to_be_paid and invoice.subscription_id not in over}


@in_time
def pay_url(user: User, *, at: datetime) -> str:
    """Stripe's page on which the unpaid bill can be paid. Raises NothingToPay, Unavailable."""
    subscription = main_of(list(Subscription.objects.of(user).select_related("customer")), at)
    if not subscription or not subscription.pay_url:
        raise NothingToPay
    look_soon(subscription.customer, Actor())  # it may be paid, or Stripe may have given up
    subscription.refresh_from_db()
    if not subscription.pay_url:
        raise NothingToPay
    return subscription.pay_url


# --- Staff ------------------------------------------------------------------------------------------------------------


@in_time
def sync_now(customer: Customer, *, by: User, at: datetime) -> bool:
    """Look at Stripe now; False when a worker is at it."""
    return look_now(customer, Actor())


def hold(customer: Customer, *, by: User, at: datetime, reason: str) -> bool:
    with transaction.atomic():
        lock_person(customer)
        held = customer.hold(at, reason=reason, by=by)
        if held:
            kind = PlanChange.Kind.HELD
            note(customer.user, kind, at=at, cause=reason, actor_kind=PlanChange.Actor.STAFF, by=by)
    return held


def release(customer: Customer, *, by: User, at: datetime) -> bool:
    reason = customer.hold_reason
    with transaction.atomic():
        lock_person(customer)
        released = customer.release()
        if released:
            kind, cause = PlanChange.Kind.RELEASED, f"Was held: {reason}"
            note(customer.user, kind, at=at, cause=cause, actor_kind=PlanChange.Actor.STAFF, by=by)
    return released


@in_time
def refund_and_end(customer: Customer, *, by: User, at: datetime, reason: str) -> int:
    """Give back what was last paid and end the subscription now; returns the cents given back. May be repeated.

    Raises NothingToRefund once it has ended, Unavailable, Refused.
    """
    subscription = main_of(list(customer.subscriptions.live()), at)
    if not subscription:
        raise NothingToRefund
    customer.acted_on(PlanChange.Actor.STAFF, by=by, until=at + AT_IT)
    given_back = patiently(lambda: gateway.refund_invoice(subscription.latest_invoice_id, reason="staff"))
    gateway.cancel_now(subscription.pk)
    if given_back:
        facts = {"subscription_ref": subscription.pk, "interval": subscription.interval, "amount": given_back}
        kind = PlanChange.Kind.REFUNDED
        note(customer.user, kind, at=at, cause=reason, actor_kind=PlanChange.Actor.STAFF, by=by, **facts)
    look_now(customer, Actor(PlanChange.Actor.STAFF, by))
    return given_back
