from celery import shared_task
from django.utils import timezone

from subscriptions import entitlements


@shared_task(name="subscriptions.end_passed_grants")
def end_passed_grants() -> None:
    entitlements.end_passed_grants(timezone.now())
