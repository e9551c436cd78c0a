"""What Stripe says, in our words: values that travel, and the ways in which asking can fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class StripeTrouble(Exception):
    """Asking Stripe did not work."""


class StripeUnavailable(StripeTrouble):
    """No answer in time, a broken connection or a fault of theirs: what we asked for may have happened or not."""


class StripeBusy(StripeUnavailable):
    """Another request with the same idempotency key is on its way."""


class StripeRefused(StripeTrouble):
    """Stripe understood and won't; asking again changes nothing."""

    def __init__(self, words: str, code: str = ""):
        super().__init__(words)
        self.code = code


class StripeMissing(StripeRefused):
    """There is no such thing at Stripe (any more)."""


class KeyUsedOtherwise(StripeRefused):
    """An idempotency key came again with other parameters."""


class CardRefused(StripeRefused):
    """The bank declined; `words` are Stripe's sentence for the person."""

    @property
    def needs_confirmation(self) -> bool:
        """The bank wants to hear from the person first (3-D Secure)."""
        return self.code in ("authentication_required", "subscription_payment_intent_requires_action")


class ForgedNotification(Exception):
    """The signature of a notification is missing, wrong or too old."""


class UnreadableNotification(Exception):
    """A signed notification that isn't an event."""


@dataclass(frozen=True)
class Notification:
    """`type` without the v1. of thin events; `customer_id` is empty unless the notification says it."""

    id: str
    type: str
    is_live: bool
    created_at: datetime
    object_id: str
    customer_id: str


@dataclass(frozen=True)
class Card:
    method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True)
class StripeCustomer:
    """Balance in US cents, below zero for a credit; `card_id` pays where a subscription has no card of its own."""

    id: str
    is_deleted: bool
    email: str = ""
    balance: int = 0
    card_id: str = ""


@dataclass(frozen=True)
class Price:
    id: str
    product_id: str
    amount: int
    currency: str
    interval: str


@dataclass(frozen=True)
class Invoice:
    """Amounts in the currency's smallest unit. `url` is Stripe's page on which it can be paid, `pdf` the document."""

    id: str
    number: str
    status: str
    created_at: datetime
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    currency: str
    url: str
    pdf: str
    next_attempt_at: datetime | None
    finalized_at: datetime | None
    subscription_id: str = ""

    @property
    def is_to_be_paid(self) -> bool:
        return self.status == "open" and self.amount_remaining > 0


@dataclass(frozen=True)
class StripeSubscription:
    id: str
    status: str
    price: Price
    item_id: str
    started_at: datetime
    period_start: datetime
    period_end: datetime
    cancel_at_period_end: bool
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    latest_invoice: Invoice | None
    card: Card | None
    # Why we ended it; empty when we didn't.
    ended_as: str = ""
    # Stripe's word for why it ends or ended, such as payment_failed or cancellation_requested.
    end_reason: str = ""


@dataclass(frozen=True)
class CheckoutSession:
    """`status` is open, complete or expired."""

    id: str
    status: str
    url: str
    expires_at: datetime
    customer_id: str


@dataclass(frozen=True)
class NextCharge:
    amount: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class SwitchPreview:
    """What changing the interval costs when it is done at `at`; a credit is what is left over for later invoices."""

    interval: str
    due_now: int
    credit: int
    currency: str
    at: datetime
    next_amount: int
    next_charge_at: datetime
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Dispute:
    id: str
    charge_id: str
    customer_id: str
    amount: int
    reason: str


@dataclass(frozen=True)
class Refund:
    """`reason_of_ours` says why we made it; empty for one made in Stripe's dashboard."""

    id: str
    amount: int
    customer_id: str
    reason_of_ours: str
