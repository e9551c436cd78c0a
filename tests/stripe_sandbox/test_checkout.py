import pytest
import stripe


def test_paying_makes_a_subscription_that_is_active_and_an_invoice_that_is_paid(sandbox, api, open_checkout, prices):
    session = open_checkout()

    sandbox.pay(session.id)

    session = api.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice.payments"]})
    item = session.subscription.items.data[0]
    invoice = session.subscription.latest_invoice
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (session.subscription.status, item.price.id) == ("active", prices["plus_monthly"].id)
    assert item.current_period_end - item.current_period_start in [86_400 * days for days in (28, 29, 30, 31)]
    assert (invoice.status, invoice.amount_paid, invoice.amount_remaining) == ("paid", 800, 0)
    assert invoice.payments.data[0].status == "paid"


def test_a_declined_card_leaves_the_session_open(sandbox, api, open_checkout):
    session = open_checkout()

    with pytest.raises(AssertionError, match="insufficient funds"):
        sandbox.pay(session.id, card="4000000000009995")

    assert api.checkout.sessions.retrieve(session.id).status == "open"
    assert api.subscriptions.list({"status": "all"}).data == []


def test_a_session_expires_after_a_day(sandbox, api, open_checkout):
    session = open_checkout()

    sandbox.advance(seconds=86_401)

    assert api.checkout.sessions.retrieve(session.id).status == "expired"


def test_the_same_key_gives_the_same_session_and_refuses_other_parameters(api, open_checkout, prices):
    given = {
        "mode": "subscription",
        "line_items": [{"price": prices["plus_monthly"].id, "quantity": 1}],
        "success_url": "http://localhost:8000/done/",
    }
    first = api.checkout.sessions.create(given, {"idempotency_key": "once"})

    second = api.checkout.sessions.create(given, {"idempotency_key": "once"})
    with pytest.raises(stripe.IdempotencyError):
        api.checkout.sessions.create(given | {"client_reference_id": "other"}, {"idempotency_key": "once"})

    assert first.id == second.id
    assert len(api.checkout.sessions.list().data) == 1
