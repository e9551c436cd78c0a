from stripe_sandbox.account import Account, all_of, included
from stripe_sandbox.api.payments import payment_method_of
from stripe_sandbox.billing import end_subscription, is_live
from stripe_sandbox.errors import ApiError
from stripe_sandbox.params import emptied, merged
from stripe_sandbox.routes import page, route

FIELDS = "address description email metadata name phone preferred_locales shipping tax_exempt"


@route("POST", "/v1/customers", params="CustomerCreateParams", takes=f"{FIELDS} invoice_settings", answers="customer")
def create(account: Account, params: dict) -> dict:
    return open_customer(account, **params)


def open_customer(account: Account, **given) -> dict:
    settings = given.pop("invoice_settings", {})
    given = {name: emptied(value) for name, value in given.items()}
    customer = account.add(
        "customer",
        "cus",
        **{"balance": 0, "delinquent": False, "tax_exempt": "none", "preferred_locales": [], "metadata": {}, **given},
        invoice_settings=settings,
        invoice_prefix=account.new_id("x", 8)[2:].upper(),
        next_invoice_sequence=1,
    )
    account.tell("customer.created", customer)
    return customer


@route("GET", "/v1/customers", params="CustomerListParams", takes="email", answers="list:customer")
def list_all(account: Account, params: dict) -> dict:
    return page(account, account.all("customer", email=params.get("email")), params, "/v1/customers")


@route("GET", "/v1/customers/{customer}", params="CustomerRetrieveParams", answers="customer")
def retrieve(account: Account, params: dict, customer: str) -> dict:
    gone = account.objects.get(customer)
    if gone and gone["object"] == "customer" and gone.get("deleted"):
        return gone
    return account.find("customer", customer)


@route(
    "POST",
    "/v1/customers/{customer}",
    params="CustomerUpdateParams",
    takes=f"{FIELDS} balance invoice_settings",
    answers="customer",
)
def update(account: Account, params: dict, customer: str) -> dict:
    found = account.find("customer", customer)
    values = {name: emptied(value) for name, value in params.items()}
    if "metadata" in values:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    if "invoice_settings" in values:
        values["invoice_settings"] = found["invoice_settings"] | settings_of(account, found, params["invoice_settings"])
    return account.change(found, "customer.updated", **values)


def settings_of(account: Account, customer: dict, given: dict) -> dict:
    if wanted := given.get("default_payment_method"):
        payment_method_of(account, customer, wanted, param="invoice_settings[default_payment_method]")
    return {name: emptied(value) for name, value in given.items()}


@route("DELETE", "/v1/customers/{customer}", params="CustomerDeleteParams", answers="customer")
def delete(account: Account, params: dict, customer: str) -> dict:
    """Its subscriptions are cancelled at once, its cards forgotten."""
    found = account.find("customer", customer)
    for subscription in account.all("subscription", customer=customer):
        if is_live(subscription):
            end_subscription(account, subscription, reason="cancellation_requested")
    for method in account.all("payment_method", customer=customer):
        account.change(method, None, customer=None)
    return account.delete(found, "customer.deleted")


@route(
    "GET",
    "/v1/customers/{customer}/payment_methods",
    params="CustomerPaymentMethodListParams",
    takes="type",
    answers="list:payment_method",
)
def list_payment_methods(account: Account, params: dict, customer: str) -> dict:
    account.find("customer", customer)
    found = account.all("payment_method", customer=customer, type=params.get("type"))
    return page(account, found, params, f"/v1/customers/{customer}/payment_methods")


@route(
    "GET",
    "/v1/customers/{customer}/payment_methods/{method}",
    params="CustomerPaymentMethodRetrieveParams",
    answers="payment_method",
)
def retrieve_payment_method(account: Account, params: dict, customer: str, method: str) -> dict:
    return payment_method_of(account, account.find("customer", customer), method, param="payment_method")


@included("customer", "subscriptions")
def subscriptions_of(account: Account, customer: dict) -> dict:
    found = [one for one in account.all("subscription", customer=customer["id"]) if one["status"] != "canceled"]
    return all_of(found, f"/v1/customers/{customer['id']}/subscriptions")


def of(account: Account, params: dict) -> dict:
    """The customer that `params` name; Raises ApiError without one."""
    if "customer" not in params:
        raise ApiError("Missing required param: customer.", code="parameter_missing", param="customer")
    return account.find("customer", params["customer"], param="customer")
