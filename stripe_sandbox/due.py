"""What falls due as time goes by, done in its order and at its own moment."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from stripe_sandbox import billing, invoicing
from stripe_sandbox.account import Account, told_afterwards
from stripe_sandbox.api import checkout
from stripe_sandbox.periods import iso


@dataclass(frozen=True)
class Due:
    at: int
    act: Callable[[Account, dict], None]
    about: dict


def run_until(account: Account, moment: int) -> None:
    """Do everything that is due by the moment (Unix time), as if it were done when it fell due."""
    with account.lock:
        try:
            while (following := next_due(account)) and following.at <= moment:
                account.frozen_at = following.at
                following.act(account, following.about)
        finally:
            account.frozen_at = None


def advance_to(account: Account, moment: int) -> None:
    """Move the clock, forwards only. Raises ValueError."""
    with account.lock:
        if moment < account.now:
            raise ValueError("The clock goes forwards only.")
        run_until(account, moment)
        account.clock_offset = moment - time.time()
        account.changes += 1


def age(account: Account, seconds: int) -> None:
    """Do what falls due within the seconds to come, and then move everything that happened back by as much.

    For a site whose own clock can't be moved: it sees the dates that it would see if it had waited.
    """
    with account.lock, told_afterwards(account):
        run_until(account, account.now + seconds)
        moved: set[int] = set()
        for one in account.objects.values():
            move_back(one, seconds, moved)
        account.changes += 1


TIMES = frozenset(
    """
    at automatically_finalizes_at billing_cycle_anchor billed_until cancel_at canceled_at created current_period_end
    current_period_start due_by effective_at end ended_at expires_at finalized_at marked_uncollectible_at
    next_payment_attempt paid_at period_end period_start redeem_by start start_date trial_end trial_start updated
    updated_at voided_at _told_upcoming
    """.split()  # noqa: SIM905 -- a list of words
)


def move_back(value, shift: int, moved: set[int]) -> None:
    """Move every time inside, at any depth, once: objects may hold each other."""
    if id(value) in moved:
        return
    if isinstance(value, list):
        for one in value:
            move_back(one, shift, moved)
    elif isinstance(value, dict):
        moved.add(id(value))
        for name, one in value.items():
            if name in TIMES and isinstance(one, int):
                value[name] = one - shift
            elif name in TIMES and isinstance(one, str):  # as version 2 of the API says it
                value[name] = iso(int(datetime.fromisoformat(one).timestamp()) - shift)
            else:
                move_back(one, shift, moved)


def next_due(account: Account) -> Due | None:
    return min(all_due(account), key=lambda due: due.at, default=None)


def all_due(account: Account) -> Iterator[Due]:
    for session in account.all("checkout.session", status="open"):
        yield Due(session["expires_at"], checkout.close, session)
    for subscription in account.all("subscription"):
        yield from due_of_subscription(subscription)
    for invoice in account.all("invoice"):
        yield from due_of_invoice(account, invoice)


def due_of_subscription(subscription: dict) -> Iterator[Due]:
    status = subscription["status"]
    if status == "incomplete":
        yield Due(subscription["created"] + billing.INCOMPLETE_FOR, expire_incomplete, subscription)
    if status not in ("active", "trialing", "past_due", "unpaid"):
        return
    end = min(item["current_period_end"] for item in billing.items_of(subscription))
    if pending := subscription["pending_update"]:
        yield Due(pending["expires_at"], drop_pending, subscription)
    if (last := subscription["cancel_at"]) and last <= end:
        yield Due(last, cancel_as_asked, subscription)
    elif subscription["cancel_at_period_end"]:
        yield Due(end, cancel_as_asked, subscription)
    else:
        if subscription.get("_told_upcoming") != end:
            yield Due(end - billing.UPCOMING_BEFORE, billing.tell_upcoming, subscription)
        yield Due(end, billing.renew, subscription)


def expire_incomplete(account: Account, subscription: dict) -> None:
    billing.end_subscription(account, subscription)


def cancel_as_asked(account: Account, subscription: dict) -> None:
    billing.end_subscription(account, subscription, reason="cancellation_requested")


def drop_pending(account: Account, subscription: dict) -> None:
    waiting = subscription.pop("_pending_plan", None)
    account.change(subscription, "customer.subscription.updated", pending_update=None)
    if waiting:
        invoicing.void_invoice(account, account.objects[waiting["invoice"]])


def due_of_invoice(account: Account, invoice: dict) -> Iterator[Due]:
    if invoice["status"] == "draft" and invoice["automatically_finalizes_at"]:
        yield Due(invoice["automatically_finalizes_at"], billing.pay_due, invoice)
    if invoice["status"] == "open" and invoice["next_payment_attempt"]:
        yield Due(invoice["next_payment_attempt"], billing.pay_due, invoice)
