"""Where Stripe says that something happened."""

import logging

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.nudging import nudge
from subscriptions import stripe_gateway as gateway
from subscriptions.models import StripeEvent
from subscriptions.plans import billing_is_on
from subscriptions.stripe_values import ForgedNotification, Notification, UnreadableNotification

logger = logging.getLogger(__name__)


@csrf_exempt  # Stripe has no cookie of ours; its signature is what lets it in
@require_POST
def receive(request):
    """Write the event down once and answer at once; a worker looks at Stripe afterwards.

    200 also for a repeated event and for one of the other mode (a test event at a live site): sending it again would
    change nothing. 400 for what Stripe didn't sign within five minutes.
    """
    if not billing_is_on():
        return HttpResponse(status=404)
    try:
        news = gateway.read_notification(request.body, request.headers.get("Stripe-Signature", ""))
    except ForgedNotification:
        return HttpResponseBadRequest("The signature is wrong or too old.")
    except UnreadableNotification:
        return HttpResponseBadRequest("This is no event.")
    if news.is_live != settings.STRIPE_LIVE:
        logger.warning("An event of Stripe's other mode was ignored: check which secret is where.")
    elif keep(news):
        transaction.on_commit(lambda: wake_a_worker(news.id))
    return HttpResponse()


def keep(news: Notification) -> bool:
    return StripeEvent.objects.keep(
        news.id,
        type=news.type[:100],
        object_id=news.object_id,
        customer_id=news.customer_id,
        created_at=news.created_at,
    )


def wake_a_worker(event_id: str) -> None:
    """Not when another event still waits: whoever acts on that one looks again afterwards, and finds this one."""
    if not StripeEvent.objects.due().exclude(pk=event_id).exists():
        nudge("subscriptions.catch_up")
