"""The SDK's objects as values of ours. Its objects are no dicts, and a reference may be an id or a whole object."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from subscriptions.stripe_values import (
    Card,
    CheckoutSession,
    Dispute,
    Invoice,
    Price,
    Refund,
    StripeCustomer,
    StripeSubscription,
    SwitchPreview,
)

OUR_REASON = "jobboard_reason"


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def id_of(reference) -> str:
    """The id behind a field that holds an id, an expanded object or nothing."""
    return "" if reference is None else reference if isinstance(reference, str) else reference.id


def expanded(reference):
    return None if isinstance(reference, str) else reference


def card_of(method) -> Card | None:
    method = expanded(method)
    card = getattr(method, "card", None)
    return Card(method.id, card.brand, card.last4, card.exp_month, card.exp_year) if card else None


def customer_of(customer) -> StripeCustomer:
    if getattr(customer, "deleted", False):
        return StripeCustomer(customer.id, is_deleted=True)
    settings = customer.invoice_settings
    card_id = id_of(settings.default_payment_method) if settings else ""
    email, balance = customer.email or "", customer.balance or 0
    return StripeCustomer(customer.id, is_deleted=False, email=email, balance=balance, card_id=card_id)


def price_of(price) -> Price:
    interval = price.recurring.interval if price.recurring else ""
    return Price(price.id, id_of(price.product), price.unit_amount or 0, price.currency, interval)


def subscription_of(subscription) -> StripeSubscription:
    item = subscription["items"].data[0]
    invoice, details = expanded(subscription.latest_invoice), subscription.cancellation_details
    return StripeSubscription(
        id=subscription.id,
        status=subscription.status,
        price=price_of(item.price),
        item_id=item.id,
        started_at=moment(subscription.created),
        period_start=moment(item.current_period_start),
        period_end=moment(item.current_period_end),
        cancel_at_period_end=subscription.cancel_at_period_end,
        cancel_at=moment(subscription.cancel_at),
        canceled_at=moment(subscription.canceled_at),
        ended_at=moment(subscription.ended_at),
        latest_invoice=invoice_of(invoice) if invoice else None,
        card=card_of(subscription.default_payment_method),
        ended_as=(details.comment or "") if details else "",
        end_reason=(details.reason or "") if details else "",
    )


def invoice_of(invoice) -> Invoice:
    return Invoice(
        id=invoice.id,
        number=invoice.number or "",
        status=invoice.status or "",
        created_at=moment(invoice.created),
        total=invoice.total,
        amount_due=invoice.amount_due,
        amount_paid=invoice.amount_paid,
        amount_remaining=invoice.amount_remaining,
        currency=invoice.currency,
        url=invoice.hosted_invoice_url or "",
        pdf=invoice.invoice_pdf or "",
        next_attempt_at=moment(invoice.next_payment_attempt),
        finalized_at=moment(invoice.status_transitions.finalized_at),
        subscription_id=subscription_behind(invoice),
    )


def subscription_behind(invoice) -> str:
    details = invoice.parent.subscription_details if invoice.parent else None
    return id_of(details.subscription) if details else ""


def session_of(session) -> CheckoutSession:
    expires_at, customer_id = moment(session.expires_at), id_of(session.customer)
    return CheckoutSession(session.id, session.status or "", session.url or "", expires_at, customer_id)


def switch_of(invoice, *, price: Price, at: datetime) -> SwitchPreview:
    """From the invoice that Stripe would write; what it leaves of the customer's credit pays the next one first."""
    credit = credit_after(invoice)
    lines = tuple((line.description or "", line.amount) for line in invoice.lines.data)
    periods = [moment(line.period.end) for line in invoice.lines.data if line.amount >= 0]
    return SwitchPreview(
        interval=price.interval,
        due_now=invoice.amount_due,
        credit=credit,
        currency=invoice.currency,
        at=at,
        next_amount=max(0, price.amount - credit),
        next_charge_at=max(periods, default=at + timedelta(days=365 if price.interval == "year" else 30)),
        lines=lines,
    )


def credit_after(invoice) -> int:
    """What is left for later invoices: a balance and a total below zero are both in the customer's favour."""
    return max(0, -(invoice.starting_balance + invoice.total))


def dispute_of(dispute) -> Dispute:
    charge = expanded(dispute.charge)
    customer_id = id_of(charge.customer) if charge else ""
    return Dispute(dispute.id, id_of(dispute.charge), customer_id, dispute.amount, dispute.reason)


def refund_of(refund) -> Refund:
    charge, metadata = expanded(refund.charge), refund.metadata
    customer_id = id_of(charge.customer) if charge else ""
    ours = getattr(metadata, OUR_REASON, "") if metadata else ""
    return Refund(refund.id, refund.amount, customer_id, ours)
