from celery import shared_task
from django.utils import timezone

from accounts.nudging import nudge
from subscriptions import catching_up, entitlements
from subscriptions.plans import billing_is_on


@shared_task(name="subscriptions.end_passed_grants")
def end_passed_grants() -> None:
    at = timezone.now()
    entitlements.warn_of_ends(at)
    entitlements.end_passed_grants(at)


@shared_task(name="subscriptions.catch_up")
def catch_up() -> None:
    """Act on news from Stripe and on wishes for a look at it."""
    if billing_is_on() and catching_up.catch_up():
        nudge("subscriptions.catch_up")


@shared_task(name="subscriptions.reconcile")
def reconcile() -> None:
    if billing_is_on():
        catching_up.reconcile(timezone.now())
        nudge("subscriptions.catch_up")


@shared_task(name="subscriptions.reconcile_all", soft_time_limit=540, time_limit=600)
def reconcile_all() -> None:
    if billing_is_on():
        catching_up.reconcile_all(timezone.now())
        nudge("subscriptions.catch_up")
