"""Invoices: what they ask for, drafted, finalized and voided. What is paid or owed is billing's."""

import copy
from dataclasses import dataclass

from stripe_sandbox.account import Account, all_of, included
from stripe_sandbox.api.catalogue import amount_off
from stripe_sandbox.api.payments import open_intent

NO_TAX = {"enabled": False}
INTENT_WORDS = {"subscription_create": "Subscription creation"}
OURSELVES = {"type": "self"}
DEFAULTS = {
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_shipping": 0,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": NO_TAX,
    "collection_method": "charge_automatically",
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_tax_rates": [],
    "issuer": OURSELVES,
    "livemode": False,
    "metadata": {},
    "payment_settings": {},
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "status": "draft",
    "status_transitions": {},
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}
ENDED = ("canceled", "incomplete_expired")


@dataclass(frozen=True)
class Line:
    """What an invoice asks for."""

    price: dict
    amount: int
    description: str
    start: int
    end: int
    quantity: int = 1
    item: str | None = None
    proration: bool = False
    discountable: bool = True


def period_lines(account: Account, items: list[dict]) -> list[Line]:
    """What each item costs for its present period."""
    return [
        Line(
            price=item["price"],
            amount=item["price"]["unit_amount"] * item["quantity"],
            description=f"{item['quantity']} × {name_of(account, item['price'])} ({price_words(item['price'])})",
            start=item["current_period_start"],
            end=item["current_period_end"],
            quantity=item["quantity"],
            item=item["id"],
        )
        for item in items
    ]


def trial_lines(account: Account, items: list[dict]) -> list[Line]:
    return [
        Line(item["price"], 0, f"Trial period for {name_of(account, item['price'])}", item["current_period_start"],
             item["current_period_end"], item["quantity"], item["id"])
        for item in items
    ]  # fmt: skip


def name_of(account: Account, price: dict) -> str:
    return account.objects[price["product"]].get("name", "A product")


def money(amount: int, currency: str) -> str:
    sign = "-" if amount < 0 else ""
    mark = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{sign}{mark}{abs(amount) / 100:.2f}"


def price_words(price: dict) -> str:
    recurring = price["recurring"]
    every = (
        recurring["interval"]
        if recurring["interval_count"] == 1
        else f"{recurring['interval_count']} {recurring['interval']}s"
    )
    return f"at {money(price['unit_amount'], price['currency'])} / {every}"


def draft(
    account: Account, *, customer: dict, subscription: dict, lines: list[Line], reason: str, keep=True, **given
) -> dict:
    """An invoice for the lines; not kept when it is only to be looked at."""
    invoice_id = account.new_id("in" if keep else "upcoming_in")
    discounts = running_discounts(account, subscription)
    rows = [line_item(account, invoice_id, subscription, line, discounts) for line in lines]
    made = (
        copy.deepcopy(DEFAULTS)
        | of_customer(customer)
        | amounts_of(rows)
        | {
            "id": invoice_id,
            "billing_reason": reason,
            "created": account.now,
            "currency": subscription["currency"],
            "discounts": [one["id"] for one in discounts],
            "lines": all_of(rows, f"/v1/invoices/{invoice_id}/lines"),
            "parent": parent_of(subscription),
            "period_start": account.now,
            "period_end": account.now,
        }
        | given
    )
    return kept_draft(account, subscription, made) if keep else made


def of_customer(customer: dict) -> dict:
    return {
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "starting_balance": customer["balance"],
    }


def amounts_of(rows: list[dict]) -> dict:
    subtotal = sum(row["amount"] for row in rows)
    discounts = by_discount(rows)
    total = subtotal - sum(one["amount"] for one in discounts)
    return {
        "amount_due": max(0, total),
        "amount_remaining": max(0, total),
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_discount_amounts": discounts,
        "total_excluding_tax": total,
    }


def kept_draft(account: Account, subscription: dict, made: dict) -> dict:
    invoice = account.add("invoice", "in", **made)
    if subscription["id"] in account.objects:
        account.change(subscription, None, latest_invoice=invoice["id"])
    account.tell("invoice.created", invoice)
    return invoice


def parent_of(subscription: dict) -> dict:
    details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    return {"type": "subscription_details", "subscription_details": details}


def subscription_of(account: Account, invoice: dict) -> dict | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return account.objects.get(details.get("subscription"))


def running_discounts(account: Account, subscription: dict) -> list[dict]:
    found = [account.objects[one] for one in subscription["discounts"] if isinstance(one, str)]
    return [one for one in found if one["end"] is None or one["end"] > account.now]


def line_item(account: Account, invoice: str, subscription: dict, line: Line, discounts: list[dict]) -> dict:
    left, amounts = max(0, line.amount), []
    for discount in discounts if line.discountable else ():
        off = amount_off(account.objects[discount["source"]["coupon"]], left)
        left -= off
        amounts.append({"amount": off, "discount": discount["id"]})
    details = {
        "subscription_item": line.item, "subscription": subscription["id"], "proration": line.proration,
        "invoice_item": None, "proration_details": {"credited_items": None},
    }  # fmt: skip
    price = {"price": line.price["id"], "product": line.price["product"]}
    return {
        "id": account.new_id("il"), "object": "line_item", "amount": line.amount, "currency": line.price["currency"],
        "description": line.description, "discount_amounts": amounts, "discountable": line.discountable,
        "discounts": [one["id"] for one in discounts if line.discountable], "invoice": invoice, "livemode": False,
        "metadata": {}, "quantity": line.quantity, "subscription": subscription["id"], "subtotal": line.amount,
        "parent": {"type": "subscription_item_details", "subscription_item_details": details,
                   "invoice_item_details": None},
        "period": {"start": line.start, "end": line.end}, "pretax_credit_amounts": [],
        "pricing": {"type": "price_details", "price_details": price,
                    "unit_amount_decimal": line.price["unit_amount_decimal"]},
        "taxes": [],
    }  # fmt: skip


def by_discount(rows: list[dict]) -> list[dict]:
    totals = {}
    for one in (one for row in rows for one in row["discount_amounts"]):
        totals[one["discount"]] = totals.get(one["discount"], 0) + one["amount"]
    return [{"amount": amount, "discount": discount} for discount, amount in totals.items()]


def finalize(account: Account, invoice: dict) -> dict:
    """From draft to open: it gets a number and pages, and takes what the customer's balance owes them or us."""
    customer = account.objects[invoice["customer"]]
    due = max(0, invoice["total"] + customer["balance"])
    balance = min(0, customer["balance"] + invoice["total"])
    number = customer["next_invoice_sequence"]
    address = account.settings["address"]
    secret = account.new_id("i", 24)[2:]
    account.change(customer, None, balance=balance, next_invoice_sequence=number + 1)
    account.change(
        invoice, None,
        amount_due=due, amount_remaining=due, ending_balance=balance, effective_at=account.now,
        automatically_finalizes_at=None,
        number=f"{customer['invoice_prefix']}-{number:04d}", status="open",
        status_transitions=invoice["status_transitions"] | {"finalized_at": account.now},
        hosted_invoice_url=f"{address}/i/{invoice['id']}/{secret}",
        invoice_pdf=f"{address}/i/{invoice['id']}/{secret}/pdf",
        _secret=secret,
    )  # fmt: skip
    account.tell("invoice.finalized", invoice)
    forget_spent_discounts(account, invoice)
    return invoice


def forget_spent_discounts(account: Account, invoice: dict) -> None:
    """A coupon with the duration "once" leaves the subscription with the invoice that it was used on."""
    subscription = subscription_of(account, invoice)
    if subscription is None or subscription["status"] in ENDED:
        return
    kept = [one for one in subscription["discounts"] if coupon_of(account, one)["duration"] != "once"]
    account.change(subscription, None, discounts=kept)


def coupon_of(account: Account, discount: str) -> dict:
    return account.objects[account.objects[discount]["source"]["coupon"]]


def intent_of(account: Account, invoice: dict) -> dict:
    """The payment intent of an open invoice, made once."""
    for payment in account.all("invoice_payment", invoice=invoice["id"]):
        return account.objects[payment["payment"]["payment_intent"]]
    customer = account.objects[invoice["customer"]]
    intent = open_intent(
        account, customer=customer, amount=invoice["amount_due"], currency=invoice["currency"],
        description=INTENT_WORDS.get(invoice["billing_reason"], "Subscription update"),
    )  # fmt: skip
    link_payment(account, invoice, intent)
    return intent


def link_payment(account: Account, invoice: dict, intent: dict) -> dict:
    return account.add(
        "invoice_payment",
        "inpay",
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
        status_transitions={},
    )


@included("invoice", "payments")
def payments_of(account: Account, invoice: dict) -> dict:
    found = account.all("invoice_payment", invoice=invoice["id"])
    return all_of(found, f"/v1/invoice_payments?invoice={invoice['id']}")


@included("invoice", "confirmation_secret")
def confirmation_secret_of(account: Account, invoice: dict) -> dict | None:
    for payment in account.all("invoice_payment", invoice=invoice["id"]):
        return {
            "type": "payment_intent",
            "client_secret": account.objects[payment["payment"]["payment_intent"]]["client_secret"],
        }
    return None


def void_invoice(account: Account, invoice: dict) -> dict:
    transitions = invoice["status_transitions"] | {"voided_at": account.now}
    account.change(invoice, "invoice.voided", status="void", status_transitions=transitions, next_payment_attempt=None)
    return invoice
