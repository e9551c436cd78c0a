"""The one door to Stripe: nothing else imports its SDK, and the SDK is loaded when the first question is asked.

Every call ends within TIMEOUT seconds, or what is left of the caller's `within(…)`, and is made once: the SDK's own
retries would make a person wait, and what writes is made safe to repeat by its idempotency key instead. Answers are
values of ours; what fails raises StripeUnavailable (nobody knows whether it happened) or StripeRefused (it did not).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache, wraps
from itertools import islice
from typing import Any

from django.conf import settings

from subscriptions import stripe_reading as read
from subscriptions.plans import CURRENCY, LOOKUP_KEYS
from subscriptions.stripe_reading import OUR_REASON
from subscriptions.stripe_values import (
    Card,
    CardRefused,
    CheckoutSession,
    Dispute,
    ForgedNotification,
    Invoice,
    KeyUsedOtherwise,
    NextCharge,
    Notification,
    Price,
    Refund,
    StripeBusy,
    StripeCustomer,
    StripeMissing,
    StripeRefused,
    StripeSubscription,
    StripeUnavailable,
    SwitchPreview,
    UnreadableNotification,
)

TIMEOUT = 10.0
# A person is told that it didn't work well before ten seconds are over, however many questions a page asks.
PATIENCE = 9.0
# What is worth a look at the customer.
EVENTS = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.finalization_failed",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.upcoming",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
]
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All questions asked inside end within this many seconds together, or what is left of an outer limit."""
    ends_at, outer = time.monotonic() + seconds, deadline.get()
    token = deadline.set(ends_at if outer is None else min(ends_at, outer))
    try:
        yield
    finally:
        deadline.reset(token)


def time_left() -> float:
    ends_at = deadline.get()
    if ends_at is None:
        return TIMEOUT
    left = min(TIMEOUT, ends_at - time.monotonic())
    if left <= 0:
        raise StripeUnavailable("The time for asking Stripe is used up.")
    return left


def client():
    """The SDK's client for the key and the address in the settings."""
    if not settings.STRIPE_SECRET_KEY:
        raise StripeUnavailable("STRIPE_SECRET_KEY isn't set.")
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def client_for(key: str, address: str):
    import stripe

    class ImpatientClient(stripe.RequestsClient):
        """Looks at the time that is left when it asks, not when it is made."""

        @property
        def _timeout(self):
            return time_left()

        @_timeout.setter
        def _timeout(self, value):
            """The SDK sets a fixed one."""

    stripe.enable_telemetry = False
    addresses = {"api": address} if address else None
    return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=0, http_client=ImpatientClient())


def in_our_words(ask):
    """Turn what the SDK raises into our errors."""

    @wraps(ask)
    def asked(*args, **kwargs):
        import stripe

        try:
            return ask(*args, **kwargs)
        except stripe.CardError as error:
            raise CardRefused(error.user_message or "The card was declined.", error.code or "") from error
        except stripe.IdempotencyError as error:
            raise KeyUsedOtherwise(str(error), "idempotency_error") from error
        except stripe.InvalidRequestError as error:
            kind = StripeMissing if error.code == "resource_missing" else StripeRefused
            raise kind(str(error), error.code or "") from error
        except stripe.StripeError as error:
            if error.http_status == 409:
                raise StripeBusy(str(error)) from error
            raise StripeUnavailable(f"{type(error).__name__}: {error}") from error

    return asked


# --- Reading ----------------------------------------------------------------------------------------------------------


@in_our_words
def customer(customer_id: str) -> StripeCustomer:
    """Also one that was deleted; nothing can be expanded on that."""
    return read.customer_of(client().v1.customers.retrieve(customer_id))


@in_our_words
def card(method_id: str) -> Card | None:
    """None for a way to pay that is no card."""
    return read.card_of(client().v1.payment_methods.retrieve(method_id))


@in_our_words
def subscriptions_of(customer_id: str) -> list[StripeSubscription]:
    """All of them, over or not, with their latest invoice; the newest first."""
    expand = ["data.default_payment_method", "data.latest_invoice"]
    found = client().v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": 100, "expand": expand})
    return [read.subscription_of(subscription) for subscription in found.auto_paging_iter()]


@in_our_words
def next_charge(customer_id: str, subscription: StripeSubscription) -> NextCharge | None:
    """What will be charged at the end of the period, after discounts and credit; None when nothing will."""
    try:
        invoice = client().v1.invoices.create_preview({"customer": customer_id, "subscription": subscription.id})
    except Exception as error:
        if getattr(error, "code", "") == "invoice_upcoming_none":
            return None
        raise
    return NextCharge(invoice.amount_due, invoice.currency, subscription.period_end)


@in_our_words
def price(interval: str) -> Price:
    """The price that is sold now for "month" or "year"; StripeMissing before `stripe_setup` made it."""
    key = LOOKUP_KEYS[interval]
    found = client().v1.prices.list({"lookup_keys": [key], "active": True, "limit": 1}).data
    if not found:
        raise StripeMissing(f"There is no price {key} at Stripe; run manage.py stripe_setup.", "resource_missing")
    return read.price_of(found[0])


@in_our_words
def invoices(customer_id: str, limit: int = 24) -> list[Invoice]:
    """The newest first."""
    found = client().v1.invoices.list({"customer": customer_id, "limit": limit})
    return [read.invoice_of(invoice) for invoice in found.data]


@in_our_words
def session(session_id: str) -> CheckoutSession:
    return read.session_of(client().v1.checkout.sessions.retrieve(session_id))


@in_our_words
def dispute(dispute_id: str) -> Dispute:
    return read.dispute_of(client().v1.disputes.retrieve(dispute_id, {"expand": ["charge"]}))


@in_our_words
def disputes_since(at: datetime) -> list[Dispute]:
    asked = {"created": {"gte": read.seconds(at)}, "limit": 100, "expand": ["data.charge"]}
    return [read.dispute_of(found) for found in client().v1.disputes.list(asked).auto_paging_iter()]


@in_our_words
def refunds_since(at: datetime) -> list[Refund]:
    asked = {"created": {"gte": read.seconds(at)}, "limit": 100, "expand": ["data.charge"]}
    return [read.refund_of(found) for found in client().v1.refunds.list(asked).auto_paging_iter()]


@in_our_words
def refunds_of(charge_id: str) -> list[Refund]:
    found = client().v1.refunds.list({"charge": charge_id, "limit": 100, "expand": ["data.charge"]})
    return [read.refund_of(refund) for refund in found.data]


@in_our_words
def live_subscriptions(most: int = 100_000) -> list[tuple[str, str]]:
    """(subscription, customer) of all that are not over, of everybody."""
    found = client().v1.subscriptions.list({"limit": 100}).auto_paging_iter()
    return [(subscription.id, read.id_of(subscription.customer)) for subscription in islice(found, most)]


# Where to ask for an object by the beginning of its id, to learn whose it is.
OWNERS = {
    "sub_": lambda v1, key: v1.subscriptions.retrieve(key).customer,
    "in_": lambda v1, key: v1.invoices.retrieve(key).customer,
    "cs_": lambda v1, key: v1.checkout.sessions.retrieve(key).customer,
    "pm_": lambda v1, key: v1.payment_methods.retrieve(key).customer,
    "ch_": lambda v1, key: v1.charges.retrieve(key).customer,
}


@in_our_words
def owner_of(object_id: str) -> str:
    """The id of the customer that an object belongs to; empty when it belongs to nobody or is of no kind we know."""
    if object_id.startswith("cus_"):
        return object_id
    for beginning, ask in OWNERS.items():
        if object_id.startswith(beginning):
            return read.id_of(ask(client().v1, object_id))
    return ""


# --- Changing ---------------------------------------------------------------------------------------------------------


@in_our_words
def create_customer(*, email: str, name: str, user_id: int, key: str) -> str:
    asked: dict[str, Any] = {"email": email, "metadata": {"user": str(user_id)}}
    if name:
        asked["name"] = name
    return client().v1.customers.create(asked, {"idempotency_key": key}).id


@in_our_words
def change_email(customer_id: str, email: str) -> None:
    """Where Stripe's own mails (receipts, renewals) go."""
    client().v1.customers.update(customer_id, {"email": email})


@in_our_words
def create_session(
    *, customer_id: str, price_id: str, success_url: str, cancel_url: str, reference: str, key: str
) -> CheckoutSession:
    """A page of Stripe's on which a subscription is bought; the same key gives the same page."""
    asked = {
        "mode": "subscription",
        "ui_mode": "hosted_page",
        "customer": customer_id,
        "line_items": [{"price": price_id, "quantity": 1}],
        "allow_promotion_codes": True,
        "client_reference_id": reference,
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    return read.session_of(client().v1.checkout.sessions.create(asked, {"idempotency_key": key}))


@in_our_words
def expire_session(session_id: str) -> CheckoutSession:
    """StripeRefused when it was completed or has expired by itself."""
    return read.session_of(client().v1.checkout.sessions.expire(session_id))


@in_our_words
def cancel_at_period_end(subscription_id: str) -> None:
    client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})


@in_our_words
def renew_again(subscription_id: str, *, was_by_flag: bool) -> None:
    """Take back a cancellation for later, in the way in which it was made: Stripe refuses both at once."""
    change = {"cancel_at_period_end": False} if was_by_flag else {"cancel_at": ""}
    client().v1.subscriptions.update(subscription_id, change)


@in_our_words
def pay_by_customers_card(subscription_id: str) -> None:
    """Forget the subscription's own card."""
    client().v1.subscriptions.update(subscription_id, {"default_payment_method": ""})


@in_our_words
def cancel_now(subscription_id: str, *, comment: str = "") -> None:
    """End it without a last invoice and without money back. One that is over already is fine."""
    import stripe

    asked: dict[str, Any] = {"invoice_now": False, "prorate": False}
    if comment:
        asked["cancellation_details"] = {"comment": comment}
    try:
        client().v1.subscriptions.cancel(subscription_id, asked)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise


@in_our_words
def void_invoices_of(subscription_id: str) -> list[str]:
    """Drop what a subscription that is over still asks for, so that nobody pays it; returns the invoices' ids.

    Stripe stops collecting by itself, but its page goes on taking money. What can't be dropped, such as one that is
    being paid at this moment, is left as it is.
    """
    import stripe

    dropped = []
    asked = {"subscription": subscription_id, "status": "open", "limit": 100}
    for invoice in list(client().v1.invoices.list(asked).auto_paging_iter()):
        try:
            client().v1.invoices.void_invoice(invoice.id)
        except stripe.InvalidRequestError:
            continue
        dropped.append(invoice.id)
    return dropped


@in_our_words
def preview_switch(
    customer_id: str, subscription_id: str, item_id: str, price: Price, *, at: datetime
) -> SwitchPreview:
    details = {
        "items": [{"id": item_id, "price": price.id}],
        "proration_behavior": "always_invoice",
        "proration_date": read.seconds(at),
    }
    asked = {"customer": customer_id, "subscription": subscription_id, "subscription_details": details}
    return read.switch_of(client().v1.invoices.create_preview(asked), price=price, at=at)


@in_our_words
def switch(subscription_id: str, item_id: str, price: Price, *, at: datetime) -> None:
    """Change the interval as previewed for `at`. CardRefused leaves everything as it was."""
    asked = {
        "items": [{"id": item_id, "price": price.id}],
        "proration_behavior": "always_invoice",
        "proration_date": read.seconds(at),
        "payment_behavior": "error_if_incomplete",
    }
    key = f"switch-{subscription_id}-{price.id}-{read.seconds(at)}"
    client().v1.subscriptions.update(subscription_id, asked, {"idempotency_key": key})


@in_our_words
def portal_url(customer_id: str, *, return_url: str, only_card: bool = False) -> str:
    asked: dict[str, Any] = {"customer": customer_id, "return_url": return_url}
    if only_card:
        back = {"type": "redirect", "redirect": {"return_url": return_url}}
        asked["flow_data"] = {"type": "payment_method_update", "after_completion": back}
    if configuration := portal_configuration():
        asked["configuration"] = configuration
    return client().v1.billing_portal.sessions.create(asked).url


def portal_configuration() -> str:
    """Ours, by its mark; Stripe's default when `stripe_setup` hasn't made one."""
    found = client().v1.billing_portal.configurations.list({"active": True, "limit": 100}).data
    ours = [one.id for one in found if one.metadata and getattr(one.metadata, "jobboard", "")]
    return ours[0] if ours else ""


@in_our_words
def refund_invoice(invoice_id: str, *, reason: str) -> int:
    """Give back all that was paid for an invoice, once whoever asks and however often; returns the cents given back."""
    import stripe

    paid = client().v1.invoice_payments.list({"invoice": invoice_id, "status": "paid", "limit": 10}).data
    given_back = 0
    for payment in paid:
        of = {"payment_intent": read.id_of(payment.payment.payment_intent)}
        if not of["payment_intent"]:
            of = {"charge": read.id_of(payment.payment.charge)}
        asked = {**of, "metadata": {OUR_REASON: reason}}
        try:
            refund = client().v1.refunds.create(asked, {"idempotency_key": f"refund-{payment.id}-{reason}"})
        except stripe.InvalidRequestError as error:
            if error.code != "charge_already_refunded":
                raise
            continue
        given_back += refund.amount
    return given_back


# --- Setting up -------------------------------------------------------------------------------------------------------


@in_our_words
def ensure_product(product_id: str, *, name: str) -> bool:
    """Make the product under an id of ours; False when it is there."""
    import stripe

    try:
        client().v1.products.retrieve(product_id)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
    else:
        return False
    client().v1.products.create({"id": product_id, "name": name}, {"idempotency_key": f"product-{product_id}"})
    return True


@in_our_words
def ensure_price(product_id: str, *, interval: str, amount: int) -> tuple[Price, bool]:
    """The price that is sold for "month" or "year", and whether it was made now.

    Another amount makes another price, which takes over the lookup key: whoever pays the old one goes on paying it.
    """
    key = LOOKUP_KEYS[interval]
    found = client().v1.prices.list({"lookup_keys": [key], "active": True, "limit": 1}).data
    if found and found[0].unit_amount == amount and read.id_of(found[0].product) == product_id:
        return read.price_of(found[0]), False
    asked = {
        "product": product_id,
        "currency": CURRENCY,
        "unit_amount": amount,
        "recurring": {"interval": interval},
        "lookup_key": key,
        "transfer_lookup_key": True,
    }
    return read.price_of(client().v1.prices.create(asked)), True


@in_our_words
def ensure_portal(product_id: str, price_ids: list[str], *, return_url: str) -> bool:
    """The portal's settings: cancel at the period's end, change interval, card and address. False when only renewed."""
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "tax_id"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "none"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "proration_behavior": "always_invoice",
            "products": [{"product": product_id, "prices": price_ids}],
        },
    }
    asked = {"features": features, "default_return_url": return_url, "metadata": {"jobboard": "portal"}}
    if present := portal_configuration():
        client().v1.billing_portal.configurations.update(present, asked)
        return False
    client().v1.billing_portal.configurations.create(asked)
    return True


@in_our_words
def ensure_destination(url: str, *, name: str) -> str:
    """Where Stripe sends its thin events. Returns the signing secret when it was made now: it is never shown again."""
    events = sorted(f"v1.{event}" for event in EVENTS)
    known = client().v2.core.event_destinations.list({"include": ["webhook_endpoint.url"], "limit": 100})
    for destination in known.auto_paging_iter():
        endpoint = destination.webhook_endpoint
        if not endpoint or endpoint.url != url:
            continue
        if destination.enabled_events != ["*"] and sorted(destination.enabled_events) != events:
            client().v2.core.event_destinations.update(destination.id, {"enabled_events": events})
        return ""
    asked = {
        "name": name,
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": events,
        "webhook_endpoint": {"url": url},
        "include": ["webhook_endpoint.signing_secret"],
    }
    made = client().v2.core.event_destinations.create(asked)
    return made.webhook_endpoint.signing_secret or ""


# --- Listening --------------------------------------------------------------------------------------------------------


def read_notification(body: bytes, signature: str) -> Notification:
    """A thin event, or a snapshot taken only as news that something changed.

    Raises ForgedNotification when no secret of ours signed it within five minutes, UnreadableNotification otherwise.
    """
    import stripe

    if not signature.isascii():  # the SDK compares it in a way that only takes ASCII
        raise ForgedNotification
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return parse(body, signature, secret)
    raise ForgedNotification


def parse(body: bytes, signature: str, secret: str) -> Notification:
    try:
        return thin(client().parse_event_notification(body, signature, secret))
    except ValueError:
        pass  # not a thin one
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableNotification from error
    try:
        return snapshot(client().construct_event(body, signature, secret))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableNotification from error


def thin(event) -> Notification:
    related = getattr(event, "related_object", None)
    object_id = related.id if related else ""
    created_at = datetime.fromisoformat(event.created)
    customer_id = object_id if object_id.startswith("cus_") else ""
    kind = event.type.removeprefix("v1.")
    return Notification(event.id, kind, event.livemode, created_at, object_id, customer_id)


def snapshot(event) -> Notification:
    about = event.data.object
    object_id = getattr(about, "id", "") or ""
    customer_id = object_id if object_id.startswith("cus_") else read.id_of(getattr(about, "customer", None))
    return Notification(event.id, event.type, event.livemode, read.moment(event.created), object_id, customer_id)
