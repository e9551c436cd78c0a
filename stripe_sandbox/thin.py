"""Thin events: a name, a time, and where to ask for the object."""

from stripe_sandbox import sdk
from stripe_sandbox.account import Account
from stripe_sandbox.periods import iso

# Where the object of an event can be asked for, by its kind.
PATHS = {
    "billing_portal.configuration": "/v1/billing_portal/configurations",
    "billing_portal.session": "/v1/billing_portal/sessions",
    "charge": "/v1/charges",
    "checkout.session": "/v1/checkout/sessions",
    "coupon": "/v1/coupons",
    "customer": "/v1/customers",
    "dispute": "/v1/disputes",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "payment_intent": "/v1/payment_intents",
    "payment_method": "/v1/payment_methods",
    "price": "/v1/prices",
    "product": "/v1/products",
    "promotion_code": "/v1/promotion_codes",
    "refund": "/v1/refunds",
    "setup_intent": "/v1/setup_intents",
    "subscription": "/v1/subscriptions",
}


def fits(kind: str, wanted: list[str]) -> bool:
    """Whether the list of a destination names the event, or all of them."""
    return kind in wanted or "*" in wanted


def thin_event(account: Account, event: dict) -> dict | None:
    """The thin event that goes with a snapshot; None when Stripe has none of that name."""
    kind = f"v1.{event['type']}"
    if (shape := sdk.thin_class(kind)) is None:
        return None
    asked = event["request"]
    reason = {"type": "request", "request": {"id": asked["id"], "idempotency_key": asked["idempotency_key"] or ""}}
    made = {
        "id": account.new_id("evt", 40),
        "object": "v2.core.event",
        "type": kind,
        "created": iso(event["created"]),
        "livemode": event["livemode"],
        "context": None,
        "reason": reason if asked["id"] else None,
        "changes": None,
        "snapshot_event": event["id"],
    }
    about = event["data"]["object"]
    if "related_object" in sdk.annotations(shape):
        path = PATHS[about["object"]]
        made["related_object"] = {"id": about["id"], "type": about["object"], "url": f"{path}/{about['id']}"}
    if kind == "v1.invoice.upcoming":
        details = about["parent"]["subscription_details"]
        made["data"] = {"customer": about["customer"], "subscription": details["subscription"]}
    return account.keep(made)


def notification(event: dict) -> dict:
    """What is delivered of a thin event: without what only the API tells."""
    left_out = ("changes", "data", "snapshot_event")
    return {name: value for name, value in event.items() if name not in left_out}
