"""Subscriptions and their invoices: begun, renewed, changed, paid late, ended.

The retry schedule is the default of Stripe's Smart Retries, eight within two weeks, spread evenly: Stripe chooses the
hours by rules of its own.
"""

import copy
from dataclasses import dataclass, field

from stripe_sandbox import sdk
from stripe_sandbox.account import Account, all_of
from stripe_sandbox.api.catalogue import amount_off
from stripe_sandbox.api.payments import Outcome, attempt
from stripe_sandbox.errors import ApiError
from stripe_sandbox.invoicing import (
    ENDED,
    NO_TAX,
    OURSELVES,
    Line,
    draft,
    finalize,
    intent_of,
    name_of,
    period_lines,
    running_discounts,
    subscription_of,
    void_invoice,
)
from stripe_sandbox.periods import day_words, period_end, share

DAY = 86_400
RETRIES, RETRY_EVERY = 8, 14 * DAY // 8
FINALIZE_AFTER = 3600  # a renewal's invoice can be changed for an hour
UPCOMING_BEFORE = 7 * DAY
INCOMPLETE_FOR = 23 * 3600
DEFAULTS = {
    "automatic_tax": NO_TAX,
    "billing_schedules": [],
    "cancel_at_period_end": False,
    "cancellation_details": {},
    "collection_method": "charge_automatically",
    "invoice_settings": {"issuer": OURSELVES},
    "metadata": {},
    "payment_settings": {"save_default_payment_method": "off"},
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
}


@dataclass(frozen=True)
class Plan:
    """A change of a subscription, worked out and not yet done, so that it can be shown first."""

    items: list[dict]
    lines: list[Line] = field(default_factory=list)
    anchor: int | None = None  # set when the period begins anew
    bill_now: bool = False


def is_live(subscription: dict) -> bool:
    return subscription["status"] not in ENDED


# --- Beginning --------------------------------------------------------------------------------------------------------


def begin(
    account: Account, *, customer: dict, wanted: list[dict], status: str, discounts: list[dict] = (), **given
) -> dict:
    """A subscription to the prices of `wanted` ({"price", "quantity"}), whose first invoice is the caller's to make."""
    trial_days = given.pop("trial_period_days", None)
    trial_end = account.now + trial_days * DAY if trial_days else None
    subscription_id = account.new_id("sub")
    items = first_items(account, subscription_id, wanted, trial_end)
    about = {
        "id": subscription_id,
        "billing_mode": {
            "type": "flexible",
            "flexible": {"proration_discounts": "included"},
            "updated_at": account.now,
        },
        "currency": items[0]["price"]["currency"],
        "customer": customer["id"],
        "discounts": [one["id"] for one in discounts],
        "items": all_of(items, f"/v1/subscription_items?subscription={subscription_id}"),
        "status": "trialing" if trial_end else status,
    }
    started = started_at(account.now, trial_end)
    subscription = account.add("subscription", "sub", **copy.deepcopy(DEFAULTS) | about | started | given)
    for discount in discounts:
        discount["subscription"] = subscription_id
    account.change(customer, None, currency=subscription["currency"])
    account.tell("customer.subscription.created", subscription)
    return subscription


def started_at(now: int, trial_end: int | None) -> dict:
    return {
        "billing_cycle_anchor": trial_end or now,
        "start_date": now,
        "trial_start": now if trial_end else None,
        "trial_end": trial_end,
    }


def first_items(account: Account, subscription_id: str, wanted: list[dict], trial_end: int | None) -> list[dict]:
    return [
        new_item(
            account, subscription_id, account.objects[one["price"]], one.get("quantity", 1),
            start=account.now, end=trial_end,
        )
        for one in wanted
    ]  # fmt: skip


def new_item(account: Account, subscription: str, price: dict, quantity: int, *, start: int, end: int | None) -> dict:
    if price["recurring"] is None:
        raise ApiError(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
        )
    end = end or period_end(start, price["recurring"], after=start)
    return account.add(
        "subscription_item",
        "si",
        billed_until=end,
        current_period_start=start,
        current_period_end=end,
        discounts=[],
        metadata={},
        plan=plan_of(price),
        price=price,
        quantity=quantity,
        subscription=subscription,
        tax_rates=[],
    )


def plan_of(price: dict) -> dict:
    """The price in the older shape that items still carry."""
    recurring = price["recurring"]
    return {
        "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": price["billing_scheme"],
        "created": price["created"], "currency": price["currency"], "interval": recurring["interval"],
        "interval_count": recurring["interval_count"], "livemode": False, "metadata": price["metadata"], "meter": None,
        "nickname": price["nickname"], "product": price["product"], "tiers_mode": None, "transform_usage": None,
        "trial_period_days": None, "usage_type": "licensed",
    }  # fmt: skip


def items_of(subscription: dict) -> list[dict]:
    return subscription["items"]["data"]


# --- Paying -----------------------------------------------------------------------------------------------------------


def method_for(account: Account, invoice: dict) -> dict | None:
    """The card that Stripe would charge: the invoice's, the subscription's, the customer's."""
    subscription, customer = subscription_of(account, invoice) or {}, account.objects[invoice["customer"]]
    settings = customer.get("invoice_settings") or {}
    wanted = (
        invoice["default_payment_method"]
        or subscription.get("default_payment_method")
        or settings.get("default_payment_method")
    )
    return account.objects.get(wanted)


def collect(
    account: Account, invoice: dict, *, method: dict | None = None, authenticated: bool | None = None
) -> Outcome | None:
    """Try to pay an open invoice. None when there was nothing to pay, or no card to pay with."""
    if invoice["amount_due"] == 0:
        settle(account, invoice)
        return None
    method = method or method_for(account, invoice)
    intent = intent_of(account, invoice)
    if method is None:
        note_failure(account, invoice)
        return None
    outcome = attempt(account, intent, method, authenticated=authenticated)
    if outcome.status == "succeeded":
        settle(account, invoice, intent)
    else:
        note_failure(account, invoice, needs_action=outcome.status == "requires_action")
    return outcome


def settle(account: Account, invoice: dict, intent: dict | None = None) -> None:
    """The invoice is paid; what waited for that goes on."""
    now = account.now
    for payment in account.all("invoice_payment", invoice=invoice["id"]) if intent else ():
        account.change(
            payment, None, status="paid", amount_paid=invoice["amount_due"],
            status_transitions=payment["status_transitions"] | {"paid_at": now},
        )  # fmt: skip
        account.tell("invoice_payment.paid", payment)
    account.change(
        invoice, "invoice.updated",
        amount_paid=invoice["amount_due"], amount_remaining=0, attempted=True, auto_advance=False, status="paid",
        attempt_count=invoice["attempt_count"] + (1 if intent else 0), next_payment_attempt=None,
        status_transitions=invoice["status_transitions"] | {"paid_at": now},
    )  # fmt: skip
    account.tell("invoice.paid", invoice)
    account.tell("invoice.payment_succeeded", invoice)
    subscription = subscription_of(account, invoice)
    if subscription is not None and is_live(subscription):
        go_on(account, subscription, invoice)


def go_on(account: Account, subscription: dict, invoice: dict) -> None:
    apply_pending(account, subscription, invoice)
    if (
        subscription["status"] in ("incomplete", "past_due", "unpaid")
        and subscription["latest_invoice"] == invoice["id"]
    ):
        account.change(subscription, "customer.subscription.updated", status="active")
    settle_delinquency(account, subscription["customer"])


def settle_delinquency(account: Account, customer_id: str) -> None:
    customer = account.objects[customer_id]
    if customer.get("deleted"):
        return
    late = any(one["status"] in ("past_due", "unpaid") for one in account.all("subscription", customer=customer_id))
    account.change(customer, "customer.updated", delinquent=late)


def note_failure(account: Account, invoice: dict, *, needs_action=False) -> None:
    subscription = subscription_of(account, invoice)
    attempts = invoice["attempt_count"] + 1
    first = invoice["billing_reason"] == "subscription_create"
    retried = not first and attempts <= RETRIES and subscription is not None and is_live(subscription)
    account.change(
        invoice, None, attempt_count=attempts, attempted=True,
        next_payment_attempt=account.now + RETRY_EVERY if retried else None,
    )  # fmt: skip
    account.tell("invoice.payment_failed", invoice)
    if needs_action:
        account.tell("invoice.payment_action_required", invoice)
    if subscription is not None and is_live(subscription) and not first:
        fall_behind(account, subscription, given_up=not retried)


def fall_behind(account: Account, subscription: dict, *, given_up: bool) -> None:
    account.change(subscription, "customer.subscription.updated", status=late_status(account, subscription, given_up))
    settle_delinquency(account, subscription["customer"])
    if given_up and account.settings["after_retries"] == "cancel":
        end_subscription(account, subscription, reason="payment_failed")


def late_status(account: Account, subscription: dict, given_up: bool) -> str:
    if subscription["status"] == "unpaid" or (given_up and account.settings["after_retries"] == "unpaid"):
        return "unpaid"
    return "past_due"


# --- Renewing ---------------------------------------------------------------------------------------------------------


def renew(account: Account, subscription: dict) -> None:
    """The period is over: the next one begins, with an invoice that is collected an hour later."""
    start = min(item["current_period_end"] for item in items_of(subscription))
    move_period(account, subscription, start=start)
    if subscription["status"] == "trialing":
        account.change(subscription, None, status="active")
    lines = subscription.pop("_pending_lines", [])
    invoice = draft(
        account,
        customer=account.objects[subscription["customer"]],
        subscription=subscription,
        lines=[Line(**one) for one in lines] + period_lines(account, items_of(subscription)),
        reason="subscription_cycle",
        auto_advance=subscription["status"] != "unpaid",
        automatically_finalizes_at=account.now + FINALIZE_AFTER if subscription["status"] != "unpaid" else None,
    )
    account.tell("customer.subscription.updated", subscription, {"latest_invoice": None})
    assert invoice["id"] == subscription["latest_invoice"]


def move_period(account: Account, subscription: dict, *, start: int) -> None:
    for item in items_of(subscription):
        end = period_end(subscription["billing_cycle_anchor"], item["price"]["recurring"], after=start)
        account.change(
            account.objects[item["id"]], None, current_period_start=start, current_period_end=end, billed_until=end
        )
        item.update(account.objects[item["id"]])


def tell_upcoming(account: Account, subscription: dict) -> None:
    subscription["_told_upcoming"] = period_end_of(subscription)
    customer = account.objects[subscription["customer"]]
    future = [restarted(item, item["current_period_end"]) for item in items_of(subscription)]
    lines = period_lines(account, future)
    preview = draft(account, customer=customer, subscription=subscription, lines=lines, reason="upcoming", keep=False)
    account.tell("invoice.upcoming", sdk.complete("invoice", preview))


def period_end_of(subscription: dict) -> int:
    return max(item["current_period_end"] for item in items_of(subscription))


def pay_due(account: Account, invoice: dict) -> None:
    """A finalized renewal, or a retry."""
    if invoice["status"] == "draft":
        finalize(account, invoice)
    collect(account, invoice)


# --- Changing ---------------------------------------------------------------------------------------------------------


def plan_change(account: Account, subscription: dict, wanted: list[dict], *, behavior: str, at: int) -> Plan:
    """What the changes of `wanted` ({"id", "price", "quantity", "deleted"}) come to, at the moment."""
    items, lines, resets = [], [], False
    wanted_by_id = {one["id"]: one for one in wanted if "id" in one}
    for item in items_of(subscription):
        change = wanted_by_id.pop(item["id"], {})
        price = account.find("price", change.get("price", item["price"]["id"]), param="items[0][price]")
        quantity = change.get("quantity", item["quantity"])
        if (price["id"], quantity) == (item["price"]["id"], item["quantity"]):
            items.append(item)
            continue
        resets = resets or price["recurring"] != item["price"]["recurring"]
        changed = item | {"price": price, "plan": plan_of(price), "quantity": quantity}
        items.append(changed)
        if behavior != "none":
            lines += proration(account, subscription, item, changed, at=at)
    if wanted_by_id:
        missing = next(iter(wanted_by_id))
        raise ApiError(f"No such subscription item: '{missing}'", code="resource_missing", param="items[0][id]")
    if resets:
        items = [restarted(item, at) for item in items]
        lines = [line for line in lines if line.amount < 0] + period_lines(account, items)
        return Plan(items, lines, anchor=at, bill_now=True)
    return Plan(items, lines, bill_now=behavior == "always_invoice" and bool(lines))


def restarted(item: dict, at: int) -> dict:
    end = period_end(at, item["price"]["recurring"], after=at)
    return item | {"current_period_start": at, "current_period_end": end, "billed_until": end}


def proration(account: Account, subscription: dict, old: dict, new: dict, *, at: int) -> list[Line]:
    """Back what is left of the old price, as far as it was paid; and the new price for the rest of the period."""
    start, end = old["current_period_start"], old["current_period_end"]
    paid = old["price"]["unit_amount"] * old["quantity"]
    for discount in running_discounts(account, subscription):
        paid -= amount_off(account.objects[discount["source"]["coupon"]], paid)
    if subscription["status"] == "trialing":
        paid = 0
    owed = 0 if subscription["status"] == "trialing" else new["price"]["unit_amount"] * new["quantity"]
    day = day_words(at)
    return [
        Line(old["price"], -share(paid, start=start, end=end, at=at),
             f"Unused time on {old['quantity']} × {name_of(account, old['price'])} after {day}",
             at, end, old["quantity"], old["id"], proration=True, discountable=False),
        Line(new["price"], share(owed, start=start, end=end, at=at),
             f"Remaining time on {new['quantity']} × {name_of(account, new['price'])} after {day}",
             at, end, new["quantity"], new["id"], proration=True),
    ]  # fmt: skip


def apply_plan(account: Account, subscription: dict, plan: Plan) -> None:
    for item in plan.items:
        account.objects[item["id"]].update(item)
    values = {"items": all_of(plan.items, subscription["items"]["url"])}
    if plan.anchor is not None:
        values |= {"billing_cycle_anchor": plan.anchor}
        if subscription["status"] == "trialing":
            values |= {"status": "active", "trial_end": plan.anchor}
    account.change(subscription, None, **values)


def apply_pending(account: Account, subscription: dict, invoice: dict) -> None:
    """A change that waited for its payment."""
    waiting = subscription.get("_pending_plan")
    if waiting is None or waiting["invoice"] != invoice["id"]:
        return
    del subscription["_pending_plan"]
    apply_plan(account, subscription, Plan(waiting["items"], anchor=waiting["anchor"]))
    account.change(subscription, "customer.subscription.updated", pending_update=None)


# --- Ending -----------------------------------------------------------------------------------------------------------


def end_subscription(account: Account, subscription: dict, *, reason: str | None = None) -> None:
    now = account.now
    expired = subscription["status"] == "incomplete"
    details = subscription["cancellation_details"] or {}
    account.change(
        subscription, None,
        status="incomplete_expired" if expired else "canceled", ended_at=now,
        canceled_at=subscription["canceled_at"] or now, cancel_at_period_end=False, pending_update=None,
        cancellation_details=details | ({"reason": reason} if reason and not details.get("reason") else {}),
    )  # fmt: skip
    stop_collecting(account, subscription, void=expired)
    account.tell("customer.subscription.updated" if expired else "customer.subscription.deleted", subscription)
    settle_delinquency(account, subscription["customer"])


def stop_collecting(account: Account, subscription: dict, *, void: bool) -> None:
    for invoice in account.all("invoice"):
        if subscription_of(account, invoice) is not subscription or invoice["status"] not in ("open", "draft"):
            continue
        account.change(invoice, None, auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)
        if void:
            void_invoice(account, invoice)
