"""What pages of other apps say about paying."""

from django import template
from django.utils import timezone

from subscriptions.customers import Customer
from subscriptions.mirror import Subscription
from subscriptions.plans import billing_is_on
from subscriptions.wording import banner

register = template.Library()


@register.simple_tag
def sells_plus() -> bool:
    return billing_is_on()


@register.simple_tag
def missing_payment(user) -> str:
    """A sentence about somebody's payment that failed; only for people whose row says that one did."""
    subscription = Subscription.objects.of(user).to_pay().newest_first().first()
    return banner(subscription, at=timezone.now(), zone=user.zone) if subscription else ""


@register.simple_tag
def subscription_to_end(user) -> Subscription | None:
    """What deleting the account ends at once."""
    return Subscription.objects.of(user).live().newest_first().first() if billing_is_on() else None


@register.simple_tag
def credit_to_lose(user) -> int:
    """US cents in somebody's favour at Stripe that go with the account."""
    customer = Customer.objects.filter(user=user).first() if billing_is_on() else None
    return customer.credit if customer else 0
