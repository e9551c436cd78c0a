"""Stripe as the tests see it: the sandbox over HTTP, set up as `stripe_setup` does it for a real site."""

import uuid

import pytest
from django.core.management import call_command
from django.utils import timezone

from subscriptions import billing, catching_up
from subscriptions.models import Customer, StripeEvent


@pytest.fixture
def stripe(sandbox, settings):
    """Stripe's sandbox with our product and prices; nothing is delivered unless a test says where to."""
    settings.STRIPE_SECRET_KEY = sandbox.key
    settings.STRIPE_WEBHOOK_SECRETS = [sandbox.webhook_secret]
    settings.STRIPE_API_BASE = sandbox.address
    call_command("stripe_setup", webhook_url="https://board.test/stripe/webhook/", verbosity=0)
    sandbox.webhooks("dropped")
    sandbox.forget_requests()
    return sandbox


@pytest.fixture
def buy(stripe):
    """Have someone buy Plus on Stripe's page; the site hears nothing of it."""

    def buy(user, interval="month", **how):
        attempt = billing.start_checkout(user, interval, at=timezone.now())
        stripe.pay(attempt.session_id, **how)
        return attempt

    return buy


@pytest.fixture
def subscribe(buy):
    """Have someone buy Plus and come back."""

    def subscribe(user, interval="month", **how):
        attempt = buy(user, interval, **how)
        billing.return_from_checkout(user, attempt.pk, at=timezone.now())
        return Customer.objects.get(user=user).subscriptions.get()

    return subscribe


def hear(kind: str, object_id: str, *, customer_id: str = "") -> None:
    """An event comes in as the webhook would write it down, and a worker acts on it."""
    facts = {"type": kind, "object_id": object_id, "customer_id": customer_id, "created_at": timezone.now()}
    StripeEvent.objects.keep(f"evt_{uuid.uuid4().hex}", **facts)
    catching_up.catch_up()
