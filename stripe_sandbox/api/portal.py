"""The billing portal: what it may do (configurations), and whom it is opened for (sessions)."""

from stripe_sandbox.account import Account
from stripe_sandbox.errors import ApiError
from stripe_sandbox.params import emptied, merged
from stripe_sandbox.routes import page, route

REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "customer_service", "too_complex"]
REASONS += ["low_quality", "other"]
FEATURES = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": REASONS},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
    "subscription_update": {
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "products": [],
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
CONFIGURED = "business_profile default_return_url features login_page metadata name"


@route(
    "POST",
    "/v1/billing_portal/configurations",
    params="billing_portal.ConfigurationCreateParams",
    takes=CONFIGURED,
    answers="billing_portal.configuration",
)
def create_configuration(account: Account, params: dict) -> dict:
    features = with_features(account, FEATURES, params["features"])
    made = account.add(
        "billing_portal.configuration",
        "bpc",
        active=True,
        business_profile=params.get("business_profile") or {},
        default_return_url=emptied(params.get("default_return_url")),
        features=features,
        is_default=False,
        login_page=params.get("login_page") or {"enabled": False},
        metadata=params.get("metadata") or {},
        name=emptied(params.get("name")),
        updated=account.now,
    )
    account.tell("billing_portal.configuration.created", made)
    return made


def with_features(account: Account, present: dict, given: dict) -> dict:
    for product in given.get("subscription_update", {}).get("products") or []:
        account.find("product", product["product"], param="features[subscription_update][products][0][product]")
        for price in product["prices"]:
            account.find("price", price, param="features[subscription_update][products][0][prices][0]")
    features = {name: value | given.get(name, {}) for name, value in present.items()}
    products = features["subscription_update"]["products"] or []
    features["subscription_update"]["products"] = [
        {"adjustable_quantity": {"enabled": False, "minimum": 1, "maximum": None}, **one} for one in products
    ]
    return features


@route(
    "GET",
    "/v1/billing_portal/configurations",
    params="billing_portal.ConfigurationListParams",
    takes="active is_default",
    answers="list:billing_portal.configuration",
)
def list_configurations(account: Account, params: dict) -> dict:
    equal = {name: params.get(name) for name in ("active", "is_default")}
    found = account.all("billing_portal.configuration", **equal)
    return page(account, found, params, "/v1/billing_portal/configurations")


@route(
    "GET",
    "/v1/billing_portal/configurations/{configuration}",
    params="billing_portal.ConfigurationRetrieveParams",
    answers="billing_portal.configuration",
)
def retrieve_configuration(account: Account, params: dict, configuration: str) -> dict:
    return account.find("billing_portal.configuration", configuration)


@route(
    "POST",
    "/v1/billing_portal/configurations/{configuration}",
    params="billing_portal.ConfigurationUpdateParams",
    takes=f"active {CONFIGURED}",
    answers="billing_portal.configuration",
)
def update_configuration(account: Account, params: dict, configuration: str) -> dict:
    found = account.find("billing_portal.configuration", configuration)
    values = {name: emptied(value) for name, value in params.items()}
    if "features" in params:
        values["features"] = with_features(account, found["features"], params["features"])
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    for name in ("business_profile", "login_page"):
        if name in params:
            values[name] = found[name] | {key: emptied(value) for key, value in params[name].items()}
    return account.change(found, "billing_portal.configuration.updated", **values, updated=account.now)


@route(
    "POST",
    "/v1/billing_portal/sessions",
    params="billing_portal.SessionCreateParams",
    takes="configuration customer flow_data locale return_url",
    answers="billing_portal.session",
)
def create_session(account: Account, params: dict) -> dict:
    customer = account.find("customer", params.get("customer", ""), param="customer")
    configuration = configuration_for(account, params)
    secret = account.new_id("p", 24)[2:]
    made = account.add(
        "billing_portal.session",
        "bps",
        configuration=configuration["id"],
        customer=customer["id"],
        flow=flow(account, customer, params["flow_data"]) if "flow_data" in params else None,
        locale=params.get("locale"),
        return_url=params.get("return_url") or configuration["default_return_url"],
        url=f"{account.settings['address']}/p/session/{secret}",
        _secret=secret,
    )
    account.tell("billing_portal.session.created", made)
    return made


def configuration_for(account: Account, params: dict) -> dict:
    if wanted := params.get("configuration"):
        return account.find("billing_portal.configuration", wanted, param="configuration")
    for found in account.all("billing_portal.configuration", is_default=True):
        return found
    raise ApiError(
        "No configuration provided and your test mode default configuration has not been created. Provide a "
        "configuration or create your default by saving your customer portal settings in test mode."
    )


def flow(account: Account, customer: dict, given: dict) -> dict:
    """A page of the portal that is opened at once, and left when its one thing is done."""
    kind = given["type"]
    after = given.get("after_completion") or {"type": "portal_homepage"}
    made = {"type": kind, "after_completion": after}
    if kind == "payment_method_update":
        return made
    if kind not in ("subscription_cancel", "subscription_update", "subscription_update_confirm"):
        raise ApiError(f"The sandbox has no flow {kind}.", status=501, kind="api_error", param="flow_data[type]")
    inside = given.get(kind)
    if inside is None:
        raise ApiError(
            f"Missing required param: flow_data[{kind}].", code="parameter_missing", param=f"flow_data[{kind}]"
        )
    found = account.find("subscription", inside["subscription"], param=f"flow_data[{kind}][subscription]")
    if found["customer"] != customer["id"]:
        raise ApiError(f"The subscription {found['id']} doesn't belong to the customer.", param=f"flow_data[{kind}]")
    return made | {kind: inside}
