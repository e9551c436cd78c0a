"""A burst of events against the site as it runs for others: gunicorn with two workers and a Celery worker."""

import http.client
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from accounts.nudging import nudge
from benchmarks.harness import Stopwatch, percentile, say
from benchmarks.measuring.running import BIN, program, site, wait_until
from subscriptions import stripe_gateway as gateway
from subscriptions.entitlements import plans_of
from subscriptions.models import Customer, StripeEvent, Subscription
from subscriptions.plans import PLUS
from tests.sandbox import RunningSandbox

PEOPLE, CONNECTIONS = 100, 20
# Every fifth person's subscription has ended by the time the events come.
ENDED_EVERY = 5


def measure(*, events: int) -> dict:
    with ExitStack() as running:
        sandbox = running.enter_context(started_sandbox())
        say(f"{PEOPLE} people pay at Stripe …")
        people_who_pay(sandbox, events)
        posts = sandbox.notifications()[:events]
        running.enter_context(program([BIN / "celery", "-A", "jobboard", "worker", "-P", "solo", "-Q", "billing"]))
        port = running.enter_context(started_site())
        sandbox.forget_requests()
        say(f"{len(posts)} events come in …")
        seconds, answers = post_all(port, posts)
        wait_until_nothing_waits()
        calls = len(sandbox.requests())
        return result(events, seconds, answers, calls) | {"verified": verified(events, answers, sandbox)}


def result(events: int, seconds: float, answers: list[tuple[int, float]], calls: int) -> dict:
    times = [took * 1000 for _, took in answers]
    return {
        "events": events,
        "people": PEOPLE,
        "per_s": round(len(answers) / seconds, 1),
        "p50_ms": round(percentile(times, 0.5), 2),
        "p99_ms": round(percentile(times, 0.99), 2),
        "stripe_calls": calls,
    }


def verified(events: int, answers: list[tuple[int, float]], sandbox: RunningSandbox) -> bool:
    """Every event taken once; mirror and plans as Stripe has them."""
    said = {one["id"]: one["status"] for one in sandbox.state()["subscription"].values()}
    written = dict(Subscription.objects.values_list("pk", "status"))
    paying = Subscription.objects.filter(status="active").values_list("customer__user", flat=True)
    plans = plans_of(
        list(User.objects.values_list("pk", flat=True)), StripeEvent.objects.latest("created_at").created_at
    )
    on_plus = {user for user, plan in plans.items() if plan == PLUS}
    return (
        [status for status, _ in answers] == [200] * events
        and StripeEvent.objects.count() == events
        and written == said
        and on_plus == set(paying)
        and len(on_plus) == PEOPLE - PEOPLE // ENDED_EVERY
    )


@contextmanager
def started_sandbox():
    with tempfile.TemporaryDirectory() as folder:
        sandbox = RunningSandbox(Path(folder) / "stripe.json")
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = sandbox.key, sandbox.address
        os.environ["STRIPE_SECRET_KEY"], os.environ["STRIPE_API_BASE"] = sandbox.key, sandbox.address
        os.environ["STRIPE_WEBHOOK_SECRET"] = sandbox.webhook_secret
        call_command("stripe_setup", webhook_url="https://board.test/stripe/webhook/", stdout=sys.stderr)
        sandbox.webhooks("dropped")
        try:
            yield sandbox
        finally:
            sandbox.stop()


def people_who_pay(sandbox: RunningSandbox, events: int) -> None:
    """Subscriptions, then changes of customers until there are as many events as wanted."""
    api, price = sandbox.client().v1, gateway.price("month").id
    people = User.objects.bulk_create(User(email=f"person{n}@example.com") for n in range(PEOPLE))
    customers = [customer_of(api, user) for user in people]
    subscriptions = [subscribed(api, customer.stripe_id, price) for customer in customers]
    for subscription in subscriptions[::ENDED_EVERY]:
        api.subscriptions.cancel(subscription)
    changes = 0
    while len(sandbox.notifications()) < events:
        for customer in customers:
            changes += 1
            api.customers.update(customer.stripe_id, {"metadata": {"change": str(changes)}})


def customer_of(api, user: User) -> Customer:
    stripe_id = api.customers.create({"email": user.email}).id
    return Customer.objects.create(user=user, stripe_id=stripe_id)


def subscribed(api, customer_id: str, price: str) -> str:
    method = api.payment_methods.attach("pm_card_visa", {"customer": customer_id}).id
    asked = {"customer": customer_id, "items": [{"price": price}], "default_payment_method": method}
    return api.subscriptions.create(asked).id


@contextmanager
def started_site():
    with site() as port:
        # A worker loads Stripe's SDK with its first event; both have theirs behind them.
        post_all(port, [(b"{}", {"Stripe-Signature": "forged"})] * 10 * CONNECTIONS)
        yield port


def post_all(port: int, posts: list[tuple[bytes, dict]]) -> tuple[float, list[tuple[int, float]]]:
    """Seconds in all, and (status, seconds) of each."""
    shares = [posts[n::CONNECTIONS] for n in range(CONNECTIONS)]
    with Stopwatch() as watch, ThreadPoolExecutor(CONNECTIONS) as threads:
        answers = [one for some in threads.map(lambda share: post_share(port, share), shares) for one in some]
    return watch.seconds, answers


def post_share(port: int, posts: list[tuple[bytes, dict]]) -> list[tuple[int, float]]:
    connection, answers = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for body, headers in posts:
        began = time.perf_counter()
        connection.request("POST", "/stripe/webhook/", body, headers | {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        answers.append((response.status, time.perf_counter() - began))
    return answers


def wait_until_nothing_waits() -> None:
    wait_until(nothing_waits)


def nothing_waits() -> bool:
    # What Stripe had no time to answer is tried again when beat says so, which doesn't run here.
    if StripeEvent.objects.due().exists():
        nudge("subscriptions.catch_up")
    return not StripeEvent.objects.filter(processed_at__isnull=True).exists()
