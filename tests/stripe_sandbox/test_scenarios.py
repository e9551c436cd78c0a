"""What the site relies on, asked of the sandbox, and of Stripe's own test mode when STRIPE_TEST_KEY has a key for it.

Only a run against Stripe proves that it behaves so. These scenarios use the API alone: no page, no moved clock.
"""

import os
import socket
import time
import uuid

import pytest
import stripe

REAL_KEY = os.environ.get("STRIPE_TEST_KEY", "")
PATIENCE = 30  # seconds for Stripe's own events


@pytest.fixture(params=["sandbox", pytest.param("stripe", marks=pytest.mark.skipif(not REAL_KEY, reason="no key"))])
def stripe_client(request):
    if request.param == "sandbox":
        return request.getfixturevalue("sandbox").client()
    assert REAL_KEY.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY must be a key for the test mode"
    request.getfixturevalue("network_to_stripe")
    return stripe.StripeClient(REAL_KEY)


@pytest.fixture
def network_to_stripe(monkeypatch):
    """The suite lets nothing out otherwise."""
    monkeypatch.setattr(socket.socket, "connect", socket.socket.connect.__closure__[0].cell_contents)


@pytest.fixture
def v1(stripe_client):
    return stripe_client.v1


@pytest.fixture
def run():
    """A name that no other run has taken."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
def plus(v1, run):
    """A product with a monthly and a yearly price."""
    product = v1.products.create({"name": f"Plus {run}"})
    prices = {
        interval: v1.prices.create(
            {
                "product": product.id,
                "currency": "usd",
                "unit_amount": amount,
                "recurring": {"interval": interval},
                "lookup_key": f"plus_{interval}_{run}",
            }
        )
        for interval, amount in [("month", 800), ("year", 8000)]
    }
    yield prices
    for price in prices.values():
        v1.prices.update(price.id, {"active": False})
    v1.products.update(product.id, {"active": False})


@pytest.fixture
def person(v1, run):
    customer = v1.customers.create({"email": f"{run}@example.com", "metadata": {"run": run}})
    yield customer
    if not getattr(v1.customers.retrieve(customer.id), "deleted", False):
        v1.customers.delete(customer.id)


@pytest.fixture
def subscribe(v1, plus, person):
    def begin(card="pm_card_visa", interval="month", **more):
        method = v1.payment_methods.attach(card, {"customer": person.id})
        return v1.subscriptions.create(
            {
                "customer": person.id,
                "items": [{"price": plus[interval].id}],
                "default_payment_method": method.id,
                "off_session": True,
                **more,
            }
        )

    return begin


def test_prices_are_found_by_their_lookup_key(v1, plus, run):
    [found] = v1.prices.list({"lookup_keys": [f"plus_month_{run}"], "active": True}).data

    assert (found.id, found.unit_amount, found.recurring.interval) == (plus["month"].id, 800, "month")


def test_a_lookup_key_is_taken_by_one_price_only(v1, plus, run):
    given = {"product": plus["month"].product, "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}

    with pytest.raises(stripe.InvalidRequestError):
        v1.prices.create(given | {"lookup_key": f"plus_month_{run}"})


def test_a_checkout_session_is_open_has_an_address_and_can_be_expired_once(v1, plus, person):
    session = v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "ui_mode": "hosted_page",
            "customer": person.id,
            "line_items": [{"price": plus["month"].id, "quantity": 1}],
            "allow_promotion_codes": True,
            "client_reference_id": "attempt-1",
            "success_url": "https://example.com/done/?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://example.com/plans/",
        }
    )

    ended = v1.checkout.sessions.expire(session.id)

    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 800)
    assert session.url.startswith("http")
    assert 86_000 < session.expires_at - session.created <= 86_400
    assert (ended.status, ended.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.expire(session.id)


def test_a_key_gives_the_same_answer_and_refuses_another_question(v1, run):
    first = v1.customers.create({"name": "One"}, {"idempotency_key": f"{run}-a"})
    again = v1.customers.create({"name": "One"}, {"idempotency_key": f"{run}-a"})

    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        v1.customers.create({"name": "Two"}, {"idempotency_key": f"{run}-a"})
    v1.customers.delete(first.id)


def test_a_paid_subscription_is_active_and_its_period_is_on_the_item(v1, plus, subscribe):
    subscription = subscribe(expand=["latest_invoice.payments"])

    [item] = subscription.items.data
    assert (subscription.status, subscription.billing_mode.type) == ("active", "flexible")
    assert 28 * 86_400 <= item.current_period_end - item.current_period_start <= 31 * 86_400
    assert (item.price.id, item.price.product) == (plus["month"].id, plus["month"].product)
    assert (subscription.latest_invoice.status, subscription.latest_invoice.amount_paid) == ("paid", 800)
    assert subscription.latest_invoice.parent.subscription_details.subscription == subscription.id
    assert subscription.latest_invoice.payments.data[0].status == "paid"
    assert subscription.latest_invoice.hosted_invoice_url.startswith("http")


def test_a_first_payment_that_fails_leaves_it_incomplete(v1, subscribe):
    subscription = subscribe("pm_card_chargeCustomerFail", payment_behavior="allow_incomplete")

    assert subscription.status == "incomplete"
    assert v1.invoices.retrieve(subscription.latest_invoice).status == "open"


def test_a_declined_card_cannot_even_be_attached(v1, person):
    with pytest.raises(stripe.CardError) as refused:
        v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": person.id})

    assert refused.value.code == "card_declined"


def test_cancelling_at_the_end_of_the_period_and_taking_it_back(v1, subscribe):
    subscription = subscribe()
    end = subscription.items.data[0].current_period_end

    ending = v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    going_on = v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    assert (ending.status, ending.cancel_at_period_end, ending.cancel_at) == ("active", True, end)
    assert ending.cancellation_details.reason == "cancellation_requested"
    assert (going_on.cancel_at_period_end, going_on.cancel_at, going_on.canceled_at) == (False, None, None)


def test_cancelling_at_a_moment_and_taking_it_back(v1, subscribe):
    subscription = subscribe()
    end = subscription.items.data[0].current_period_end

    ending = v1.subscriptions.update(subscription.id, {"cancel_at": "min_period_end"})
    going_on = v1.subscriptions.update(subscription.id, {"cancel_at": ""})

    assert (ending.cancel_at, going_on.cancel_at) == (end, None)


def test_cancelling_now_happens_once(v1, subscribe):
    subscription = subscribe()

    ended = v1.subscriptions.cancel(subscription.id, {"invoice_now": False, "prorate": False})

    assert (ended.status, ended.ended_at is not None) == ("canceled", True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.subscriptions.cancel(subscription.id)
    assert refused.value.code == "resource_missing"


def test_a_switch_costs_what_its_preview_said(v1, plus, person, subscribe):
    subscription = subscribe()
    change = {
        "items": [{"id": subscription.items.data[0].id, "price": plus["year"].id}],
        "proration_behavior": "always_invoice",
        "proration_date": subscription.items.data[0].current_period_start + 1,
    }

    preview = v1.invoices.create_preview(
        {"customer": person.id, "subscription": subscription.id, "subscription_details": change}
    )
    paid_only = {"payment_behavior": "error_if_incomplete", "expand": ["latest_invoice"]}
    changed = v1.subscriptions.update(subscription.id, change | paid_only)

    assert changed.latest_invoice.amount_paid == preview.amount_due
    assert 7190 <= preview.amount_due <= 7210
    assert changed.items.data[0].price.id == plus["year"].id


def test_a_switch_that_cannot_be_paid_changes_nothing(v1, plus, person, subscribe):
    subscription = subscribe()
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": person.id})
    v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})

    with pytest.raises(stripe.CardError):
        v1.subscriptions.update(
            subscription.id,
            {
                "items": [{"id": subscription.items.data[0].id, "price": plus["year"].id}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )

    after = v1.subscriptions.retrieve(subscription.id)
    assert (after.status, after.items.data[0].price.id) == ("active", plus["month"].id)


def test_the_next_charge_can_be_previewed_until_it_is_cancelled(v1, person, subscribe):
    subscription = subscribe()
    asked = {"customer": person.id, "subscription": subscription.id}

    preview = v1.invoices.create_preview(asked)
    v1.subscriptions.cancel(subscription.id)

    assert preview.amount_due == 800
    with pytest.raises(stripe.InvalidRequestError):
        v1.invoices.create_preview(asked)


def test_money_is_given_back_through_the_invoices_payment_and_once(v1, subscribe):
    subscription = subscribe()
    [payment] = v1.invoice_payments.list({"invoice": subscription.latest_invoice, "status": "paid"}).data

    refund = v1.refunds.create({"payment_intent": payment.payment.payment_intent})

    assert (refund.amount, refund.status) == (800, "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create({"payment_intent": payment.payment.payment_intent})
    assert refused.value.code == "charge_already_refunded"


def test_a_coupon_takes_its_share_off_the_first_invoice(v1, subscribe):
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once"})

    subscription = subscribe(discounts=[{"coupon": coupon.id}], expand=["latest_invoice"])

    assert subscription.latest_invoice.amount_paid == 400
    v1.coupons.delete(coupon.id)


def test_deleting_the_customer_ends_the_subscription(v1, person, subscribe):
    subscription = subscribe()

    v1.customers.delete(person.id)

    assert v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert v1.customers.retrieve(person.id).deleted is True


def test_the_portal_opens_for_a_customer(v1, plus, person):
    configuration = v1.billing_portal.configurations.create(
        {
            "features": {
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            }
        }
    )

    session = v1.billing_portal.sessions.create(
        {"customer": person.id, "configuration": configuration.id, "return_url": "https://example.com/billing/"}
    )

    assert (session.customer, session.url.startswith("http")) == (person.id, True)
    v1.billing_portal.configurations.update(configuration.id, {"active": False})


def test_what_never_was_is_missing(v1):
    for ask in (v1.customers.retrieve, v1.subscriptions.retrieve, v1.invoices.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            ask("nothing_of_the_kind")
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_a_parameter_that_isnt_is_refused(v1):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.customers.create({"nome": "Sina"})

    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "nome")


def test_what_expansion_brings_is_absent_without_it(v1, person):
    found = v1.customers.retrieve(person.id)
    expanded = v1.customers.retrieve(person.id, {"expand": ["subscriptions"]})

    assert not hasattr(found, "subscriptions")
    assert expanded.subscriptions.data == []


def test_a_destination_tells_its_secret_when_it_is_made_and_never_again(stripe_client, run):
    destinations = stripe_client.v2.core.event_destinations
    made = destinations.create(
        {
            "name": run,
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.customer.created"],
            "webhook_endpoint": {"url": "https://example.com/stripe/webhook/"},
            "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
        }
    )

    found = destinations.retrieve(made.id, {"include": ["webhook_endpoint.url"]})

    assert made.webhook_endpoint.signing_secret.startswith("whsec_")
    assert found.webhook_endpoint.url == "https://example.com/stripe/webhook/"
    assert not getattr(found.webhook_endpoint, "signing_secret", None)
    destinations.delete(made.id)


def test_a_thin_event_leads_to_its_object(stripe_client, v1, person):
    until = time.monotonic() + PATIENCE
    while not (found := stripe_client.v2.core.events.list({"object_id": person.id}).data):
        assert time.monotonic() < until
        time.sleep(1)

    assert (found[-1].type, found[-1].related_object.id) == ("v1.customer.created", person.id)
    assert found[-1].fetch_related_object().metadata["run"] == person.metadata["run"]
