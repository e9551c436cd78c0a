"""Checkout sessions: opened by the API, paid on a page of ours (pages/checkout.py)."""

import copy

from stripe_sandbox import billing, invoicing
from stripe_sandbox.account import Account, all_of, included
from stripe_sandbox.api import catalogue, customers
from stripe_sandbox.api.payments import attach_to, attempt, card_of, open_intent, wants_authentication
from stripe_sandbox.api.subscriptions import first_invoice, named_discounts
from stripe_sandbox.cards import DECLINES
from stripe_sandbox.errors import ApiError, declined
from stripe_sandbox.params import merged
from stripe_sandbox.routes import page, route

DAY = 86_400
SHORTEST, LONGEST = 30 * 60, DAY
SHOWN = "billing_address_collection client_reference_id custom_text customer_email locale metadata name_collection "
SHOWN += "origin_context payment_method_collection phone_number_collection saved_payment_method_options submit_type"
DEFAULTS = {
    "adaptive_pricing": {"enabled": False},
    "automatic_tax": {"enabled": False},
    "custom_fields": [],
    "custom_text": {},
    "discounts": [],
    "metadata": {},
    "payment_method_options": {},
    "payment_method_types": ["card"],
    "payment_status": "unpaid",
    "phone_number_collection": {"enabled": False},
    "shipping_options": [],
    "status": "open",
    "ui_mode": "hosted_page",
}


@route(
    "POST",
    "/v1/checkout/sessions",
    params="checkout.SessionCreateParams",
    takes=f"{SHOWN} allow_promotion_codes allowed_payment_method_types automatic_tax branding_settings cancel_url "
    "currency customer customer_update discounts expires_at line_items mode setup_intent_data subscription_data "
    "success_url ui_mode",
    answers="checkout.session",
)
def create(account: Account, params: dict) -> dict:
    mode = params.get("mode")
    refuse_bad(account, params, mode)
    customer = account.find("customer", params["customer"], param="customer") if "customer" in params else None
    lines = priced(account, params.get("line_items") or [])
    discounts = named_discounts(account, params.get("discounts") or [])
    shown = {name: params[name] for name in SHOWN.split() if name in params}
    session = account.add(
        "checkout.session",
        "cs",
        **copy.deepcopy(DEFAULTS) | shown | opened(account, params, customer) | to_be_bought(params, lines),
    )
    if mode == "setup":
        session |= {
            "payment_status": "no_payment_required",
            "setup_intent": open_setup(account, customer, params)["id"],
        }
    discount_session(account, session, discounts)
    return session


def opened(account: Account, params: dict, customer: dict | None) -> dict:
    """For whom the session is, where it is, and how long."""
    session_id = account.new_id("cs_test", 58)
    known = customer and {"email": customer["email"], "name": customer["name"]}
    return {
        "id": session_id,
        "cancel_url": params.get("cancel_url"),
        "customer": customer and customer["id"],
        "customer_creation": None if customer or params["mode"] == "setup" else "always",
        "customer_details": known,
        "expires_at": params.get("expires_at", account.now + LONGEST),
        "mode": params["mode"],
        "success_url": params["success_url"],
        "url": f"{account.settings['address']}/c/pay/{session_id}",
        "_customer_update": params.get("customer_update") or {},
    }


def to_be_bought(params: dict, lines: list[tuple[dict, int]]) -> dict:
    return {
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "currency": lines[0][0]["currency"] if lines else params.get("currency"),
        "_lines": [{"price": price["id"], "quantity": quantity} for price, quantity in lines],
        "_subscription": params.get("subscription_data") or {},
        "_subtotal": sum(price["unit_amount"] * quantity for price, quantity in lines),
    }


def refuse_bad(account: Account, params: dict, mode: str | None) -> None:
    """Raises ApiError for what Stripe refuses before it opens a session."""
    refuse_what_the_sandbox_lacks(params, mode)
    refuse_what_is_missing(params, mode)
    refuse_what_excludes_each_other(params, mode)
    left = params.get("expires_at", account.now + LONGEST) - account.now
    if not SHORTEST <= left <= LONGEST:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from now.",
            param="expires_at",
        )


def refuse_what_the_sandbox_lacks(params: dict, mode: str | None) -> None:
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError("The sandbox has only the hosted page.", param="ui_mode")
    if mode not in ("subscription", "setup"):
        raise ApiError("The sandbox has only the modes subscription and setup.", param="mode")


def refuse_what_is_missing(params: dict, mode: str | None) -> None:
    missing = [] if "success_url" in params else ["success_url"]
    if mode == "subscription" and not params.get("line_items"):
        missing.append("line_items")
    if mode == "setup" and not params.keys() & {"currency", "allowed_payment_method_types"}:
        missing.append("currency")
    for name in missing:
        raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def refuse_what_excludes_each_other(params: dict, mode: str | None) -> None:
    for one, other in (("customer", "customer_email"), ("allow_promotion_codes", "discounts")):
        if one in params and other in params:
            raise ApiError(f"You may only specify one of these parameters: {one}, {other}.")
    if mode == "setup" and ("line_items" in params or "subscription_data" in params):
        raise ApiError("You can not pass `line_items` or `subscription_data` in `setup` mode.", param="line_items")


def priced(account: Account, wanted: list[dict]) -> list[tuple[dict, int]]:
    lines = []
    for number, one in enumerate(wanted):
        price = account.find("price", one.get("price", ""), param=f"line_items[{number}][price]")
        if not price["active"]:
            raise ApiError(
                "The price specified is inactive. This field only accepts active prices.",
                param=f"line_items[{number}][price]",
            )
        if price["recurring"] is None:
            raise ApiError("You must provide at least one recurring price in `subscription` mode.")
        lines.append((price, one.get("quantity", 1)))
    return lines


def open_setup(account: Account, customer: dict | None, params: dict) -> dict:
    made = account.add(
        "setup_intent",
        "seti",
        customer=customer and customer["id"],
        metadata=(params.get("setup_intent_data") or {}).get("metadata") or {},
        description=(params.get("setup_intent_data") or {}).get("description"),
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
    )
    account.tell("setup_intent.created", made)
    return made


def discount_session(account: Account, session: dict, discounts: list[dict]) -> None:
    """Set what the session costs; nothing is redeemed before it is paid."""
    left = session["_subtotal"]
    for one in discounts:
        left -= catalogue.amount_off(one["coupon"], left)
    trial = "trial_period_days" in session["_subscription"]
    session["discounts"] = [
        {"coupon": one["coupon"]["id"], "promotion_code": one["promotion_code"] and one["promotion_code"]["id"]}
        for one in discounts
    ]
    if session["mode"] == "subscription":
        off = session["_subtotal"] - left
        session["amount_subtotal"] = 0 if trial else session["_subtotal"]
        session["amount_total"] = 0 if trial else left
        session["total_details"] = {
            "amount_discount": 0 if trial else off, "amount_shipping": 0, "amount_tax": 0
        }  # fmt: skip
    account.changes += 1


@route(
    "GET",
    "/v1/checkout/sessions",
    params="checkout.SessionListParams",
    takes="customer payment_intent status subscription",
    answers="list:checkout.session",
)
def list_all(account: Account, params: dict) -> dict:
    equal = {name: params.get(name) for name in ("customer", "payment_intent", "status", "subscription")}
    return page(account, account.all("checkout.session", **equal), params, "/v1/checkout/sessions")


@route("GET", "/v1/checkout/sessions/{session}", params="checkout.SessionRetrieveParams", answers="checkout.session")
def retrieve(account: Account, params: dict, session: str) -> dict:
    return account.find("checkout.session", session)


@route(
    "POST",
    "/v1/checkout/sessions/{session}",
    params="checkout.SessionUpdateParams",
    takes="metadata",
    answers="checkout.session",
)
def update(account: Account, params: dict, session: str) -> dict:
    found = account.find("checkout.session", session)
    if "metadata" in params:
        account.change(found, None, metadata=merged(found["metadata"], params["metadata"]))
    return found


@route(
    "POST",
    "/v1/checkout/sessions/{session}/expire",
    params="checkout.SessionExpireParams",
    answers="checkout.session",
)
def expire(account: Account, params: dict, session: str) -> dict:
    found = account.find("checkout.session", session)
    if found["status"] != "open":
        raise ApiError(
            f"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of "
            f"{found['status']}."
        )  # fmt: skip
    return close(account, found)


def close(account: Account, session: dict) -> dict:
    account.change(session, None, status="expired", url=None)
    account.tell("checkout.session.expired", session)
    return session


@route(
    "GET",
    "/v1/checkout/sessions/{session}/line_items",
    params="checkout.SessionLineItemListParams",
    answers="list:item",
)
def list_line_items(account: Account, params: dict, session: str) -> dict:
    return line_items_of(account, account.find("checkout.session", session))


@included("checkout.session", "line_items")
def line_items_of(account: Account, session: dict) -> dict:
    left = session["total_details"]["amount_discount"] if session["total_details"] else 0
    rows = []
    for number, one in enumerate(session["_lines"]):
        price = account.objects[one["price"]]
        amount = price["unit_amount"] * one["quantity"]
        off = min(left, amount)
        left -= off
        rows.append(
            {
                "id": f"li_{session['id'][8:30]}{number}", "object": "item", "amount_discount": off,
                "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount - off, "currency": price["currency"],
                "description": invoicing.name_of(account, price), "price": price, "quantity": one["quantity"],
            }
        )  # fmt: skip
    return all_of(rows, f"/v1/checkout/sessions/{session['id']}/line_items")


# --- What the person on the page does ---------------------------------------------------------------------------------


def apply_code(account: Account, session: dict, code: str) -> None:
    """Raises ApiError in words for the person who typed it."""
    if not session["allow_promotion_codes"]:
        raise ApiError("This Checkout takes no promotion codes.")
    found = catalogue.redeemable(account, code, customer=session["customer"], amount=session["_subtotal"])
    coupon = account.objects[found["promotion"]["coupon"]]
    discount_session(account, session, [{"coupon": coupon, "promotion_code": found}])


def remove_code(account: Account, session: dict) -> None:
    discount_session(account, session, [])


def submit(
    account: Account, session: dict, method: dict, *, email: str | None = None, authenticated: bool | None = None
) -> str:
    """Pay or save with the card: "complete", or "authenticate" when the person has to show that it is theirs.

    Raises ApiError (402) when the bank refuses; the session stays open for another try.
    """
    if session["status"] != "open":
        raise ApiError("This Checkout Session is not open any more.")
    if session["mode"] == "setup":
        return submit_setup(account, session, method, authenticated=authenticated)
    customer = customer_for(account, session, method, email)
    if session["amount_total"] == 0:
        return submit_free(account, session, customer, method, authenticated=authenticated)
    intent = open_intent(
        account, customer=customer, amount=session["amount_total"], currency=session["currency"],
        description="Subscription creation",
    )  # fmt: skip
    outcome = attempt(account, intent, method, authenticated=authenticated)
    if outcome.status == "requires_action":
        return "authenticate"
    if outcome.status == "failed":
        raise outcome.as_error(account)
    complete(account, session, customer, method, intent)
    return "complete"


def submit_free(account: Account, session: dict, customer: dict, method: dict, *, authenticated: bool | None) -> str:
    """Nothing is due today, but the card is saved, so that it has to be good."""
    if (asked := ask_first(method, authenticated)) is not None:
        return asked
    complete(account, session, customer, method, None)
    return "complete"


def ask_first(method: dict, authenticated: bool | None) -> str | None:
    if authenticated:
        method["_authenticated"] = True
    if wants_authentication(method) and not authenticated:
        if authenticated is False:
            raise refusal("authentication_required")
        return "authenticate"
    if decline_code := card_of(method).declines:
        raise refusal(decline_code)
    return None


def refusal(decline_code: str) -> ApiError:
    code, message = DECLINES[decline_code]
    return declined(code, message, decline_code=decline_code)


def submit_setup(account: Account, session: dict, method: dict, *, authenticated: bool | None) -> str:
    if (asked := ask_first(method, authenticated)) is not None:
        return asked
    intent = account.objects[session["setup_intent"]]
    if session["customer"]:
        attach_to(account, method, account.objects[session["customer"]])
    account.change(intent, "setup_intent.succeeded", status="succeeded", payment_method=method["id"])
    finish(account, session)
    return "complete"


def customer_for(account: Account, session: dict, method: dict, email: str | None) -> dict:
    if session["customer"]:
        customer = account.objects[session["customer"]]
        if session["_customer_update"].get("name") == "auto" and method["billing_details"]["name"]:
            account.change(customer, "customer.updated", name=method["billing_details"]["name"])
        return customer
    if found := account.objects.get(session.get("_customer")):  # of a try before, which was declined
        return found
    details = method["billing_details"]
    made = customers.open_customer(account, email=email or session["customer_email"], name=details["name"])
    session["_customer"] = made["id"]
    return made


def complete(account: Account, session: dict, customer: dict, method: dict, intent: dict | None) -> None:
    """Stripe makes the subscription only now that it is paid."""
    attach_to(account, method, customer)
    discounts = [
        catalogue.redeem(account, **one, customer=customer["id"], checkout_session=session["id"])
        for one in named_discounts(account, session["discounts"])
    ]
    subscription = billing.begin(
        account, customer=customer, wanted=session["_lines"], status="incomplete", discounts=discounts,
        **session["_subscription"], default_payment_method=method["id"],
    )  # fmt: skip
    invoice = first_invoice(account, customer, subscription)
    if intent:
        account.change(intent, None, description="Subscription creation")
        invoicing.link_payment(account, invoice, intent)
    if invoice["amount_due"] == 0 or intent:
        billing.settle(account, invoice, intent)
    finish(
        account, session, customer=customer["id"], subscription=subscription["id"], invoice=invoice["id"],
        payment_status="paid" if intent else "no_payment_required",
        customer_details={"email": customer["email"], "name": customer["name"], "tax_exempt": "none", "tax_ids": []},
    )  # fmt: skip


def finish(account: Account, session: dict, **values) -> None:
    account.change(session, None, status="complete", url=None, **values)
    account.tell("checkout.session.completed", session)
