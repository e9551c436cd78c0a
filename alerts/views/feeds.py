"""An alert's private feed, and making and ending its address."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_POST, require_safe

from accounts.logging_in import login_then_back
from alerts.feeds import FORMATS, Feed, atom, json_feed
from alerts.views.owned import own_alert
from alerts.views.tokens import private_token_page
from jobs.limits import AN_HOUR, within_limit

# A reader that looks every five minutes, five times over.
READS_AN_HOUR = 60


@require_safe
@private_token_page
@conditional_page
def feed(request, pk, signature, form):
    """Whoever has the address reads; a copy that is still true is answered 304."""
    found = Feed.objects.at_address(pk, signature)
    if found is None or not found.alert.owner.is_active or form not in FORMATS:
        raise Http404
    if found.alert.deleted_at:
        return HttpResponse("This alert was deleted.", status=410, content_type="text/plain")
    if not within_limit(f"alert-feed-{pk}", most=READS_AN_HOUR, seconds=AN_HOUR):
        return HttpResponse("Once a minute is enough.", status=429, headers={"Retry-After": str(AN_HOUR)})
    if form == "json":
        return JsonResponse(json_feed(found), content_type=FORMATS[form], json_dumps_params={"ensure_ascii": False})
    return HttpResponse(atom(found), content_type=FORMATS[form])


@require_POST
@login_then_back("alerts:list")
@own_alert
def draw(request, alert):
    _, is_first = Feed.objects.draw(alert, timezone.now())
    new_address = "The feed has a new address. The earlier one shows nothing any more."
    messages.success(request, "The alert has a feed." if is_first else new_address)
    return redirect(f"{alert.get_absolute_url()}#feed")


@require_POST
@login_then_back("alerts:list")
@own_alert
def end(request, alert):
    Feed.objects.filter(alert=alert).delete()
    messages.success(request, "The feed is gone. Its address shows nothing any more.")
    return redirect(f"{alert.get_absolute_url()}#feed")
