"""People who buy Plus; Stripe is the sandbox over HTTP (tests/conftest.py)."""

import uuid

import pytest
from django.utils import timezone

from subscriptions import billing, catching_up
from subscriptions.models import Customer, StripeEvent


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
