"""Where a mail provider, or a small program beside one, tells what became of our mails."""

import hashlib
import hmac
import json
import re
import time

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts.mail_events import Event, Malformed, take

# Seconds that the sender's clock may differ from ours; an older request is somebody's copy.
TOLERANCE = 300
MOST_EVENTS = 1000
SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


@csrf_exempt
@require_POST
def mail_events(request):
    """One event or a list of them as JSON, signed in X-Signature: t=UNIX TIME,v1=HMAC-SHA256 of "TIME.BODY" in hex."""
    if not settings.MAIL_EVENTS_SECRET:
        raise Http404
    if not is_signed(request.headers.get("X-Signature", ""), request.body):
        raise PermissionDenied
    try:
        events = read(request.body)
    except Malformed as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
    return JsonResponse({"taken": sum(take(event, timezone.now()) for event in events)})


def is_signed(signature: str, body: bytes) -> bool:
    match = SIGNATURE.fullmatch(signature)
    if not match or abs(time.time() - int(match[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(match[1], body), match[2])


def sign(at: str, body: bytes) -> str:
    secret = settings.MAIL_EVENTS_SECRET.encode()
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def read(body: bytes) -> list[Event]:
    """All events of a request, or none of them. Raises Malformed."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body isn't JSON.") from error
    given = given if isinstance(given, list) else [given]
    if len(given) > MOST_EVENTS:
        raise Malformed(f"A request holds {MOST_EVENTS} events at most.")
    return [Event.read(event) for event in given]
