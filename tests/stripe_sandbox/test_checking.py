"""The check against the SDK's annotations, proved by answers that it must not let pass."""

import copy
import inspect
import json
import typing
from decimal import Decimal

import pytest
import stripe

from stripe_sandbox import answering, routes, sdk
from stripe_sandbox.errors import ApiError

KINDS = {
    "billing_portal.configuration",
    "billing_portal.session",
    "charge",
    "checkout.session",
    "coupon",
    "customer",
    "discount",
    "dispute",
    "event",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "promotion_code",
    "refund",
    "setup_intent",
    "subscription",
    "subscription_item",
    "v2.core.event",
    "v2.core.event_destination",
    "webhook_endpoint",
}


@pytest.fixture
def one_of_each(sandbox, api, customer, prices, open_checkout, open_portal, subscribe):
    """An object of every kind, made the way that people make them."""
    coupon = api.coupons.create({"percent_off": 10, "duration": "once"})
    api.promotion_codes.create({"code": "TEN", "promotion": {"type": "coupon", "coupon": coupon.id}})
    api.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.sent"]})
    sandbox.client().v2.core.event_destinations.create(
        {
            "name": "Mine",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.invoice.sent"],
            "webhook_endpoint": {"url": "http://127.0.0.1:9/"},
        }
    )
    sandbox.pay(open_checkout(allow_promotion_codes=True).id, promotion_code="TEN")
    api.checkout.sessions.create({"mode": "setup", "currency": "usd", "success_url": "http://127.0.0.1:9/"})
    open_portal()
    subscription = subscribe("pm_card_createDispute")
    good = subscribe()
    [payment] = api.invoice_payments.list({"invoice": good.latest_invoice}).data
    api.refunds.create({"payment_intent": payment.payment.payment_intent})
    sandbox.advance_to(subscription.items.data[0].current_period_end + 7200)
    return {kind: list(found.values()) for kind, found in sandbox.state().items()}


def test_every_object_there_is_agrees(one_of_each):
    assert one_of_each.keys() == KINDS
    for kind, found in one_of_each.items():
        for one in found:
            assert sdk.differences(kind, one) == []


def test_each_missing_key_each_wrong_value_and_each_new_key_is_found(one_of_each):
    tried = 0
    for kind, found in one_of_each.items():
        for name, mutated in mutations(kind, found[0]):
            tried += 1
            assert sdk.differences(kind, mutated), f"{kind}: {name} was let pass"
    assert tried > 1500


def mutations(kind, one):
    """(what was done, the object with one thing wrong), for every place in the object."""
    for path in places(one):
        yield f"a key beside {path}", with_value(one, [*path[:-1], "surprise"], 1)
        value = value_at(one, path)
        if not isinstance(value, (dict, list)) and not is_free(kind, path):
            yield f"an object at {path}", with_value(one, path, {"surprise": 1})
            yield f"a list at {path}", with_value(one, path, [{"surprise": 1}])
            if value is not None:
                yield f"another kind at {path}", with_value(one, path, 1.5 if not isinstance(value, float) else "text")
    for name in required(kind, one):
        yield f"no {name}", {key: value for key, value in one.items() if key != name}
        yield f"null for {name}", one | {name: None}


def places(value, path=()):
    """Where a key can be added: beside each key of each object that isn't the seller's own metadata."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("metadata", "previous_attributes") and path[-2:] != ("data", "object"):
                yield (*path, name)
                yield from places(inner, (*path, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


def is_free(kind, path):
    """A snapshot of an object, in an event, is anything as far as the SDK says; so are changes of a thin one."""
    return (kind == "event" and path[:2] == ("data", "object")) or path[-1] == "changes"


def value_at(one, path):
    for name in path:
        one = one[name]
    return one


def with_value(one, path, value):
    changed = copy.deepcopy(one)
    place = value_at(changed, path[:-1])
    place[path[-1]] = value
    return changed


def required(kind, one):
    cls = sdk.thin_class(one["type"]) if kind == "v2.core.event" else sdk.resource(kind)
    return [name for name, hint in sdk.annotations(cls).items() if not sdk.may_be_null(hint)]


def test_a_word_that_stripe_doesnt_have_is_found(one_of_each):
    subscription = one_of_each["subscription"][0]

    assert sdk.differences("subscription", subscription | {"status": "cancelled"}) == [
        "subscription.status is 'cancelled', which is none of 'active', 'canceled', 'incomplete', "
        "'incomplete_expired', 'past_due', 'paused', 'trialing', 'unpaid'"
    ]


def test_an_answer_that_differs_is_an_error_and_noted(monkeypatch):
    from stripe_sandbox.sandbox import Sandbox

    sandbox = Sandbox("http://127.0.0.1:1")
    route, _ = routes.find("POST", "/v1/customers")
    wrong = routes.Route(
        route.method, route.pattern, route.params, route.takes, route.answers,
        lambda account, params: route.function(account, params) | {"plan": "Plus"},
    )  # fmt: skip
    monkeypatch.setattr(routes, "ROUTES", [wrong])
    request = answering.Request("POST", "/v1/customers", "", {"authorization": "Bearer sk_test_x"}, "name=Sina")

    answered = answering.answer(sandbox.account, request, sandbox.requests, sandbox.differences)

    assert answered.status == 500
    assert sandbox.differences == ["customer.plan is unknown"]


@pytest.mark.parametrize("route", routes.ROUTES, ids=lambda route: f"{route.method} {route.pattern.pattern}")
def test_each_operation_takes_only_what_the_sdk_sends_and_is_one_of_the_sdks(route):
    known = sdk.fields(sdk.params(route.params))

    assert route.takes - routes.ALWAYS - routes.PAGING <= known.keys()
    with pytest.raises(ApiError, match="unknown parameter"):
        sdk.read(sdk.params(route.params), {"surprise": "1"})


@pytest.mark.parametrize(
    ("params", "sent", "read"),
    [
        ("PriceListParams", {"lookup_keys": {"0": "a", "1": "b"}}, {"lookup_keys": ["a", "b"]}),
        ("PriceListParams", {"active": "true", "limit": "3"}, {"active": True, "limit": 3}),
        (
            "PriceCreateParams",
            {"currency": "usd", "unit_amount_decimal": "0.5"},
            {"unit_amount_decimal": Decimal("0.5")},
        ),
        ("CouponCreateParams", {"percent_off": "12.5"}, {"percent_off": 12.5}),
        ("SubscriptionUpdateParams", {"cancel_at": ""}, {"cancel_at": ""}),
        ("SubscriptionUpdateParams", {"cancel_at": "1800000000"}, {"cancel_at": 1_800_000_000}),
        ("SubscriptionUpdateParams", {"cancel_at": "min_period_end"}, {"cancel_at": "min_period_end"}),
        ("SubscriptionUpdateParams", {"trial_end": "now"}, {"trial_end": "now"}),
        ("RefundListParams", {"created": {"gte": "5"}}, {"created": {"gte": 5}}),
        ("RefundListParams", {"created": "5"}, {"created": 5}),
    ],
)
def test_text_is_read_as_the_annotation_says(params, sent, read):
    assert sdk.read(sdk.params(params), sent).items() >= read.items()


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ("PriceListParams", {"active": "yes"}),
        ("PriceListParams", {"limit": "3.5"}),
        ("PriceListParams", {"limit": ""}),
        ("PriceListParams", {"lookup_keys": "a"}),
        ("PriceListParams", {"lookup_keys": {"x": "a"}}),
        ("PriceCreateParams", {}),
        ("PriceCreateParams", {"currency": "usd", "recurring": {"interval": "decade"}}),
        ("PriceCreateParams", {"currency": "usd", "recurring": {}}),
        ("PriceCreateParams", {"currency": {"is": "usd"}}),
        ("SubscriptionUpdateParams", {"cancel_at": "soon"}),
        ("SubscriptionUpdateParams", {"metadata": "text"}),
        ("SubscriptionUpdateParams", {"items": {"0": "si_1"}}),
    ],
)
def test_what_the_annotation_doesnt_allow_is_refused(params, sent):
    with pytest.raises(ApiError):
        sdk.read(sdk.params(params), sent)


def test_every_name_in_the_annotations_of_our_kinds_is_understood():
    """Else a part of an answer would go unchecked."""
    for kind in KINDS - {"v2.core.event"}:
        resolve(sdk.resource(kind), set())


def resolve(cls, seen):
    if cls in seen:
        return
    seen.add(cls)
    for hint in sdk.annotations(cls).values():
        for inner in parts(sdk.resolved(hint, cls), cls):
            assert inner in (str, int, bool, float, Decimal, typing.Any, type(None)) or inspect.isclass(inner), inner
            if inspect.isclass(inner) and issubclass(inner, stripe.StripeObject):
                resolve(inner, seen)


def parts(hint, cls):
    hint = sdk.resolved(hint, cls)
    if typing.get_origin(hint) is typing.Literal:
        return
    if inner := typing.get_args(hint):
        for one in inner:
            yield from parts(one, cls)
    else:
        yield hint


def test_a_body_that_the_sdk_made_is_read_back(api, sandbox):
    given = {"email": "sina@example.com", "metadata": {"a b": "ü & % [x]", "c": "1"}, "preferred_locales": ["en", "de"]}

    made = api.customers.create(given)

    kept = json.loads(json.dumps(sandbox.state()["customer"][made.id]))
    assert {name: kept[name] for name in given} == given
