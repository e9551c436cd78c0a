"""Rows as a look at Stripe leaves them, for tests that don't need Stripe."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from subscriptions.models import Customer, Subscription
from subscriptions.plans import PLUS

numbers = count(1)


def paying(user, **fields) -> Subscription:
    """A monthly subscription that was paid a day ago; say only what the test is about."""
    at = timezone.now()
    customer = Customer.objects.of(user)
    if not customer.stripe_id:
        Customer.objects.filter(pk=customer.pk).update(
            stripe_id=f"cus_{user.pk}", card_brand="visa", card_last4="4242", card_exp_month=12, card_exp_year=2034
        )
    facts = {
        "id": f"sub_{next(numbers)}",
        "status": "active",
        "plan": PLUS.key,
        "product_id": PLUS.stripe_product,
        "price_id": "price_month",
        "item_id": "si_1",
        "interval": "month",
        "amount": PLUS.monthly_price,
        "currency": "usd",
        "started_at": at - timedelta(days=1),
        "period_start": at - timedelta(days=1),
        "period_end": at + timedelta(days=29),
        "plus_until": at + timedelta(days=32),
        "next_charge_at": at + timedelta(days=29),
        "next_amount": PLUS.monthly_price,
        "latest_invoice_id": "in_1",
        "latest_invoice_status": "paid",
    }
    return Subscription.objects.create(customer=customer, **(facts | fields))
