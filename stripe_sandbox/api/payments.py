"""Payment methods, and what happens to money: payment intents, charges, refunds, disputes."""

from dataclasses import dataclass

from stripe_sandbox.account import Account, all_of, included
from stripe_sandbox.cards import CARDS, DECLINES, TOKENS, Card
from stripe_sandbox.errors import ApiError, declined
from stripe_sandbox.routes import page, route

DISPUTE_ANSWER_DAYS = 7


# --- Payment methods --------------------------------------------------------------------------------------------------


def save_card(account: Account, card: Card, *, month=12, year=2034, name=None, email=None) -> dict:
    """A payment method that belongs to nobody yet."""
    return account.add(
        "payment_method",
        "pm",
        type="card",
        allow_redisplay="limited",
        billing_details={"address": {}, "name": name, "email": email},
        metadata={},
        customer=None,
        card={
            "brand": card.brand,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "funding": "credit",
            "country": "US",
            "last4": card.last4,
            "fingerprint": f"sandbox{card.number}",
            "checks": {"cvc_check": "pass"},
            "networks": {"available": [card.brand]},
            "three_d_secure_usage": {"supported": True},
        },
        _card=card.number,
        _authenticated=False,
    )


def card_of(method: dict) -> Card:
    return CARDS[method["_card"]]


def attach_to(account: Account, method: dict, customer: dict) -> dict:
    """Raises ApiError (402) for a card that its bank declines."""
    if decline_code := card_of(method).declines:
        code, message = DECLINES[decline_code]
        raise declined(code, message, decline_code=decline_code)
    if method["customer"] != customer["id"]:
        account.change(method, None, customer=customer["id"])
        account.tell("payment_method.attached", method)
    return method


def payment_method_of(account: Account, customer: dict, wanted: str, *, param: str) -> dict:
    found = account.find("payment_method", wanted, param=param)
    if found["customer"] != customer["id"]:
        raise ApiError(
            f"The customer does not have a payment method with the ID {wanted}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param=param,
        )
    return found


@route(
    "GET", "/v1/payment_methods", params="PaymentMethodListParams", takes="customer type", answers="list:payment_method"
)
def list_methods(account: Account, params: dict) -> dict:
    found = account.all("payment_method", customer=params.get("customer"), type=params.get("type"))
    return page(account, found, params, "/v1/payment_methods")


@route("GET", "/v1/payment_methods/{method}", params="PaymentMethodRetrieveParams", answers="payment_method")
def retrieve_method(account: Account, params: dict, method: str) -> dict:
    return named_method(account, method)


def named_method(account: Account, wanted: str) -> dict:
    """The payment method; a new one when a test card is meant by its token."""
    if wanted in TOKENS:
        return save_card(account, CARDS[TOKENS[wanted]])
    return account.find("payment_method", wanted, param="payment_method")


@route(
    "POST",
    "/v1/payment_methods/{method}/attach",
    params="PaymentMethodAttachParams",
    takes="customer",
    answers="payment_method",
)
def attach(account: Account, params: dict, method: str) -> dict:
    customer = account.find("customer", params.get("customer", ""), param="customer")
    return attach_to(account, named_method(account, method), customer)


@route("POST", "/v1/payment_methods/{method}/detach", params="PaymentMethodDetachParams", answers="payment_method")
def detach(account: Account, params: dict, method: str) -> dict:
    found = account.find("payment_method", method, param="payment_method")
    if found["customer"] is None:
        raise ApiError("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = account.objects[found["customer"]]
    account.change(found, "payment_method.detached", customer=None)
    settings = customer.get("invoice_settings") or {}
    if settings.get("default_payment_method") == method:
        account.change(customer, "customer.updated", invoice_settings=settings | {"default_payment_method": None})
    for subscription in account.all("subscription", default_payment_method=method):
        account.change(subscription, "customer.subscription.updated", default_payment_method=None)
    return found


@route(
    "POST",
    "/v1/payment_methods/{method}",
    params="PaymentMethodUpdateParams",
    takes="billing_details card metadata",
    answers="payment_method",
)
def update_method(account: Account, params: dict, method: str) -> dict:
    found = account.find("payment_method", method, param="payment_method")
    values = {name: found[name] | value for name, value in params.items() if isinstance(value, dict)}
    return account.change(found, "payment_method.updated", **values)


# --- Paying -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt to pay: `status` is "succeeded", "failed" or "requires_action"."""

    status: str
    intent: dict
    decline_code: str = ""

    @property
    def message(self) -> str:
        return DECLINES[self.decline_code][1]

    def as_error(self, account: Account) -> ApiError:
        code, message = DECLINES[self.decline_code or "authentication_required"]
        decline_code = self.decline_code or "authentication_required"
        return declined(code, message, decline_code=decline_code, payment_intent=account.render(self.intent))


def open_intent(account: Account, *, customer: dict, amount: int, currency: str, description: str) -> dict:
    intent_id = account.new_id("pi")
    intent = account.add(
        "payment_intent",
        "pi",
        id=intent_id,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        amount_details={},
        capture_method="automatic",
        client_secret=f"{intent_id}_secret_{account.new_id('s', 24)[2:]}",
        confirmation_method="automatic",
        currency=currency,
        customer=customer["id"],
        description=description,
        metadata={},
        payment_method_types=["card"],
        setup_future_usage="off_session",
        status="requires_payment_method",
    )
    account.tell("payment_intent.created", intent)
    return intent


def attempt(account: Account, intent: dict, method: dict, *, authenticated: bool | None = None) -> Outcome:
    """Charge the card. `authenticated` says how the person did at 3-D Secure, None that nobody was asked."""
    card = card_of(method)
    if authenticated:
        method["_authenticated"] = True
    account.change(intent, None, payment_method=method["id"], next_action=None)
    if wants_authentication(method) and not authenticated:
        if authenticated is False:
            return fail(account, intent, method, "authentication_required")
        return ask_for_authentication(account, intent)
    if decline_code := card.declines or card.fails_later:
        return fail(account, intent, method, decline_code)
    return succeed(account, intent, method)


def wants_authentication(method: dict) -> bool:
    card = card_of(method)
    return card.authentication == "always" or (card.authentication == "once" and not method["_authenticated"])


def ask_for_authentication(account: Account, intent: dict) -> Outcome:
    account.change(
        intent,
        "payment_intent.requires_action",
        status="requires_action",
        next_action={"type": "use_stripe_sdk"},
    )
    return Outcome("requires_action", intent)


def fail(account: Account, intent: dict, method: dict, decline_code: str) -> Outcome:
    code, message = DECLINES[decline_code]
    charge = add_charge(
        account, intent, method, status="failed", paid=False, captured=False, amount_captured=0,
        failure_code=code, failure_message=message,
        outcome={"type": "issuer_declined", "network_status": "declined_by_network", "reason": decline_code},
    )  # fmt: skip
    error = {
        "type": "card_error",
        "code": code,
        "decline_code": decline_code,
        "message": message,
        "charge": charge["id"],
    }
    account.tell("charge.failed", charge)
    account.change(
        intent,
        "payment_intent.payment_failed",
        status="requires_payment_method",
        latest_charge=charge["id"],
        last_payment_error=error,
        payment_method=None,
    )
    return Outcome("failed", intent, decline_code)


def succeed(account: Account, intent: dict, method: dict) -> Outcome:
    charge = add_charge(
        account, intent, method, status="succeeded", paid=True, captured=True, amount_captured=intent["amount"],
        outcome={"type": "authorized", "network_status": "approved_by_network", "seller_message": "Payment complete."},
    )  # fmt: skip
    account.tell("charge.succeeded", charge)
    account.change(
        intent,
        "payment_intent.succeeded",
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
    )
    if reason := card_of(method).disputed:
        dispute(account, charge, reason=reason)
    return Outcome("succeeded", intent)


def add_charge(account: Account, intent: dict, method: dict, **given) -> dict:
    card = method["card"]
    return account.add(
        "charge",
        "ch",
        amount=intent["amount"],
        amount_refunded=0,
        billing_details=method["billing_details"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        metadata={},
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={
            "type": "card",
            "card": {name: card[name] for name in ("brand", "country", "exp_month", "exp_year", "funding", "last4")},
        },
        refunded=False,
        **given,
    )


@route("GET", "/v1/payment_intents", params="PaymentIntentListParams", takes="customer", answers="list:payment_intent")
def list_intents(account: Account, params: dict) -> dict:
    return page(account, account.all("payment_intent", customer=params.get("customer")), params, "/v1/payment_intents")


@route("GET", "/v1/payment_intents/{intent}", params="PaymentIntentRetrieveParams", answers="payment_intent")
def retrieve_intent(account: Account, params: dict, intent: str) -> dict:
    return account.find("payment_intent", intent, param="intent")


@route("GET", "/v1/charges", params="ChargeListParams", takes="customer payment_intent", answers="list:charge")
def list_charges(account: Account, params: dict) -> dict:
    found = account.all("charge", customer=params.get("customer"), payment_intent=params.get("payment_intent"))
    return page(account, found, params, "/v1/charges")


@route("GET", "/v1/charges/{charge}", params="ChargeRetrieveParams", answers="charge")
def retrieve_charge(account: Account, params: dict, charge: str) -> dict:
    return account.find("charge", charge)


@included("charge", "refunds")
def refunds_of(account: Account, charge: dict) -> dict:
    return all_of(account.all("refund", charge=charge["id"]), f"/v1/charges/{charge['id']}/refunds")


@route("GET", "/v1/setup_intents/{intent}", params="SetupIntentRetrieveParams", answers="setup_intent")
def retrieve_setup_intent(account: Account, params: dict, intent: str) -> dict:
    return account.find("setup_intent", intent, param="intent")


# --- Refunds ----------------------------------------------------------------------------------------------------------


@route(
    "POST",
    "/v1/refunds",
    params="RefundCreateParams",
    takes="amount charge payment_intent reason metadata",
    answers="refund",
)
def refund(account: Account, params: dict) -> dict:
    charge = charge_to_refund(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    amount = params.get("amount", left)
    if not 0 < amount <= left:
        raise ApiError(
            f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})",
            param="amount",
        )
    return give_back(account, charge, amount, params)


def charge_to_refund(account: Account, params: dict) -> dict:
    if "charge" in params:
        return account.find("charge", params["charge"], param="charge")
    if "payment_intent" not in params:
        raise ApiError("One of the following params should be provided for this request: payment_intent or charge.")
    intent = account.find("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
    return account.objects[intent["latest_charge"]]


def give_back(account: Account, charge: dict, amount: int, params: dict) -> dict:
    made = account.add(
        "refund",
        "re",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        metadata=params.get("metadata") or {},
        status="succeeded",
    )
    account.tell("refund.created", made)
    refunded = charge["amount_refunded"] + amount
    account.change(charge, "charge.refunded", amount_refunded=refunded, refunded=refunded == charge["amount"])
    return made


@route("GET", "/v1/refunds", params="RefundListParams", takes="charge payment_intent", answers="list:refund")
def list_refunds(account: Account, params: dict) -> dict:
    found = account.all("refund", charge=params.get("charge"), payment_intent=params.get("payment_intent"))
    return page(account, found, params, "/v1/refunds")


@route("GET", "/v1/refunds/{refund_id}", params="RefundRetrieveParams", answers="refund")
def retrieve_refund(account: Account, params: dict, refund_id: str) -> dict:
    return account.find("refund", refund_id)


# --- Disputes ---------------------------------------------------------------------------------------------------------


def dispute(account: Account, charge: dict, *, reason: str = "fraudulent") -> dict:
    """The cardholder asks the bank for the money back."""
    made = account.add(
        "dispute",
        "du",
        amount=charge["amount"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details={
            "due_by": account.now + DISPUTE_ANSWER_DAYS * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    account.change(charge, None, disputed=True)
    account.tell("charge.dispute.created", made)
    return made


def close_dispute(account: Account, found: dict, status: str) -> dict:
    account.change(found, None, status=status)
    account.tell("charge.dispute.closed", found)
    return found


@route("GET", "/v1/disputes", params="DisputeListParams", takes="charge payment_intent", answers="list:dispute")
def list_disputes(account: Account, params: dict) -> dict:
    found = account.all("dispute", charge=params.get("charge"), payment_intent=params.get("payment_intent"))
    return page(account, found, params, "/v1/disputes")


@route("GET", "/v1/disputes/{dispute_id}", params="DisputeRetrieveParams", answers="dispute")
def retrieve_dispute(account: Account, params: dict, dispute_id: str) -> dict:
    return account.find("dispute", dispute_id)


@route("POST", "/v1/disputes/{dispute_id}/close", params="DisputeCloseParams", answers="dispute")
def accept_dispute(account: Account, params: dict, dispute_id: str) -> dict:
    return close_dispute(account, account.find("dispute", dispute_id), "lost")
