from stripe_sandbox import billing, invoicing, sdk
from stripe_sandbox.account import Account, all_of
from stripe_sandbox.api.payments import payment_method_of
from stripe_sandbox.errors import ApiError
from stripe_sandbox.routes import page, route


@route(
    "GET",
    "/v1/invoices",
    params="InvoiceListParams",
    takes="collection_method customer status subscription",
    answers="list:invoice",
)
def list_all(account: Account, params: dict) -> dict:
    equal = {name: params.get(name) for name in ("collection_method", "customer", "status")}
    found = list(account.all("invoice", **equal))
    if wanted := params.get("subscription"):
        found = [one for one in found if (invoicing.subscription_of(account, one) or {}).get("id") == wanted]
    return page(account, found, params, "/v1/invoices")


@route("GET", "/v1/invoices/{invoice}", params="InvoiceRetrieveParams", answers="invoice")
def retrieve(account: Account, params: dict, invoice: str) -> dict:
    return account.find("invoice", invoice)


@route("GET", "/v1/invoices/{invoice}/lines", params="InvoiceLineItemListParams", answers="list:line_item")
def list_lines(account: Account, params: dict, invoice: str) -> dict:
    return all_of(account.find("invoice", invoice)["lines"]["data"], f"/v1/invoices/{invoice}/lines")


@route(
    "POST",
    "/v1/invoices/{invoice}/pay",
    params="InvoicePayParams",
    takes="off_session payment_method",
    answers="invoice",
)
def pay(account: Account, params: dict, invoice: str) -> dict:
    found = account.find("invoice", invoice)
    refuse_closed(found)
    customer = account.objects[found["customer"]]
    method = None
    if wanted := params.get("payment_method"):
        method = payment_method_of(account, customer, wanted, param="payment_method")
    if found["status"] == "draft":
        invoicing.finalize(account, found)
    if found["amount_due"] and not (method or billing.method_for(account, found)):
        raise ApiError(
            "There is no `default_payment_method` set on this Customer or Invoice. Please attach one or pass a "
            "`payment_method` to this call.",
            code="missing_payment_method",
        )
    outcome = billing.collect(account, found, method=method)
    if outcome and outcome.status != "succeeded":
        raise outcome.as_error(account)
    return found


def refuse_closed(invoice: dict) -> None:
    if invoice["status"] == "paid":
        raise ApiError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] in ("void", "uncollectible"):
        raise ApiError(f"This invoice can't be paid: it is {invoice['status']}.", code="invoice_not_editable")


@route(
    "POST",
    "/v1/invoices/{invoice}/finalize",
    params="InvoiceFinalizeInvoiceParams",
    takes="auto_advance",
    answers="invoice",
)
def finalize(account: Account, params: dict, invoice: str) -> dict:
    found = account.find("invoice", invoice)
    if found["status"] != "draft":
        raise ApiError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    return invoicing.finalize(account, found)


@route("POST", "/v1/invoices/{invoice}/void", params="InvoiceVoidInvoiceParams", answers="invoice")
def void(account: Account, params: dict, invoice: str) -> dict:
    found = account.find("invoice", invoice)
    if found["status"] not in ("open", "uncollectible"):
        raise ApiError(f"You can only pass in open or uncollectible invoices. This invoice is {found['status']}.")
    return invoicing.void_invoice(account, found)


@route(
    "POST",
    "/v1/invoices/{invoice}/mark_uncollectible",
    params="InvoiceMarkUncollectibleParams",
    answers="invoice",
)
def mark_uncollectible(account: Account, params: dict, invoice: str) -> dict:
    found = account.find("invoice", invoice)
    if found["status"] != "open":
        raise ApiError(f"You can only mark open invoices as uncollectible. This invoice is {found['status']}.")
    transitions = found["status_transitions"] | {"marked_uncollectible_at": account.now}
    account.change(found, None, status="uncollectible", status_transitions=transitions, next_payment_attempt=None)
    account.tell("invoice.marked_uncollectible", found)
    return found


@route(
    "POST",
    "/v1/invoices/create_preview",
    params="InvoiceCreatePreviewParams",
    takes="currency customer discounts subscription subscription_details",
    answers="invoice",
)
def create_preview(account: Account, params: dict) -> dict:
    """What a change would cost at once or, without one, the next renewal."""
    wanted = params.get("subscription")
    if wanted is None:
        raise ApiError(
            "The sandbox previews only changes of a subscription: pass `subscription`.", param="subscription"
        )
    subscription = account.find("subscription", wanted, param="subscription")
    if not billing.is_live(subscription):
        raise ApiError("No upcoming invoices for customer: the subscription is canceled.", code="invoice_upcoming_none")
    details = params.get("subscription_details", {})
    lines, reason = previewed_lines(account, subscription, details)
    customer = account.objects[subscription["customer"]]
    made = invoicing.draft(
        account, customer=customer, subscription=subscription, lines=lines, reason=reason, keep=False
    )
    return previewed(account, made, customer, details)


def previewed_lines(account: Account, subscription: dict, details: dict) -> tuple[list[invoicing.Line], str]:
    if "items" not in details:
        if subscription["cancel_at_period_end"] or details.get("cancel_at_period_end"):
            raise ApiError("No upcoming invoices for customer: the subscription ends.", code="invoice_upcoming_none")
        return renewal_lines(account, subscription, billing.items_of(subscription)), "upcoming"
    behavior = details.get("proration_behavior", "create_prorations")
    at = details.get("proration_date") or account.now
    plan = billing.plan_change(account, subscription, details["items"], behavior=behavior, at=at)
    if plan.bill_now:
        return plan.lines, "upcoming"
    return plan.lines + renewal_lines(account, subscription, plan.items), "upcoming"


def renewal_lines(account: Account, subscription: dict, items: list[dict]) -> list[invoicing.Line]:
    start = billing.period_end_of(subscription)
    return invoicing.period_lines(account, [billing.restarted(item, start) for item in items])


def previewed(account: Account, made: dict, customer: dict, details: dict) -> dict:
    due = max(0, made["total"] + customer["balance"])
    shown = made | {"amount_due": due, "amount_remaining": due}
    if at := details.get("proration_date"):
        inner = shown["parent"]["subscription_details"] | {"subscription_proration_date": at}
        shown["parent"] = shown["parent"] | {"subscription_details": inner}
    return sdk.complete("invoice", shown)


@route(
    "GET",
    "/v1/invoice_payments",
    params="InvoicePaymentListParams",
    takes="invoice payment status",
    answers="list:invoice_payment",
)
def list_payments(account: Account, params: dict) -> dict:
    wanted = params.get("payment", {}).get("payment_intent")
    found = [
        one
        for one in account.all("invoice_payment", invoice=params.get("invoice"), status=params.get("status"))
        if wanted in (None, one["payment"]["payment_intent"])
    ]
    return page(account, found, params, "/v1/invoice_payments")


@route("GET", "/v1/invoice_payments/{payment}", params="InvoicePaymentRetrieveParams", answers="invoice_payment")
def retrieve_payment(account: Account, params: dict, payment: str) -> dict:
    return account.find("invoice_payment", payment)
