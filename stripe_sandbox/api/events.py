"""Events of both versions, and where they are sent."""

from stripe_sandbox.account import Account
from stripe_sandbox.errors import ApiError
from stripe_sandbox.params import merged
from stripe_sandbox.periods import iso
from stripe_sandbox.routes import page, route
from stripe_sandbox.thin import fits

# --- Snapshot events --------------------------------------------------------------------------------------------------


@route("GET", "/v1/events", params="EventListParams", takes="type types", answers="list:event")
def list_events(account: Account, params: dict) -> dict:
    wanted = params.get("types") or ([params["type"]] if "type" in params else ["*"])
    return page(account, [one for one in account.all("event") if fits(one["type"], wanted)], params, "/v1/events")


@route("GET", "/v1/events/{event}", params="EventRetrieveParams", answers="event")
def retrieve_event(account: Account, params: dict, event: str) -> dict:
    return account.find("event", event)


# --- Webhook endpoints ------------------------------------------------------------------------------------------------


@route(
    "POST",
    "/v1/webhook_endpoints",
    params="WebhookEndpointCreateParams",
    takes="api_version description enabled_events metadata url",
    answers="webhook_endpoint",
)
def create_endpoint(account: Account, params: dict) -> dict:
    """The only answer that ever holds its secret."""
    secret = f"whsec_{account.new_id('s', 32)[2:]}"
    given = {"metadata": {}, **params}
    made = account.add("webhook_endpoint", "we", **given, status="enabled", _secret=secret)
    return made | {"secret": secret}


@route("GET", "/v1/webhook_endpoints", params="WebhookEndpointListParams", answers="list:webhook_endpoint")
def list_endpoints(account: Account, params: dict) -> dict:
    return page(account, account.all("webhook_endpoint"), params, "/v1/webhook_endpoints")


@route("GET", "/v1/webhook_endpoints/{endpoint}", params="WebhookEndpointRetrieveParams", answers="webhook_endpoint")
def retrieve_endpoint(account: Account, params: dict, endpoint: str) -> dict:
    return account.find("webhook_endpoint", endpoint)


@route(
    "POST",
    "/v1/webhook_endpoints/{endpoint}",
    params="WebhookEndpointUpdateParams",
    takes="description disabled enabled_events metadata url",
    answers="webhook_endpoint",
)
def update_endpoint(account: Account, params: dict, endpoint: str) -> dict:
    found = account.find("webhook_endpoint", endpoint)
    values = {name: value for name, value in params.items() if name != "disabled"}
    if "disabled" in params:
        values["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    return account.change(found, None, **values)


@route("DELETE", "/v1/webhook_endpoints/{endpoint}", params="WebhookEndpointDeleteParams", answers="webhook_endpoint")
def delete_endpoint(account: Account, params: dict, endpoint: str) -> dict:
    return account.delete(account.find("webhook_endpoint", endpoint), None)


# --- Version 2: thin events and their destinations --------------------------------------------------------------------


@route(
    "GET",
    "/v2/core/events",
    params="v2.core.EventListParams",
    takes="created limit object_id types",
    answers="list:v2.core.event",
)
def list_thin_events(account: Account, params: dict) -> dict:
    found = [
        one
        for one in account.all("v2.core.event")
        if fits(one["type"], params.get("types") or ["*"])
        and params.get("object_id") in (None, (one.get("related_object") or {}).get("id"))
        and all(COMPARED[name](one["created"], moment) for name, moment in params.get("created", {}).items())
    ]
    return page_v2(found, params, "/v2/core/events")


COMPARED = {"gt": str.__gt__, "gte": str.__ge__, "lt": str.__lt__, "lte": str.__le__}


def page_v2(found: list[dict], params: dict, url: str) -> dict:
    """Pages of version 2 are told by their number, in an address that the client only follows."""
    limit, number = params.get("limit", 20), int(params.get("page", "0"))
    start, end = number * limit, (number + 1) * limit

    def address(which: int) -> str:
        return f"{url}?limit={limit}&page={which}"

    return {
        "data": found[start:end],
        "next_page_url": address(number + 1) if end < len(found) else None,
        "previous_page_url": address(number - 1) if number else None,
    }


@route("GET", "/v2/core/events/{event}", params="v2.core.EventRetrieveParams", answers="v2.core.event")
def retrieve_thin_event(account: Account, params: dict, event: str) -> dict:
    return account.find("v2.core.event", event)


@route(
    "POST",
    "/v2/core/event_destinations",
    params="v2.core.EventDestinationCreateParams",
    takes="description enabled_events event_payload events_from include metadata name snapshot_api_version type "
    "webhook_endpoint",
    answers="v2.core.event_destination",
)
def create_destination(account: Account, params: dict) -> dict:
    if params["type"] != "webhook_endpoint" or "webhook_endpoint" not in params:
        raise ApiError("The sandbox delivers to webhook endpoints only.", param="type")
    made = open_destination(account, **{name: value for name, value in params.items() if name != "include"})
    return shown(made, params)


def open_destination(account: Account, *, webhook_endpoint: dict, secret: str | None = None, **given) -> dict:
    moment = iso(account.now)
    return account.add(
        "v2.core.event_destination",
        "ed_test",
        **{"description": "", "metadata": {}, "events_from": ["@self"], **given},
        created=moment,
        updated=moment,
        status="enabled",
        webhook_endpoint={"signing_secret": None, "url": None},
        _secret=secret or f"whsec_{account.new_id('s', 32)[2:]}",
        _url=webhook_endpoint["url"],
    )


def shown(destination: dict, params: dict) -> dict:
    """Address and secret only when `include` asks for them."""
    include = params.get("include", [])
    inside = {
        "url": destination["_url"] if "webhook_endpoint.url" in include else None,
        "signing_secret": destination["_secret"] if "webhook_endpoint.signing_secret" in include else None,
    }
    return destination | {"webhook_endpoint": inside}


@route(
    "GET",
    "/v2/core/event_destinations",
    params="v2.core.EventDestinationListParams",
    takes="include limit",
    answers="list:v2.core.event_destination",
)
def list_destinations(account: Account, params: dict) -> dict:
    refuse_secret(params)
    found = [shown(one, params) for one in account.all("v2.core.event_destination")]
    return page_v2(found, params, "/v2/core/event_destinations")


@route(
    "GET",
    "/v2/core/event_destinations/{destination}",
    params="v2.core.EventDestinationRetrieveParams",
    takes="include",
    answers="v2.core.event_destination",
)
def retrieve_destination(account: Account, params: dict, destination: str) -> dict:
    refuse_secret(params)
    return shown(account.find("v2.core.event_destination", destination), params)


def refuse_secret(params: dict) -> None:
    if "webhook_endpoint.signing_secret" in params.get("include", []):
        raise ApiError("The signing secret is shown only when the destination is created.", param="include")


@route(
    "POST",
    "/v2/core/event_destinations/{destination}",
    params="v2.core.EventDestinationUpdateParams",
    takes="description enabled_events include metadata name webhook_endpoint",
    answers="v2.core.event_destination",
)
def update_destination(account: Account, params: dict, destination: str) -> dict:
    found = account.find("v2.core.event_destination", destination)
    values = {name: params[name] for name in ("description", "enabled_events", "name") if name in params}
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    if url := params.get("webhook_endpoint", {}).get("url"):
        values["_url"] = url
    return shown(account.change(found, None, **values), params)


@route(
    "POST",
    "/v2/core/event_destinations/{destination}/disable",
    params="v2.core.EventDestinationDisableParams",
    answers="v2.core.event_destination",
)
def disable_destination(account: Account, params: dict, destination: str) -> dict:
    found = account.find("v2.core.event_destination", destination)
    return account.change(found, None, status="disabled", status_details={"disabled": {"reason": "user"}})


@route(
    "POST",
    "/v2/core/event_destinations/{destination}/enable",
    params="v2.core.EventDestinationEnableParams",
    answers="v2.core.event_destination",
)
def enable_destination(account: Account, params: dict, destination: str) -> dict:
    found = account.find("v2.core.event_destination", destination)
    return account.change(found, None, status="enabled", status_details=None)


@route(
    "DELETE",
    "/v2/core/event_destinations/{destination}",
    params="v2.core.EventDestinationDeleteParams",
    answers="v2.deleted_object",
)
def delete_destination(account: Account, params: dict, destination: str) -> dict:
    found = account.find("v2.core.event_destination", destination)
    account.delete(found, None)
    return {"id": found["id"], "object": found["object"]}
