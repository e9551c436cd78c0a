"""Where Stripe says that something happened."""

import logging

from django.conf import settings
from django.http import HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.nudging import nudge_on_commit
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
        nudge_on_commit("subscriptions.catch_up")
    return HttpResponse()


def keep(news: Notification) -> bool:
    return StripeEvent.objects.keep(
        news.id,
        type=news.type[:100],
        object_id=news.object_id,
        customer_id=news.customer_id,
        created_at=news.created_at,
    )
