"""Webhooks that never come, and a Stripe that refuses, hangs, fails, or does what was asked without saying so."""

import time
from contextlib import nullcontext, suppress
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from subscriptions import billing, catching_up
from subscriptions import stripe_gateway as gateway
from subscriptions.billing import NothingToChange, Unavailable
from subscriptions.entitlements import plan_of
from subscriptions.models import CheckoutAttempt, Customer, StaffTask, StripeEvent, Subscription
from subscriptions.plans import FREE, PLUS
from tests.subscriptions.test_buying import paid

MONTH = timedelta(days=32)


# --- No webhook ever comes: each of these mends it alone ---


def test_coming_back_from_the_page_is_enough(buy, seeker):
    attempt = buy(seeker)

    standing = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert (standing.plan, StripeEvent.objects.count()) == (PLUS, 0)


def test_reading_a_plan_past_its_paid_time_is_enough(stripe, subscribe, seeker):
    subscribe(seeker)
    stripe.age(days=32)
    # The mirror as it would be after these days without news.
    Subscription.objects.update(period_end=F("period_end") - MONTH, plus_until=F("plus_until") - MONTH)

    read = plan_of(seeker)
    catching_up.catch_up()

    renewed = Subscription.objects.get()
    assert (read, renewed.is_stale(timezone.now()), paid(stripe)) == (PLUS, False, [800, 800])
    assert (Customer.objects.get().sync_wanted_at, StripeEvent.objects.count()) == (None, 0)


def test_reconciling_is_enough_for_whoever_never_came_back(buy, seeker):
    attempt = buy(seeker)

    catching_up.reconcile(timezone.now())
    catching_up.catch_up()

    attempt.refresh_from_db()
    assert (plan_of(seeker), attempt.outcome, StripeEvent.objects.count()) == (PLUS, "completed", 0)


def test_the_nightly_look_finds_an_end_that_nobody_told(stripe, subscribe, seeker):
    stripe.client().v1.subscriptions.cancel(subscribe(seeker).pk)

    catching_up.reconcile_all(timezone.now())
    catching_up.catch_up()

    assert (plan_of(seeker), Subscription.objects.get().status) == (FREE, "canceled")


def test_the_nightly_look_finds_what_is_paid_by_nobody_here(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    api = stripe.client().v1
    price = api.prices.list({"lookup_keys": ["plus_monthly"]}).data[0].id
    nobody = api.customers.create({"email": "nobody@example.com"}).id
    method = api.payment_methods.attach("pm_card_visa", {"customer": nobody}).id
    orphan = api.subscriptions.create(
        {"customer": nobody, "items": [{"price": price}], "default_payment_method": method}
    ).id

    for _ in range(2):
        catching_up.reconcile_all(timezone.now())

    assert [(task.kind, task.reference) for task in StaffTask.objects.all()] == [("orphan", orphan)]
    assert orphan != subscription.pk


def test_an_attempt_that_never_got_a_page_is_forgotten_after_a_day(stripe, seeker):
    now = timezone.now()
    CheckoutAttempt.objects.create(user=seeker, interval="month", price_id="price_1", created_at=now)

    counts = []
    for hours in (23, 25):
        catching_up.reconcile(now + timedelta(hours=hours))
        counts.append(CheckoutAttempt.objects.open().count())

    assert counts == [1, 0]


# --- Stripe in trouble ---


def refusing(stripe):
    return stripe.down()


def failing(kind):
    def start(stripe):
        stripe.fault(kind, seconds=30)
        return nullcontext()

    return start


TROUBLES = {
    "refusing": refusing,
    "answering 500": failing("error"),
    "hanging": failing("hang"),
    "dropping before": failing("drop_before"),
    "dropping after": failing("drop_after"),
}


@pytest.fixture
def impatient(monkeypatch):
    """Thirty seconds are hung up on after one instead of nine; another test waits for the nine."""
    monkeypatch.setattr(gateway, "PATIENCE", 1.0)


@pytest.fixture(params=list(TROUBLES))
def in_trouble(request, stripe, impatient):
    return lambda: TROUBLES[request.param](stripe)


def test_nobody_who_tries_to_buy_meanwhile_pays_twice_afterwards(stripe, seeker, in_trouble):
    with in_trouble():
        for _ in range(3):
            with pytest.raises(Unavailable) as told:
                billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.no_faults()

    attempt = billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.pay(attempt.session_id)
    standing = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert "nothing is charged twice" in told.value.words
    assert (standing.plan, paid(stripe)) == (PLUS, [800])
    state = stripe.state()
    assert (len(state["customer"]), len(state["checkout.session"])) == (1, 1)


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/prices", "/v1/checkout/sessions"])
def test_whichever_question_is_answered_into_the_void_it_is_asked_again_without_harm(stripe, seeker, path):
    stripe.fault("drop_after", path=path, times=1)

    with pytest.raises(Unavailable):
        billing.start_checkout(seeker, "month", at=timezone.now())
    attempt = billing.start_checkout(seeker, "month", at=timezone.now())

    state = stripe.state()
    assert (len(state["customer"]), len(state["checkout.session"])) == (1, 1)
    assert attempt.session_id in state["checkout.session"]


def test_coming_back_meanwhile_is_told_that_it_is_not_known_yet(stripe, buy, seeker, in_trouble):
    attempt = buy(seeker)
    with in_trouble():
        meanwhile = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())
    stripe.no_faults()
    catching_up.catch_up()

    assert (meanwhile.plan, meanwhile.is_fresh) == (FREE, False)
    assert plan_of(seeker) == PLUS


def test_cancelling_meanwhile_is_an_error_and_afterwards_works(stripe, subscribe, seeker, in_trouble):
    subscribe(seeker)
    with in_trouble(), pytest.raises(Unavailable):
        billing.cancel(seeker, at=timezone.now())
    stripe.no_faults()

    cancelled = billing.cancel(seeker, at=timezone.now())

    assert (cancelled.is_cancelling, plan_of(seeker), paid(stripe)) == (True, PLUS, [800])


def test_changing_the_interval_meanwhile_costs_once(stripe, subscribe, seeker, in_trouble):
    subscribe(seeker)
    at = timezone.now()
    priced_at = billing.preview_switch(seeker, "year", at=at).at
    with in_trouble(), pytest.raises(Unavailable):
        billing.switch(seeker, "year", at=at, priced_at=priced_at)
    stripe.no_faults()

    with suppress(NothingToChange):  # it was done without an answer, and somebody has looked since
        billing.switch(seeker, "year", at=at, priced_at=priced_at)
    billing.return_from_portal(seeker, at=timezone.now())

    assert (Subscription.objects.get().interval, len(paid(stripe))) == ("year", 2)


def test_a_change_of_interval_that_was_made_without_an_answer_costs_once(stripe, subscribe, seeker):
    subscription, at = subscribe(seeker), timezone.now()
    priced_at = billing.preview_switch(seeker, "year", at=at).at
    stripe.fault("drop_after", method="POST", path=f"/v1/subscriptions/{subscription.pk}", times=1)

    with pytest.raises(Unavailable):
        billing.switch(seeker, "year", at=at, priced_at=priced_at)
    changed = billing.switch(seeker, "year", at=at, priced_at=priced_at)

    assert (changed.interval, len(paid(stripe))) == ("year", 2)


def test_money_given_back_without_an_answer_is_given_back_once(stripe, subscribe, seeker, admin):
    customer = subscribe(seeker).customer
    stripe.fault("drop_after", path="/v1/refunds", times=1)

    with pytest.raises(Unavailable):
        billing.refund_and_end(customer, by=admin, at=timezone.now(), reason="by mistake")
    given_back = billing.refund_and_end(customer, by=admin, at=timezone.now(), reason="by mistake")

    assert (given_back, len(stripe.state()["refund"]), plan_of(seeker)) == (800, 1, FREE)


def test_pages_that_only_read_here_do_not_notice(stripe, subscribe, seeker, impatient):
    subscribe(seeker)
    with stripe.down():
        standing = billing.standing_of(seeker, timezone.now())

    assert (standing.state, standing.customer.card_last4) == ("active", "4242")


def test_a_stripe_that_hangs_is_hung_up_on_before_ten_seconds_are_over(stripe, seeker):
    stripe.fault("hang", seconds=30)
    began = time.monotonic()

    with pytest.raises(Unavailable):
        billing.start_checkout(seeker, "month", at=timezone.now())

    assert time.monotonic() - began < 10


def test_many_slow_answers_count_together(stripe, subscribe, seeker, impatient):
    """Each within the time for one question, all of them not."""
    subscribe(seeker)
    began = time.monotonic()
    stripe.fault("hang", path="/v1/subscriptions", seconds=30)

    with pytest.raises(Unavailable):
        billing.cancel(seeker, at=timezone.now())

    assert time.monotonic() - began < 9
