"""What Stripe's webhook takes, what it refuses, and what a worker does about it."""

import json
import time

import pytest
from django.utils import timezone
from stripe import WebhookSignature

from subscriptions import catching_up
from subscriptions.entitlements import plan_of
from subscriptions.models import BillingNotice, Customer, PlanChange, StaffTask, StripeEvent, Subscription
from subscriptions.plans import FREE, PLUS
from tests.subscriptions.conftest import hear

WEBHOOK = "/stripe/webhook/"
SECRET = "whsec_sandbox"
THIN = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "type": "v1.customer.subscription.updated",
    "created": "2026-11-27T10:00:00.000Z",
    "livemode": False,
    "related_object": {"id": "sub_1", "type": "subscription", "url": "/v1/subscriptions/sub_1"},
}
SNAPSHOT = {
    "id": "evt_snapshot",
    "object": "event",
    "type": "invoice.paid",
    "created": 1795773600,
    "livemode": False,
    "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1", "amount_paid": 999_999}},
}


@pytest.fixture
def send(client, stripe):
    """Post an event as Stripe would; `secret`, `at` and `signature` for those that somebody else sends."""

    def send(event, *, secret=SECRET, at=None, signature=None):
        body = event if isinstance(event, str) else json.dumps(event)
        signature = signature or WebhookSignature.generate_signature_header(body, secret, at or int(time.time()))
        headers = {"Stripe-Signature": signature} if signature != "none" else {}
        return client.post(WEBHOOK, body, content_type="application/json", headers=headers).status_code

    return send


def kept():
    return list(StripeEvent.objects.order_by("pk").values_list("id", "type", "object_id", "customer_stripe_id"))


def test_a_thin_event_is_written_down_once(send, db):
    answers = [send(THIN), send(THIN)]

    assert (answers, kept()) == ([200, 200], [("evt_thin", "customer.subscription.updated", "sub_1", "")])


def test_a_snapshot_is_only_news_that_something_changed(send, db):
    answer = send(SNAPSHOT)

    assert (answer, kept()) == (200, [("evt_snapshot", "invoice.paid", "in_1", "cus_1")])
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "whsec_guessed"},
        {"at": int(time.time()) - 3600},
        {"signature": "none"},
        {"signature": "t=1,v1=00"},
        {"signature": "t=1,v1=é"},
        {"signature": "rubbish \x01"},
    ],
    ids=["other secret", "an hour old", "unsigned", "wrong", "not ASCII", "rubbish"],
)
def test_what_stripe_did_not_just_sign_is_refused(send, db, forgery):
    assert (send(THIN, **forgery), StripeEvent.objects.count()) == (400, 0)


def test_a_signature_of_another_body_is_refused(send, db):
    signature = WebhookSignature.generate_signature_header(json.dumps(THIN), SECRET)

    assert (send(THIN | {"id": "evt_other"}, signature=signature), StripeEvent.objects.count()) == (400, 0)


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"object": "customer"}', '{"object": "v2.core.event"}', "\0"])
def test_signed_rubbish_is_refused(send, db, body):
    assert (send(body), StripeEvent.objects.count()) == (400, 0)


@pytest.mark.parametrize("event", [THIN, SNAPSHOT])
def test_an_event_of_the_other_mode_is_ignored(send, db, event):
    assert (send(event | {"livemode": True}), StripeEvent.objects.count()) == (200, 0)


def test_a_secret_that_is_being_replaced_still_counts(send, db, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]

    assert [send(THIN), send(SNAPSHOT, secret="whsec_new")] == [200, 200]


def test_without_a_secret_nothing_is_taken(send, db, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []

    assert (send(THIN), StripeEvent.objects.count()) == (400, 0)


def test_a_site_that_sells_nothing_has_no_webhook(client, db, settings):
    settings.STRIPE_SECRET_KEY = ""

    assert client.post(WEBHOOK, "{}", content_type="application/json").status_code == 404


def test_an_event_gives_plus_by_what_stripe_says(send, buy, seeker, stripe):
    buy(seeker)
    for body, _ in stripe.notifications("v1.customer.subscription.created"):
        send(body.decode())

    catching_up.catch_up()

    assert (plan_of(seeker), StripeEvent.objects.waiting().count()) == (PLUS, 0)


@pytest.mark.parametrize("kind", ["invoice.paid", "checkout.session.completed", "customer.updated"])
def test_any_event_about_someone_is_a_reason_to_look(buy, seeker, stripe, kind):
    attempt = buy(seeker)
    state = stripe.state()
    objects = {
        "invoice.paid": next(iter(state["invoice"])),
        "checkout.session.completed": attempt.session_id,
        "customer.updated": Customer.objects.get().stripe_id,
    }

    hear(kind, objects[kind])

    assert plan_of(seeker) == PLUS


def test_an_event_about_nobody_here_is_done_with(stripe, db):
    hear("invoice.paid", "in_unknown")

    assert (StripeEvent.objects.waiting().count(), StaffTask.objects.count()) == (0, 0)


def test_events_wait_while_stripe_is_away(buy, seeker, stripe):
    buy(seeker)
    with stripe.down():
        hear("customer.updated", Customer.objects.get().stripe_id)
        event = StripeEvent.objects.get()
        at_first = (event.attempts, event.next_attempt_at > timezone.now(), plan_of(seeker))

    StripeEvent.objects.update(next_attempt_at=timezone.now())
    catching_up.catch_up()

    assert at_first == (1, True, FREE)
    assert (plan_of(seeker), StripeEvent.objects.waiting().count()) == (PLUS, 0)


def test_a_dispute_ends_plus_at_once_and_holds_the_person(subscribe, seeker, stripe):
    subscription = subscribe(seeker)
    dispute = stripe.dispute(subscription.latest_invoice_id)

    for _ in range(3):
        hear("charge.dispute.created", dispute["id"])

    customer, task = Customer.objects.get(), StaffTask.objects.get()
    assert (plan_of(seeker), customer.hold_reason) == (FREE, f"Disputed payment {dispute['id']}")
    assert (task.kind, task.reference, task.customer) == ("dispute", dispute["id"], customer)
    assert [one["status"] for one in stripe.state()["subscription"].values()] == ["canceled"]
    kinds = list(BillingNotice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["welcome", "disputed"]


def test_a_dispute_that_staff_have_looked_at_holds_nobody_again(subscribe, seeker, stripe):
    dispute = stripe.dispute(subscribe(seeker).latest_invoice_id)
    hear("charge.dispute.created", dispute["id"])
    Customer.objects.get().release()

    catching_up.reconcile_all(timezone.now())

    assert (Customer.objects.get().is_held, StaffTask.objects.count()) == (False, 1)


def test_a_refund_in_the_dashboard_is_a_task_and_changes_no_plan(subscribe, seeker, stripe):
    subscribe(seeker)
    charge = next(iter(stripe.state()["charge"]))
    refund = stripe.client().v1.refunds.create({"charge": charge})

    for _ in range(3):
        hear("charge.refunded", charge)

    task = StaffTask.objects.get()
    assert (task.kind, task.reference, plan_of(seeker)) == ("refund", refund.id, PLUS)


def second_subscription(stripe, seeker):
    """Made beside ours, as somebody in Stripe's dashboard might."""
    api, customer = stripe.client().v1, Customer.objects.get(user=seeker)
    price = api.prices.list({"lookup_keys": ["plus_monthly"]}).data[0].id
    method = api.payment_methods.attach("pm_card_visa", {"customer": customer.stripe_id}).id
    asked = {"customer": customer.stripe_id, "items": [{"price": price}], "default_payment_method": method}
    return api.subscriptions.create(asked).id


def test_a_second_subscription_of_the_same_day_is_ended_and_paid_back(subscribe, seeker, stripe):
    first = subscribe(seeker)
    second = second_subscription(stripe, seeker)

    for _ in range(3):
        hear("customer.subscription.created", second)

    statuses = dict(Subscription.objects.values_list("pk", "status"))
    assert (statuses, plan_of(seeker)) == ({first.pk: "active", second: "canceled"}, PLUS)
    assert [refund["amount"] for refund in stripe.state()["refund"].values()] == [800]
    assert BillingNotice.objects.filter(kind="duplicate_refunded").count() == 1
    assert PlanChange.objects.get(kind="refunded").amount == 800
    assert StaffTask.objects.count() == 0


def test_a_second_subscription_of_another_day_is_for_staff_to_decide(subscribe, seeker, stripe):
    first = subscribe(seeker)
    stripe.age(days=2)
    second = second_subscription(stripe, seeker)

    for _ in range(2):
        hear("customer.subscription.created", second)

    task = StaffTask.objects.get()
    assert (task.kind, task.reference) == ("duplicate", " ".join(sorted([first.pk, second])))
    assert (stripe.state().get("refund", {}), plan_of(seeker)) == ({}, PLUS)


def test_a_product_of_somebody_else_keeps_the_plan_and_tells_staff(subscribe, seeker, stripe):
    subscription, api = subscribe(seeker), stripe.client().v1
    product = api.products.create({"name": "Something else"}).id
    price = api.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    ).id
    api.subscriptions.update(subscription.pk, {"items": [{"id": subscription.item_id, "price": price}]})

    hear("customer.subscription.updated", subscription.pk)

    task = StaffTask.objects.get()
    assert (task.kind, plan_of(seeker), Subscription.objects.get().product_id) == ("unknown_product", PLUS, product)


def test_a_customer_deleted_at_stripe_is_free_and_can_buy_again(subscribe, buy, seeker, stripe):
    subscribe(seeker)
    stripe.client().v1.customers.delete(Customer.objects.get().stripe_id)

    hear("customer.deleted", Customer.objects.get().stripe_id)
    without = plan_of(seeker)
    buy(seeker)
    hear("customer.updated", Customer.objects.get().stripe_id)

    assert (without, plan_of(seeker), Customer.objects.get().deleted_at) == (FREE, PLUS, None)


def test_whose_an_object_is_is_asked_once_for_many_events(buy, seeker, stripe):
    buy(seeker)
    invoice = next(iter(stripe.state()["invoice"]))
    for number in range(20):
        StripeEvent.objects.keep(
            f"evt_{number}", type="invoice.paid", object_id=invoice, customer_id="", created_at=timezone.now()
        )
    stripe.forget_requests()

    catching_up.catch_up()

    paths = [request["path"] for request in stripe.requests()]
    assert (paths.count(f"/v1/invoices/{invoice}"), paths.count("/v1/subscriptions")) == (1, 1)
    assert StripeEvent.objects.waiting().count() == 0


def test_while_stripe_is_away_a_worker_asks_it_once_and_not_for_each_event(buy, seeker, stripe):
    buy(seeker)
    for number in range(20):
        StripeEvent.objects.keep(
            f"evt_{number}", type="invoice.paid", object_id=f"in_{number}", customer_id="", created_at=timezone.now()
        )
    stripe.fault("error")

    catching_up.catch_up()

    attempts = StripeEvent.objects.order_by("attempts").values_list("attempts", flat=True)
    assert list(attempts) == [0] * 19 + [1]
