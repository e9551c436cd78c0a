"""Renewals, late payments, changes and ends, on a clock that is moved."""

import threading

import pytest
import stripe

from stripe_sandbox.sandbox import Sandbox

DAY = 86_400


def period_end(subscription):
    return subscription.items.data[0].current_period_end


def to_renewal(sandbox, subscription):
    """To two hours after the end of the period: an invoice is collected an hour after it was drafted."""
    sandbox.advance_to(period_end(subscription) + 7200)


def bills(api, subscription):
    found = api.invoices.list({"subscription": subscription.id})
    return [(one.billing_reason, one.status, one.amount_paid) for one in found]


def test_a_subscription_renews_each_month_on_its_day(sandbox, api, subscribe):
    subscription = subscribe()

    to_renewal(sandbox, subscription)

    renewed = api.subscriptions.retrieve(subscription.id)
    assert renewed.status == "active"
    assert renewed.items.data[0].current_period_start == period_end(subscription)
    assert bills(api, subscription) == [("subscription_cycle", "paid", 800), ("subscription_create", "paid", 800)]


def test_a_week_before_a_renewal_is_announced(sandbox, api, subscribe):
    subscription = subscribe()

    sandbox.advance_to(period_end(subscription) - 7 * DAY + 1)

    [event] = sandbox.client().v2.core.events.list({"types": ["v1.invoice.upcoming"]}).data
    assert event.data.subscription == subscription.id


def test_a_failed_renewal_is_past_due_until_the_invoice_is_paid(sandbox, api, customer, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)

    to_renewal(sandbox, subscription)
    late = api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    delinquent = api.customers.retrieve(customer.id).delinquent
    good = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    api.invoices.pay(late.latest_invoice.id, {"payment_method": good.id})

    assert (late.status, delinquent) == ("past_due", True)
    assert (late.latest_invoice.status, late.latest_invoice.attempt_count) == ("open", 1)
    assert late.latest_invoice.next_payment_attempt is not None
    assert api.subscriptions.retrieve(subscription.id).status == "active"
    assert api.customers.retrieve(customer.id).delinquent is False


def test_after_eight_retries_within_two_weeks_it_is_cancelled(sandbox, api, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)

    sandbox.advance_to(period_end(subscription) + 13 * DAY)
    still = api.subscriptions.retrieve(subscription.id).status
    sandbox.advance(days=2)

    ended = api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert still == "past_due"
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert (ended.latest_invoice.attempt_count, ended.latest_invoice.next_payment_attempt) == (9, None)


def test_it_can_be_left_unpaid_instead(sandbox, api, subscribe, fail_later):
    sandbox.control("POST", "settings", after_retries="unpaid")
    subscription = subscribe()
    fail_later(subscription)

    sandbox.advance_to(period_end(subscription) + 20 * DAY)

    assert api.subscriptions.retrieve(subscription.id).status == "unpaid"


def test_cancelling_at_the_end_of_the_period_keeps_it_until_then(sandbox, api, subscribe):
    subscription = subscribe()

    api.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    sandbox.advance_to(period_end(subscription) - 60)
    before = api.subscriptions.retrieve(subscription.id).status
    sandbox.advance(seconds=120)

    ended = api.subscriptions.retrieve(subscription.id)
    assert (before, ended.status, ended.ended_at) == ("active", "canceled", period_end(subscription))
    assert bills(api, subscription) == [("subscription_create", "paid", 800)]


def test_a_cancellation_can_be_taken_back_in_the_way_it_was_made(sandbox, api, subscribe):
    subscription = subscribe()

    asked = api.subscriptions.update(subscription.id, {"cancel_at": "min_period_end"})
    back = api.subscriptions.update(subscription.id, {"cancel_at": ""})

    assert (asked.cancel_at, asked.cancel_at_period_end) == (period_end(subscription), False)
    assert (back.cancel_at, back.canceled_at) == (None, None)
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        api.subscriptions.update(subscription.id, {"cancel_at": 4_000_000_000, "cancel_at_period_end": True})


def test_from_monthly_to_yearly_costs_what_the_preview_said(sandbox, api, customer, prices, subscribe):
    subscription = subscribe()
    sandbox.advance(days=10)
    change = {
        "items": [{"id": subscription.items.data[0].id, "price": prices["plus_yearly"].id}],
        "proration_behavior": "always_invoice",
        "proration_date": sandbox.now(),
    }

    preview = api.invoices.create_preview(
        {"customer": customer.id, "subscription": subscription.id, "subscription_details": change}
    )
    changed = api.subscriptions.update(subscription.id, change | {"expand": ["latest_invoice"]})

    length = period_end(subscription) - subscription.items.data[0].current_period_start
    credit = -round(800 * (period_end(subscription) - change["proration_date"]) / length)
    assert [line.amount for line in preview.lines] == [credit, 8000]
    assert preview.amount_due == changed.latest_invoice.amount_paid == 8000 + credit
    assert changed.items.data[0].price.id == prices["plus_yearly"].id
    assert 365 * DAY <= period_end(changed) - change["proration_date"] <= 366 * DAY


def test_from_yearly_to_monthly_leaves_a_credit_that_pays_the_months_to_come(sandbox, api, customer, prices, subscribe):
    subscription = subscribe(price="plus_yearly")
    item = subscription.items.data[0].id
    change = {"items": [{"id": item, "price": prices["plus_monthly"].id}], "proration_behavior": "always_invoice"}

    changed = api.subscriptions.update(subscription.id, change)
    credit = api.customers.retrieve(customer.id).balance
    to_renewal(sandbox, changed)

    assert credit in (-7200, -7199)  # a second may have passed
    assert api.customers.retrieve(customer.id).balance == credit + 800
    assert bills(api, subscription)[0] == ("subscription_cycle", "paid", 0)


def test_a_change_whose_payment_fails_can_be_all_or_nothing(sandbox, api, prices, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)
    item = subscription.items.data[0].id
    change = {"items": [{"id": item, "price": prices["plus_yearly"].id}], "proration_behavior": "always_invoice"}

    with pytest.raises(stripe.CardError) as refused:
        api.subscriptions.update(subscription.id, change | {"payment_behavior": "error_if_incomplete"})

    after = api.subscriptions.retrieve(subscription.id)
    assert refused.value.code == "card_declined"
    assert (after.status, after.items.data[0].price.id) == ("active", prices["plus_monthly"].id)
    assert len(bills(api, subscription)) == 1


def test_a_change_can_wait_for_its_payment(sandbox, api, customer, prices, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)
    change = {
        "items": [{"id": subscription.items.data[0].id, "price": prices["plus_yearly"].id}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
    }

    waiting = api.subscriptions.update(subscription.id, change)
    good = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    api.invoices.pay(waiting.latest_invoice, {"payment_method": good.id})

    after = api.subscriptions.retrieve(subscription.id)
    assert (waiting.status, waiting.items.data[0].price.id) == ("active", prices["plus_monthly"].id)
    assert waiting.pending_update is not None
    assert (after.pending_update, after.items.data[0].price.id) == (None, prices["plus_yearly"].id)


def test_an_incomplete_subscription_expires_and_owes_nothing(sandbox, api, subscribe):
    subscription = subscribe("pm_card_chargeCustomerFail")

    sandbox.advance(seconds=24 * 3600)

    ended = api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert subscription.status == "incomplete"
    assert (ended.status, ended.latest_invoice.status) == ("incomplete_expired", "void")


def test_a_subscription_can_be_refused_with_its_payment(api, customer, subscribe):
    with pytest.raises(stripe.CardError):
        subscribe("pm_card_chargeCustomerFail", payment_behavior="error_if_incomplete")

    assert api.subscriptions.list({"customer": customer.id, "status": "all"}).data == []


def test_a_card_that_always_asks_leaves_a_renewal_to_the_person(sandbox, api, subscribe):
    subscription = subscribe("pm_card_authenticationRequired", payment_behavior="allow_incomplete")

    assert subscription.status == "incomplete"
    kinds = [event.type for event in api.events.list({"types": ["invoice.payment_action_required"]})]
    assert kinds == ["invoice.payment_action_required"]


def test_trials_cost_nothing_until_they_end(sandbox, api, subscribe):
    subscription = subscribe(trial_period_days=14)

    to_renewal(sandbox, subscription)

    assert (subscription.status, period_end(subscription)) == ("trialing", subscription.trial_end)
    assert api.subscriptions.retrieve(subscription.id).status == "active"
    assert bills(api, subscription) == [("subscription_cycle", "paid", 800), ("subscription_create", "paid", 0)]


def test_a_deleted_customer_takes_the_subscription_along(sandbox, api, customer, subscribe):
    subscription = subscribe()

    api.customers.delete(customer.id)

    assert api.subscriptions.retrieve(subscription.id).status == "canceled"
    assert api.customers.retrieve(customer.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.customers.update(customer.id, {"name": "Sina"})
    assert refused.value.code == "resource_missing"


def test_a_subscription_is_cancelled_once(api, subscribe):
    subscription = subscribe()

    ended = api.subscriptions.cancel(subscription.id, {"invoice_now": False, "prorate": False})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.subscriptions.cancel(subscription.id)

    assert ended.status == "canceled"
    assert refused.value.code == "resource_missing"


def test_what_was_paid_can_be_given_back_once(sandbox, api, subscribe):
    subscription = subscribe()
    [payment] = api.invoice_payments.list({"invoice": subscription.latest_invoice, "status": "paid"}).data
    intent = payment.payment.payment_intent

    first = api.refunds.create({"payment_intent": intent, "amount": 300})
    rest = api.refunds.create({"payment_intent": intent})

    assert (first.amount, rest.amount) == (300, 500)
    assert api.charges.retrieve(first.charge).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"


def test_a_disputed_charge_cannot_be_refunded(sandbox, api, subscribe):
    subscribe("pm_card_createDispute")

    [dispute] = api.disputes.list({"expand": ["data.charge"]}).data
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.refunds.create({"charge": dispute.charge.id})

    assert (dispute.status, dispute.reason, dispute.charge.disputed) == ("needs_response", "fraudulent", True)
    assert refused.value.code == "charge_disputed"


def test_a_coupon_for_once_is_spent_and_one_for_ever_stays(sandbox, api, subscribe):
    once = api.coupons.create({"percent_off": 25, "duration": "once"})
    subscription = subscribe(discounts=[{"coupon": once.id}])

    to_renewal(sandbox, subscription)

    assert [paid for _, _, paid in bills(api, subscription)] == [800, 600]


def test_a_coupon_for_two_months_ends_with_them(sandbox, api, subscribe):
    coupon = api.coupons.create({"percent_off": 25, "duration": "repeating", "duration_in_months": 2})
    subscription = subscribe(discounts=[{"coupon": coupon.id}])

    sandbox.advance(days=70)

    assert [paid for _, _, paid in bills(api, subscription)] == [800, 600, 600]


@pytest.mark.parametrize(
    ("coupon", "code", "words"),
    [
        ({}, {"restrictions": {"minimum_amount": 900, "minimum_amount_currency": "usd"}}, "minimum amount"),
        ({}, {"restrictions": {"first_time_transaction": True}}, "first purchase only"),
        ({}, {"expires_at": 1}, "expired"),
        ({"redeem_by": 1}, {}, "expired"),
        ({"max_redemptions": 1}, {"max_redemptions": 1}, "redeemed already"),
    ],
)
def test_a_code_that_does_not_fit_is_refused(sandbox, api, open_checkout, coupon, code, words):
    made = api.coupons.create({"percent_off": 10, "duration": "once", **coupon})
    code = api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": made.id}, **code}).code
    first = open_checkout(allow_promotion_codes=True)
    sandbox.pay(first.id, **({"promotion_code": code} if "redeemed" in words else {}))

    with pytest.raises(AssertionError, match=words):
        sandbox.pay(open_checkout(allow_promotion_codes=True).id, promotion_code=code)


def test_growing_older_moves_everything_into_the_past_and_keeps_now(sandbox, api, subscribe):
    before = sandbox.now()
    subscription = subscribe()

    sandbox.age(days=32)

    renewed = api.subscriptions.retrieve(subscription.id)
    assert sandbox.now() - before < 60
    assert renewed.created == subscription.created - 32 * DAY
    assert before < period_end(renewed) < before + 31 * DAY
    assert len(bills(api, subscription)) == 2


def test_who_keeps_time_does_nothing_of_a_future_that_is_only_being_lived_through():
    sandbox = Sandbox("http://localhost:1")
    account = sandbox.account
    session = {"object": "checkout.session", "id": "cs_1", "status": "open", "expires_at": account.now + DAY}
    account.keep(session)
    keeper = threading.Thread(target=sandbox.tick)

    with account.lock:
        account.frozen_at = account.now + 2 * DAY
        keeper.start()
        keeper.join(0.3)  # it waits for the lock
        account.frozen_at = None
    keeper.join()

    assert session["status"] == "open"
