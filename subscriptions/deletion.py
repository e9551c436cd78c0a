"""Deleting an account of somebody who pays: first at Stripe, and only when that is certain here."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.deletion import CannotDeleteNow
from accounts.models import User
from accounts.turns import take_turns
from subscriptions import stripe_gateway as gateway
from subscriptions.changes import PlanChange, lock_person, settle
from subscriptions.checkout import CheckoutAttempt
from subscriptions.customers import BillingLock, Customer
from subscriptions.mirror import OVER
from subscriptions.staff_tasks import StaffTask
from subscriptions.stripe_values import StripeMissing, StripeRefused, StripeSubscription, StripeTrouble
from subscriptions.sync import SyncBusy, locked

WORDS = (
    "Your subscription couldn’t be ended at our payment provider, Stripe, just now, so your account is still here. "
    "Try again in a few minutes; our staff have been told, too."
)


def cancel_for_deletion(user: User) -> None:
    """End all that the person pays for, then let go of them. Named in settings.BEFORE_ACCOUNT_DELETION.

    Raises CannotDeleteNow unless Stripe has said that nothing runs any more; a task for staff waits until it worked.
    """
    customer = Customer.objects.filter(user=user).first()
    if not customer:
        return
    try:
        with gateway.within(gateway.PATIENCE):
            end_at_stripe_and_here(customer)
    except (StripeTrouble, SyncBusy) as trouble:
        tell_staff(user, customer, str(trouble))
        raise CannotDeleteNow(WORDS) from trouble
    done = StaffTask.objects.open().filter(kind=StaffTask.Kind.DELETION, reference=f"user {user.pk}")
    done.update(closed_at=timezone.now(), note="The account is deleted.")


def end_at_stripe_and_here(customer: Customer) -> None:
    """Under the customer's lock, so that no worker writes anew what is being let go of.

    A second click waits for the first and finds the customer gone; a worker is not waited for.
    """
    with transaction.atomic():
        take_turns(f"deletion of the person behind {customer.pk}")
        if not Customer.objects.filter(pk=customer.pk).exists():
            return
        BillingLock.objects.get_or_create(customer=customer)
        locked(customer.pk, wait=False)
        if customer.stripe_id:
            end_at_stripe(customer)
        let_go(customer)


def end_at_stripe(customer: Customer) -> None:
    """Pages on which something can still be bought first, so that nothing new begins meanwhile."""
    for attempt in CheckoutAttempt.objects.open().filter(user=customer.user_id).exclude(session_id=""):
        end_page(attempt)
    for subscription in subscriptions_at_stripe(customer):
        if subscription.status not in OVER:
            gateway.cancel_now(subscription.id)


def end_page(attempt: CheckoutAttempt) -> None:
    try:
        gateway.expire_session(attempt.session_id)
    except StripeMissing:
        return
    except StripeRefused:
        if gateway.session(attempt.session_id).status == "open":
            raise


def subscriptions_at_stripe(customer: Customer) -> list[StripeSubscription]:
    """None of a customer that is gone at Stripe: they end with it."""
    try:
        if gateway.customer(customer.stripe_id).is_deleted:
            return []
        return gateway.subscriptions_of(customer.stripe_id)
    except StripeMissing:
        return []


def let_go(customer: Customer) -> None:
    at, user = timezone.now(), lock_person(customer)
    customer.subscriptions.all().delete()
    customer.delete()
    settle(user, at=at, cause="The account is deleted", actor_kind=PlanChange.Actor.PERSON)


def tell_staff(user: User, customer: Customer, trouble: str) -> None:
    at, words = timezone.now(), f"{user} wanted to delete the account, but Stripe: {trouble}"
    facts = {"words": words, "at": at, "customer": customer}
    task = StaffTask.objects.raise_once(StaffTask.Kind.DELETION, f"user {user.pk}", **facts)
    if task.closed_at:
        task.reopen(at, words=words)
