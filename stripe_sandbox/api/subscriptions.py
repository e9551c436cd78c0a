from contextlib import nullcontext

from stripe_sandbox import billing, invoicing
from stripe_sandbox.account import Account, all_of, restored_on_error
from stripe_sandbox.api import catalogue
from stripe_sandbox.api.payments import payment_method_of
from stripe_sandbox.errors import ApiError
from stripe_sandbox.params import emptied, merged
from stripe_sandbox.routes import page, route

KEPT = "cancellation_details default_payment_method description metadata payment_settings trial_settings"
CLOSED = "A canceled subscription can only update its cancellation_details and metadata."
PENDING_FOR = 23 * 3600


@route(
    "POST",
    "/v1/subscriptions",
    params="SubscriptionCreateParams",
    takes="billing_mode collection_method currency customer default_payment_method description discounts items "
    "metadata off_session payment_behavior payment_settings trial_period_days trial_settings cancel_at_period_end",
    answers="subscription",
)
def create(account: Account, params: dict) -> dict:
    """Its first invoice is tried at once; what happens when that fails is `payment_behavior`'s to say."""
    customer = account.find("customer", params["customer"], param="customer")
    wanted = params.get("items") or []
    if not wanted:
        raise ApiError("Missing required param: items.", code="parameter_missing", param="items")
    for one in wanted:
        account.find("price", one.get("price", ""), param="items[0][price]")
    method = named_method(account, customer, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    if method is None and behavior != "default_incomplete" and "trial_period_days" not in params:
        raise ApiError(
            "This customer has no attached payment source or default payment method. "
            "Please consider adding a default payment method.",
            code="resource_missing",
        )
    discounts = redeem_all(account, params.get("discounts") or [], customer)
    given = {name: params[name] for name in params.keys() & set(KEPT.split()) | params.keys() & {"trial_period_days"}}
    with restored_on_error(account) if behavior == "error_if_incomplete" else nullcontext():
        subscription = billing.begin(
            account, customer=customer, wanted=wanted, status="incomplete", discounts=discounts, **given
        )
        pay_first(account, customer, subscription, behavior)
    return subscription


def named_method(account: Account, customer: dict, params: dict) -> dict | None:
    if wanted := params.get("default_payment_method"):
        return payment_method_of(account, customer, wanted, param="default_payment_method")
    return account.objects.get((customer["invoice_settings"] or {}).get("default_payment_method"))


def redeem_all(account: Account, wanted: list[dict], customer: dict | None) -> list[dict]:
    """Discounts for what `wanted` names ({"coupon"} or {"promotion_code"}). Raises ApiError."""
    return [
        catalogue.redeem(account, **found, customer=customer and customer["id"])
        for found in named_discounts(account, wanted)
    ]


def named_discounts(account: Account, wanted: list[dict]) -> list[dict]:
    found = []
    for one in wanted:
        code = account.find("promotion_code", one["promotion_code"]) if one.get("promotion_code") else None
        coupon = account.find("coupon", code["promotion"]["coupon"] if code else one.get("coupon", ""), param="coupon")
        if not catalogue.is_valid(account, coupon) or (code and not code["active"]):
            raise ApiError(f"Coupon {coupon['id']} is used up and cannot be applied.", param="discounts")
        found.append({"coupon": coupon, "promotion_code": code})
    return found


def pay_first(account: Account, customer: dict, subscription: dict, behavior: str) -> None:
    invoice = first_invoice(account, customer, subscription)
    if behavior == "default_incomplete" and invoice["amount_due"]:
        invoicing.intent_of(account, invoice)
        return
    outcome = billing.collect(account, invoice)
    if outcome and outcome.status != "succeeded" and behavior == "error_if_incomplete":
        raise outcome.as_error(account)


def first_invoice(account: Account, customer: dict, subscription: dict) -> dict:
    items = billing.items_of(subscription)
    trial = subscription["status"] == "trialing"
    lines = invoicing.trial_lines(account, items) if trial else invoicing.period_lines(account, items)
    invoice = invoicing.draft(
        account, customer=customer, subscription=subscription, lines=lines, reason="subscription_create"
    )
    return invoicing.finalize(account, invoice)


@route(
    "GET",
    "/v1/subscriptions",
    params="SubscriptionListParams",
    takes="customer price status",
    answers="list:subscription",
)
def list_all(account: Account, params: dict) -> dict:
    """Without the ended ones, unless `status` asks for them."""
    status, price = params.get("status"), params.get("price")
    found = [
        one
        for one in account.all("subscription", customer=params.get("customer"))
        if fits_status(one, status) and price in (None, *(item["price"]["id"] for item in billing.items_of(one)))
    ]
    return page(account, found, params, "/v1/subscriptions")


def fits_status(subscription: dict, status: str | None) -> bool:
    if status is None:
        return subscription["status"] != "canceled"
    if status == "ended":
        return not billing.is_live(subscription)
    return status in ("all", subscription["status"])


@route("GET", "/v1/subscriptions/{subscription}", params="SubscriptionRetrieveParams", answers="subscription")
def retrieve(account: Account, params: dict, subscription: str) -> dict:
    return account.find("subscription", subscription)


@route(
    "POST",
    "/v1/subscriptions/{subscription}",
    params="SubscriptionUpdateParams",
    takes=f"{KEPT} cancel_at cancel_at_period_end discounts items off_session payment_behavior proration_behavior "
    "proration_date trial_end",
    answers="subscription",
)
def update(account: Account, params: dict, subscription: str) -> dict:
    found = account.find("subscription", subscription)
    if not billing.is_live(found) and params.keys() - {"metadata", "cancellation_details"}:
        raise ApiError(CLOSED, code="resource_missing", status=404)
    if "items" in params:
        change_items(account, found, params)
    values = kept_values(account, found, params) | cancellation(found, params, account.now)
    if params.get("trial_end") == "now" and found["status"] == "trialing":
        end_trial(account, found)
    return account.change(found, "customer.subscription.updated", **values)


def kept_values(account: Account, found: dict, params: dict) -> dict:
    values = {name: emptied(params[name]) for name in KEPT.split() if name in params}
    for name in ("cancellation_details", "payment_settings"):
        if name in values:
            values[name] = (found[name] or {}) | {key: emptied(one) for key, one in values[name].items()}
    if "metadata" in values:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    if wanted := params.get("default_payment_method"):
        payment_method_of(account, account.objects[found["customer"]], wanted, param="default_payment_method")
    if "discounts" in params:
        values["discounts"] = new_discounts(account, found, params["discounts"])
    return values


def new_discounts(account: Account, found: dict, wanted: list[dict] | str) -> list[str]:
    customer = account.objects[found["customer"]]
    discounts = redeem_all(account, wanted or [], customer)
    for one in discounts:
        one["subscription"] = found["id"]
    return [one["id"] for one in discounts]


def cancellation(found: dict, params: dict, now: int) -> dict:
    """Only one of both ways can be asked for; either is taken back by emptying it."""
    if "cancel_at" in params and params.get("cancel_at_period_end"):
        raise ApiError("You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
    if "cancel_at_period_end" in params:
        asked = params["cancel_at_period_end"]
        end = billing.period_end_of(found)
        return when_asked(found, now, asked) | {"cancel_at_period_end": asked, "cancel_at": end if asked else None}
    if "cancel_at" not in params:
        return {}
    moment = params["cancel_at"]
    if isinstance(moment, str) and moment:
        ends = [item["current_period_end"] for item in billing.items_of(found)]
        moment = min(ends) if moment == "min_period_end" else max(ends)
    if moment and moment <= now:
        raise ApiError("cancel_at must be a timestamp in the future.", param="cancel_at")
    return when_asked(found, now, bool(moment)) | {"cancel_at": moment or None, "cancel_at_period_end": False}


def when_asked(found: dict, now: int, asked: bool) -> dict:
    details = found["cancellation_details"] or {}
    reason = {"reason": "cancellation_requested"} if asked else {"reason": None, "comment": None, "feedback": None}
    return {"canceled_at": now if asked else None, "cancellation_details": details | reason}


def end_trial(account: Account, found: dict) -> None:
    items = [billing.restarted(item, account.now) for item in billing.items_of(found)]
    billing.apply_plan(account, found, billing.Plan(items, anchor=account.now))
    bill(account, found, invoicing.period_lines(account, items), reason="subscription_update")


def change_items(account: Account, found: dict, params: dict) -> None:
    behavior = params.get("proration_behavior", "create_prorations")
    at = params.get("proration_date") or account.now
    plan = billing.plan_change(account, found, params["items"], behavior=behavior, at=at)
    if not plan.bill_now:
        billing.apply_plan(account, found, plan)
        found.setdefault("_pending_lines", []).extend(vars(line) for line in plan.lines)
        return
    match params.get("payment_behavior", "allow_incomplete"):
        case "error_if_incomplete":
            with restored_on_error(account):
                billing.apply_plan(account, found, plan)
                outcome = bill(account, found, plan.lines, reason="subscription_update")
                if outcome and outcome.status != "succeeded":
                    raise outcome.as_error(account)
        case "pending_if_incomplete":
            change_once_paid(account, found, plan)
        case _:
            billing.apply_plan(account, found, plan)
            bill(account, found, plan.lines, reason="subscription_update")


def bill(account: Account, found: dict, lines: list[invoicing.Line], *, reason: str):
    customer = account.objects[found["customer"]]
    invoice = invoicing.draft(account, customer=customer, subscription=found, lines=lines, reason=reason)
    invoicing.finalize(account, invoice)
    return billing.collect(account, invoice)


def change_once_paid(account: Account, found: dict, plan: billing.Plan) -> None:
    """The change waits for its invoice, for 23 hours."""
    customer = account.objects[found["customer"]]
    invoice = invoicing.draft(
        account, customer=customer, subscription=found, lines=plan.lines, reason="subscription_update"
    )
    invoicing.finalize(account, invoice)
    found["_pending_plan"] = {"invoice": invoice["id"], "items": plan.items, "anchor": plan.anchor}
    pending = {"expires_at": account.now + PENDING_FOR, "subscription_items": plan.items}
    account.change(found, None, pending_update=pending)
    status = found["status"]
    billing.collect(account, invoice)
    if found.get("_pending_plan"):
        account.change(found, None, status=status)
        account.change(invoice, None, next_payment_attempt=None)


@route(
    "DELETE",
    "/v1/subscriptions/{subscription}",
    params="SubscriptionCancelParams",
    takes="cancellation_details invoice_now prorate",
    answers="subscription",
)
def cancel(account: Account, params: dict, subscription: str) -> dict:
    found = account.find("subscription", subscription)
    if not billing.is_live(found):
        raise ApiError(f"No such subscription: '{subscription}'", status=404, code="resource_missing", param="id")
    if details := params.get("cancellation_details"):
        known = found["cancellation_details"] or {}
        account.change(found, None, cancellation_details=known | {key: emptied(one) for key, one in details.items()})
    if params.get("prorate"):
        credit(account, found)
    billing.end_subscription(account, found, reason="cancellation_requested")
    return found


def credit(account: Account, found: dict) -> None:
    """What is left of the period goes to the customer's balance."""
    customer = account.objects[found["customer"]]
    left = [billing.proration(account, found, item, item, at=account.now)[0].amount for item in billing.items_of(found)]
    account.change(customer, "customer.updated", balance=customer["balance"] + sum(left))


# --- Items ------------------------------------------------------------------------------------------------------------


@route(
    "GET",
    "/v1/subscription_items",
    params="SubscriptionItemListParams",
    takes="subscription",
    answers="list:subscription_item",
)
def list_items(account: Account, params: dict) -> dict:
    found = account.find("subscription", params["subscription"], param="subscription")
    return all_of(billing.items_of(found), "/v1/subscription_items")


@route("GET", "/v1/subscription_items/{item}", params="SubscriptionItemRetrieveParams", answers="subscription_item")
def retrieve_item(account: Account, params: dict, item: str) -> dict:
    return account.find("subscription_item", item)
