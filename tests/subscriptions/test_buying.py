"""Buying, changing and ending Plus, through Stripe's sandbox over HTTP."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TransactionalMail
from subscriptions import billing, catching_up
from subscriptions.billing import AlreadySubscribed, CardDeclined, NothingToChange, OnHold, PreviewTooOld
from subscriptions.entitlements import plan_of
from subscriptions.models import CheckoutAttempt, Customer, PlanChange, Subscription
from subscriptions.plans import FREE, PLUS

DAY = timedelta(days=1)


def paid(stripe) -> list[int]:
    """What was charged, in cents, the oldest first."""
    charges = sorted(stripe.state()["charge"].values(), key=lambda charge: charge["created"])
    return [charge["amount"] for charge in charges if charge["paid"]]


def log() -> list[tuple]:
    return list(PlanChange.objects.order_by("pk").values_list("kind", "actor_kind"))


def test_coming_back_from_checkout_one_has_plus_though_no_webhook_came(stripe, buy, seeker):
    attempt = buy(seeker)
    before = plan_of(seeker)

    standing = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    attempt.refresh_from_db()
    subscription, customer = standing.subscription, standing.customer
    assert (before, standing.plan, standing.state, standing.is_fresh) == (FREE, PLUS, "active", True)
    assert (subscription.interval, subscription.amount, subscription.next_amount) == ("month", 800, 800)
    assert (subscription.next_charge_at, subscription.plus_until) == (
        subscription.period_end,
        subscription.period_end + 3 * DAY,
    )
    assert (customer.card_brand, customer.card_last4, attempt.outcome) == ("visa", "4242", "completed")
    assert (paid(stripe), log()) == ([800], [("upgraded", "person")])
    assert [mail.subject for mail in TransactionalMail.objects.all()] == ["You have Openings+"]


def test_coming_back_again_changes_nothing(stripe, subscribe, seeker):
    subscribe(seeker)

    billing.return_from_portal(seeker, at=timezone.now())

    assert (log(), TransactionalMail.objects.count(), paid(stripe)) == ([("upgraded", "person")], 1, [800])


def test_a_second_tab_gets_the_same_page(stripe, seeker):
    first, second = (billing.start_checkout(seeker, "month", at=timezone.now()) for _ in range(2))

    assert (first.pk, first.url) == (second.pk, second.url)
    assert len(stripe.state()["checkout.session"]) == 1


def test_another_interval_makes_the_first_page_useless(stripe, seeker):
    monthly = billing.start_checkout(seeker, "month", at=timezone.now())
    yearly = billing.start_checkout(seeker, "year", at=timezone.now())

    with pytest.raises(AssertionError):
        stripe.pay(monthly.session_id)
    stripe.pay(yearly.session_id)

    monthly.refresh_from_db()
    assert (monthly.outcome, paid(stripe)) == ("replaced", [8000])


def test_a_page_that_was_paid_is_not_given_out_again(stripe, buy, seeker):
    buy(seeker)

    with pytest.raises(AlreadySubscribed):
        billing.start_checkout(seeker, "month", at=timezone.now())

    assert (plan_of(seeker), paid(stripe), CheckoutAttempt.objects.open().count()) == (PLUS, [800], 0)


def test_a_page_paid_for_the_other_interval_is_found_before_a_second_is_made(stripe, buy, seeker):
    buy(seeker)

    with pytest.raises(AlreadySubscribed):
        billing.start_checkout(seeker, "year", at=timezone.now())

    assert (plan_of(seeker), paid(stripe)) == (PLUS, [800])


def test_a_page_that_is_over_is_followed_by_another(stripe, seeker):
    first = billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.advance(days=2)

    second = billing.start_checkout(seeker, "month", at=timezone.now())

    first.refresh_from_db()
    assert (first.outcome, second.pk == first.pk, len(stripe.state()["checkout.session"])) == ("expired", False, 2)


def test_a_sixth_checkout_within_an_hour_is_refused(stripe, seeker):
    for interval in ("month", "year", "month", "year", "month"):
        billing.start_checkout(seeker, interval, at=timezone.now())

    with pytest.raises(billing.TooManyCheckouts):
        billing.start_checkout(seeker, "year", at=timezone.now())

    later = billing.start_checkout(seeker, "year", at=timezone.now() + timedelta(hours=1))
    assert later.interval == "year"


def test_whoever_is_held_buys_nothing(stripe, seeker, admin):
    customer = Customer.objects.of(seeker)
    billing.hold(customer, by=admin, at=timezone.now(), reason="asked by the bank")

    with pytest.raises(OnHold):
        billing.start_checkout(seeker, "month", at=timezone.now())
    billing.release(customer, by=admin, at=timezone.now())

    assert billing.start_checkout(seeker, "month", at=timezone.now()).url
    assert log() == [("held", "staff"), ("released", "staff")]


def test_cancelling_keeps_plus_to_the_end_and_can_be_taken_back(stripe, subscribe, seeker):
    subscription = subscribe(seeker)

    cancelled = billing.cancel(seeker, at=timezone.now())
    with pytest.raises(NothingToChange):
        billing.cancel(seeker, at=timezone.now())
    facts = (cancelled.is_cancelling, cancelled.ends_at, cancelled.next_amount, plan_of(seeker))
    resumed = billing.resume(seeker, at=timezone.now())

    assert facts == (True, subscription.period_end, None, PLUS)
    assert (resumed.is_cancelling, resumed.next_amount) == (False, 800)
    assert log() == [("upgraded", "person"), ("cancelling", "person"), ("resumed", "person")]
    assert "Openings+ won’t renew" in [mail.subject for mail in TransactionalMail.objects.all()]


def test_the_paid_time_over_after_cancelling_is_free(stripe, subscribe, seeker):
    subscribe(seeker)
    billing.cancel(seeker, at=timezone.now())

    stripe.age(days=32)
    standing = billing.return_from_portal(seeker, at=timezone.now())

    assert (standing.plan, standing.state, paid(stripe)) == (FREE, "over", [800])
    assert log()[-1] == ("downgraded", "person")
    assert PlanChange.objects.last().cause == "Cancelled at the period’s end as asked"


def test_a_renewal_moves_the_dates(stripe, subscribe, seeker):
    first = subscribe(seeker)

    stripe.age(days=32)
    standing = billing.return_from_portal(seeker, at=timezone.now())

    assert (standing.state, paid(stripe)) == ("active", [800, 800])
    assert standing.subscription.period_end > first.period_end - timedelta(days=5)


def test_a_change_of_interval_costs_what_was_shown_and_once(stripe, subscribe, seeker):
    subscribe(seeker)
    at = timezone.now()
    preview = billing.preview_switch(seeker, "year", at=at)

    changed = billing.switch(seeker, "year", at=at, priced_at=preview.at)
    with pytest.raises(NothingToChange):
        billing.switch(seeker, "year", at=at, priced_at=preview.at)

    assert (preview.due_now, preview.interval, preview.currency) == (paid(stripe)[1], "year", "usd")
    assert 7100 < preview.due_now <= 8000
    assert (changed.interval, changed.amount, changed.next_amount, len(paid(stripe))) == ("year", 8000, 8000, 2)
    assert preview.next_charge_at == changed.period_end
    assert log()[-1] == ("switched", "person")


def test_from_years_to_months_the_credit_pays_first_as_shown(stripe, subscribe, seeker):
    subscribe(seeker, "year")
    at = timezone.now()
    preview = billing.preview_switch(seeker, "month", at=at)

    changed = billing.switch(seeker, "month", at=at, priced_at=preview.at)

    assert (preview.due_now, preview.next_amount, preview.next_charge_at) == (0, 0, changed.period_end)
    assert 7100 < preview.credit <= 7200
    assert (changed.next_amount, paid(stripe)) == (0, [8000])
    assert Customer.objects.get().credit == preview.credit


def test_a_credit_of_before_counts_in_what_a_change_of_interval_leaves(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    stripe.client().v1.customers.update(subscription.customer.stripe_id, {"balance": -15000})
    at = timezone.now()
    preview = billing.preview_switch(seeker, "year", at=at)

    changed = billing.switch(seeker, "year", at=at, priced_at=preview.at)

    assert 7000 < preview.credit < 8000
    assert (preview.due_now, preview.next_amount) == (0, 8000 - preview.credit)
    assert (changed.next_amount, Customer.objects.get().credit) == (preview.next_amount, preview.credit)


def test_a_price_shown_long_ago_is_not_charged(stripe, subscribe, seeker):
    subscribe(seeker)
    at = timezone.now()

    with pytest.raises(PreviewTooOld):
        billing.switch(seeker, "year", at=at, priced_at=at - timedelta(hours=1))

    assert Subscription.objects.get().interval == "month"


def test_a_card_that_is_declined_changes_no_interval(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    stripe.client().v1.subscriptions.update(
        subscription.pk, {"default_payment_method": failing_card(stripe, subscription)}
    )
    at = timezone.now()

    with pytest.raises(CardDeclined) as declined:
        billing.switch(seeker, "year", at=at, priced_at=at.replace(microsecond=0))

    assert "declined" in declined.value.words
    assert (Subscription.objects.get().interval, paid(stripe)) == ("month", [800])


def failing_card(stripe, subscription) -> str:
    """A card that can be kept but pays nothing."""
    customer_id = subscription.customer.stripe_id
    methods = stripe.client().v1.payment_methods
    return methods.attach("pm_card_chargeCustomerFail", {"customer": customer_id}).id


def test_a_failed_renewal_keeps_plus_for_a_while_and_paying_mends_it(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    api = stripe.client().v1
    api.subscriptions.update(subscription.pk, {"default_payment_method": failing_card(stripe, subscription)})
    stripe.age(days=32)

    late = billing.return_from_portal(seeker, at=timezone.now())
    url = billing.pay_url(seeker, at=timezone.now())
    good = api.payment_methods.attach("pm_card_visa", {"customer": late.customer.stripe_id})
    api.invoices.pay(late.subscription.latest_invoice_id, {"payment_method": good.id})
    mended = billing.return_from_portal(seeker, at=timezone.now())

    assert (late.plan, late.state, late.subscription.pay_amount) == (PLUS, "past_due", 800)
    assert late.subscription.plus_ends_at == late.subscription.past_due_since + 21 * DAY
    assert url.startswith(stripe.address)
    assert (mended.state, mended.subscription.pay_url, paid(stripe)) == ("active", "", [800, 800])
    assert mended.was_late
    assert log()[1:] == [("payment_failed", "stripe"), ("recovered", "stripe")]
    subjects = [mail.subject for mail in TransactionalMail.objects.order_by("pk")]
    assert subjects == ["You have Openings+", "Your payment for Openings+ failed"]


def test_failing_to_the_end_is_free_again_and_one_can_buy_anew(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    stripe.client().v1.subscriptions.update(
        subscription.pk, {"default_payment_method": failing_card(stripe, subscription)}
    )
    stripe.age(days=60)

    over = billing.return_from_portal(seeker, at=timezone.now())
    attempt = billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.pay(attempt.session_id)
    again = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert (over.plan, over.state, again.plan, again.state) == (FREE, "over", PLUS, "active")
    assert paid(stripe) == [800, 800]


def fail_to_the_end(stripe, subscription) -> None:
    """Renewals fail until Stripe gives up, and the site hears nothing of it."""
    card = failing_card(stripe, subscription)
    stripe.client().v1.subscriptions.update(subscription.pk, {"default_payment_method": card})
    stripe.age(days=60)


def test_what_an_ended_subscription_asked_for_is_dropped_once(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    fail_to_the_end(stripe, subscription)
    open_before = [one.id for one in stripe.client().v1.invoices.list({"status": "open"}).data]

    billing.return_from_portal(seeker, at=timezone.now())
    billing.return_from_portal(seeker, at=timezone.now())
    catching_up.catch_up()

    (bill,) = open_before
    subscription.refresh_from_db()
    states = {one.id: one.status for one in stripe.client().v1.invoices.list().data}
    assert (states.pop(bill), [*states.values()], paid(stripe)) == ("void", ["paid"], [800])
    assert (subscription.latest_invoice_status, subscription.pay_url) == ("void", "")
    drops = PlanChange.objects.filter(kind="bill_dropped").values_list("actor_kind", "subscription_ref", "cause")
    assert list(drops) == [
        ("stripe", subscription.pk, f"{subscription.pk} has ended: {bill} isn’t to be paid any more")
    ]


@pytest.mark.parametrize("again", [False, True])
def test_the_list_of_invoices_never_asks_for_what_buys_nothing(stripe, subscribe, seeker, seeker_client, again):
    fail_to_the_end(stripe, subscribe(seeker))
    if again:
        billing.return_from_portal(seeker, at=timezone.now())
        stripe.pay(billing.start_checkout(seeker, "month", at=timezone.now()).session_id)

    page = seeker_client.get("/account/billing/invoices/").content.decode()

    assert ("Dropped, nothing to pay" in page, "$8 to pay" in page, ">Pay<" in page) == (True, False, False)


def test_a_link_to_pay_that_is_followed_after_the_end_leads_to_no_bill(stripe, subscribe, seeker, seeker_client):
    subscription = subscribe(seeker)
    card = failing_card(stripe, subscription)
    stripe.client().v1.subscriptions.update(subscription.pk, {"default_payment_method": card})
    stripe.age(days=32)
    billing.return_from_portal(seeker, at=timezone.now())
    stripe.age(days=28)

    answer = seeker_client.get("/account/billing/payment/")

    assert answer.url == "/account/billing/"
    assert [one.status for one in stripe.client().v1.invoices.list().data] == ["void", "paid"]


def test_who_opens_a_page_after_stripe_gave_up_has_not_ended_it(stripe, subscribe, seeker):
    fail_to_the_end(stripe, subscribe(seeker))

    billing.return_from_portal(seeker, at=timezone.now())

    ended = PlanChange.objects.get(kind="downgraded")
    assert (ended.actor_kind, ended.actor, ended.cause) == ("stripe", None, "Ended by Stripe after its last failed try")


def test_a_subscription_that_ended_unpaid_was_paid_to_the_end_of_the_period_before(
    stripe, subscribe, seeker, admin_client
):
    subscription = subscribe(seeker)
    fail_to_the_end(stripe, subscription)

    billing.return_from_portal(seeker, at=timezone.now())

    subscription.refresh_from_db()
    page = admin_client.get(f"/admin/subscriptions/customer/{subscription.customer_id}/change/").content.decode()
    assert (subscription.paid_until, "bill dropped" in page) == (subscription.period_start, True)
    assert subscription.paid_until < subscription.ended_at < subscription.period_end


def test_invoices_are_listed_with_their_document(stripe, subscribe, seeker, stranger):
    subscribe(seeker)

    (invoice,) = billing.invoices(seeker)

    assert (invoice.total, invoice.status, invoice.currency) == (800, "paid", "usd")
    assert invoice.pdf and invoice.url
    assert billing.invoices(stranger) == []


def test_the_pages_of_stripe_lead_back_here(stripe, subscribe, seeker, stranger):
    subscribe(seeker)

    urls = [billing.card_url(seeker, at=timezone.now()), billing.portal_url(seeker, at=timezone.now())]
    with pytest.raises(NothingToChange):
        billing.card_url(stranger, at=timezone.now())

    assert all(url.startswith(stripe.address) for url in urls)


def test_staff_give_the_money_back_and_end_it(stripe, subscribe, seeker, admin):
    subscription = subscribe(seeker)

    given_back = billing.refund_and_end(subscription.customer, by=admin, at=timezone.now(), reason="by mistake")

    refunds = [refund["amount"] for refund in stripe.state()["refund"].values()]
    assert (given_back, refunds, plan_of(seeker)) == (800, [800], FREE)
    assert log() == [("upgraded", "person"), ("refunded", "staff"), ("downgraded", "staff")]


def test_a_promotion_code_is_in_the_next_charge(stripe, buy, seeker):
    api = stripe.client().v1
    coupon = api.coupons.create({"percent_off": 50, "duration": "forever"})
    api.promotion_codes.create({"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon.id}})

    attempt = buy(seeker, promotion_code="HALF")
    standing = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert (paid(stripe), standing.subscription.next_amount) == ([400], 400)


def test_somebody_elses_checkout_is_not_there(stripe, buy, seeker, stranger):
    attempt = buy(seeker)

    with pytest.raises(CheckoutAttempt.DoesNotExist):
        billing.return_from_checkout(stranger, attempt.pk, at=timezone.now())


def test_a_card_changed_in_the_portal_is_the_one_that_pays(stripe, subscribe, seeker):
    subscription, api = subscribe(seeker), stripe.client().v1
    customer_id = subscription.customer.stripe_id
    new = api.payment_methods.attach("pm_card_mastercard", {"customer": customer_id}).id
    api.customers.update(customer_id, {"invoice_settings": {"default_payment_method": new}})

    standing = billing.return_from_portal(seeker, at=timezone.now())

    assert standing.customer.card_brand == "mastercard"
    assert api.subscriptions.retrieve(subscription.pk).default_payment_method is None


def test_a_card_given_at_a_later_purchase_is_not_given_up_for_an_older_one(stripe, subscribe, seeker):
    subscription, api = subscribe(seeker), stripe.client().v1
    customer_id = subscription.customer.stripe_id
    older = api.payment_methods.attach("pm_card_mastercard", {"customer": customer_id}).id
    api.customers.update(customer_id, {"invoice_settings": {"default_payment_method": older}})
    billing.return_from_portal(seeker, at=timezone.now())
    api.subscriptions.cancel(subscription.pk)
    billing.return_from_portal(seeker, at=timezone.now())

    attempt = billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.pay(attempt.session_id)
    standing = billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert standing.customer.card_brand == "visa"


def test_a_new_address_is_told_to_stripe(stripe, subscribe, seeker):
    customer_id = subscribe(seeker).customer.stripe_id
    seeker.email = "sina@new.example"
    seeker.save()

    billing.return_from_portal(seeker, at=timezone.now())

    assert stripe.client().v1.customers.retrieve(customer_id).email == "sina@new.example"


def test_whoever_owes_a_payment_pays_that_one_instead_of_buying_again(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    stripe.client().v1.subscriptions.update(
        subscription.pk, {"default_payment_method": failing_card(stripe, subscription)}
    )
    stripe.age(days=32)
    billing.return_from_portal(seeker, at=timezone.now())

    with pytest.raises(billing.PaymentMissing):
        billing.start_checkout(seeker, "month", at=timezone.now())
