"""A thousand events, three times each, in any order, from twenty connections: the same end, and nothing twice."""

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import TransactionalMail
from alerts.models import Alert
from subscriptions import billing, catching_up
from subscriptions.models import (
    BillingLock,
    BillingNotice,
    CheckoutAttempt,
    Customer,
    PlanChange,
    StaffTask,
    StripeEvent,
    Subscription,
)
from tests.alerts.conftest import search_for
from tests.factories import UserFactory

PEOPLE, MONTHS, COPIES, THREADS = 20, 4, 3, 20
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("many-connections"),
    pytest.mark.usefixtures("a_connection_for_each_thread"),
]

# What may differ between two runs: when we looked, and in which order rows were numbered.
CLOCKS = {"id", "at", "opened_at", "owed_at", "closed_at", "synced_at", "sync_wanted_at", "acting_until", "created_at"}


def a_year_of_many_people(stripe):
    """Everything that happens at Stripe before the site hears of any of it; the site knows who began to pay."""
    api, people = stripe.client().v1, UserFactory.create_batch(PEOPLE)
    for person in people:
        alert_of(person)
        attempt = billing.start_checkout(person, "month", at=timezone.now())
        stripe.pay(attempt.session_id)
    subscriptions = {one.customer: one.id for one in api.subscriptions.list({"limit": 100}).auto_paging_iter()}
    ids = list(subscriptions.values())
    for customer, subscription in list(subscriptions.items())[:6]:
        method = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
        api.subscriptions.update(subscription, {"default_payment_method": method.id})
    for subscription in ids[6:9]:
        api.subscriptions.update(subscription, {"cancel_at_period_end": True})
    for _ in range(MONTHS):
        stripe.age(days=31)
    for subscription in ids[9:12]:
        api.subscriptions.cancel(subscription)
    for subscription in ids[12:15]:
        api.subscriptions.update(subscription, {"cancel_at_period_end": True})
    buy_twice(api, list(subscriptions)[9])


def buy_twice(api, customer_id):
    """Two subscriptions within a minute, as nothing of ours makes them."""
    price = api.prices.list({"lookup_keys": ["plus_monthly"]}).data[0].id
    method = api.payment_methods.attach("pm_card_visa", {"customer": customer_id}).id
    for _ in range(2):
        api.subscriptions.create(
            {"customer": customer_id, "items": [{"price": price}], "default_payment_method": method}
        )


def alert_of(person):
    for word in ("python", "rust", "go"):
        wishes = {"name": word, "rhythm": "daily", "hour": 8, "weekday": 0, "at": timezone.now()}
        Alert.objects.keep(person, search=search_for(word), **wishes)


def post_all(events) -> list[int]:
    """The statuses with which they were answered."""
    client, address = Client(), "/stripe/webhook/"
    try:
        return [
            client.post(address, body, content_type="application/json", headers=headers).status_code
            for body, headers in events
        ]
    finally:
        connection.close()


def work(until) -> None:
    """A worker that looks again and again."""
    try:
        while not until():
            catching_up.catch_up()
    finally:
        connection.close()


def final_state(stripe) -> bytes:
    models = (Subscription, Customer, CheckoutAttempt, PlanChange, StaffTask, BillingNotice)
    state = {model.__name__: rows_of(model) for model in models}
    state["events"] = sorted(StripeEvent.objects.filter(processed_at__isnull=False).values_list("pk", flat=True))
    state["mails"] = sorted(TransactionalMail.objects.values_list("to", "subject", "text"))
    state["alerts"] = list(Alert.objects.order_by("pk").values("pk", "slot", "paused_by"))
    state["refunds"] = sorted((one["payment_intent"], one["amount"]) for one in stripe.state()["refund"].values())
    return json.dumps(state, cls=DjangoJSONEncoder, sort_keys=True).encode()


def rows_of(model) -> list[str]:
    skipped = CLOCKS - ({"id"} if model in (Subscription, CheckoutAttempt) else set())
    rows = [{name: value for name, value in row.items() if name not in skipped} for row in model.objects.values()]
    ended_by_us = set(
        BillingNotice.objects.filter(kind="duplicate_refunded").values_list("subscription_ref", flat=True)
    )
    for row in rows:
        if row.get("id") in ended_by_us:
            del row["canceled_at"], row["ended_at"]  # when we looked, as Stripe's clock has it
    return sorted(json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True) for row in rows)


@pytest.fixture
def start_again(stripe, tmp_path):
    """Remember Stripe and the site as they are now; calling it brings both back."""
    tables = [Customer, CheckoutAttempt, Alert]
    remembered = {model: list(model.objects.values()) for model in tables}
    with stripe.down():
        shutil.copy(stripe.data, tmp_path / "stripe.json")

    def start_again():
        with stripe.down():
            shutil.copy(tmp_path / "stripe.json", stripe.data)
        names = [model._meta.db_table for model in (PlanChange, StaffTask, BillingNotice, StripeEvent, Subscription)]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(names)}")
        TransactionalMail.objects.all().delete()
        BillingLock.objects.all().delete()
        for model, rows in remembered.items():
            for row in rows:
                model.objects.filter(pk=row["id"]).update(**row)

    return start_again


def test_any_order_and_any_number_of_copies_end_in_the_same_state(stripe, request):
    a_year_of_many_people(stripe)
    start_again = request.getfixturevalue("start_again")
    events = stripe.notifications()
    assert len(events) >= 1000

    in_order = post_all(events)
    work(until=lambda: not StripeEvent.objects.due().exists())
    expected = final_state(stripe)

    start_again()
    shuffled = stripe.notifications() * COPIES
    random.Random(4).shuffle(shuffled)
    still_coming = [True]
    with ThreadPoolExecutor(THREADS + 2) as threads:
        workers = [threads.submit(work, lambda: not still_coming) for _ in range(2)]
        answers = list(threads.map(post_all, [shuffled[n::THREADS] for n in range(THREADS)]))
        still_coming.clear()
        for worker in workers:
            worker.result()
    work(until=lambda: not StripeEvent.objects.due().exists())

    assert {*in_order} == {status for some in answers for status in some} == {200}
    assert sum(len(some) for some in answers) == COPIES * len(events)
    assert final_state(stripe) == expected
    assert StripeEvent.objects.count() == len(events)
    assert len(stripe.state()["refund"]) == 1
    mails = list(TransactionalMail.objects.values_list("to", "subject", "text"))
    assert len(mails) == len(set(mails))


def test_a_worker_acts_once_on_what_came_three_times(stripe, subscribe, seeker):
    subscribe(seeker)
    events = [event for event in stripe.notifications() for _ in range(COPIES)]

    post_all(events)
    stripe.forget_requests()
    catching_up.catch_up()

    # The customer, the subscriptions and the next charge; the rest is whose each object is.
    paths = [one["path"] for one in stripe.requests()]
    assert paths.count("/v1/subscriptions") == 1
    assert StripeEvent.objects.waiting().count() == 0
