"""The browsers that somebody allows to be told of new jobs."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import login_then_back
from alerts import push_service
from alerts.devices import Device, NoDevice, name_of

WORKER = Path("static/js/push-worker.js")


@require_safe
@login_required
@never_cache
def devices(request):
    context = {
        "devices": list(request.user.devices.for_list()),
        "public_key": push_service.public_key(settings.PUSH_PRIVATE_KEY) if push_service.is_set_up() else "",
    }
    return render(request, "alerts/devices.html", context)


@require_POST
@login_then_back("alerts:devices")
def allow(request):
    if not push_service.is_set_up():
        messages.error(request, "This site sends no notifications.")
        return redirect("alerts:devices")
    sent = {name: request.POST.get(name, "") for name in ("endpoint", "key", "auth")}
    name = name_of(request.headers.get("User-Agent", ""))
    try:
        Device.objects.allow(request.user, name=name, at=timezone.now(), **sent)
    except NoDevice as reason:
        messages.error(request, f"Notifications can't be switched on: {reason}")
    else:
        messages.success(request, "This browser is told of new jobs from now on.")
    return redirect("alerts:devices")


@require_POST
@login_then_back("alerts:devices")
def remove(request, pk):
    """One removed meanwhile, as in another tab, is told like one that never was, or is somebody else's."""
    device = request.user.devices.filter(pk=pk).first()
    if device is None:
        messages.info(request, "That browser was removed already.")
        return redirect("alerts:devices")
    device.delete()
    messages.success(request, f"{device.name} is told nothing any more.")
    return redirect("alerts:devices")


@csrf_exempt
@require_POST
def renew(request):
    """A browser tells by itself that its subscription is another one now, as JSON with `old` and `new`.

    It may do so while nobody is logged in. The old subscription's secret, which only the browser and we have, says
    which device it is; so neither a cookie nor a form's token counts.
    """
    try:
        sent = subscriptions_in(request.body)
        was_known = Device.objects.renew(**sent)
    except NoDevice as reason:
        return HttpResponseBadRequest(str(reason), content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204 if was_known else 404)


def subscriptions_in(body: bytes) -> dict[str, str]:
    """What Device.objects.renew takes. Raises NoDevice."""
    try:
        given = json.loads(body)
        old, new = given["old"], given["new"]
        sent = {
            "endpoint": old["endpoint"],
            "auth": old["keys"]["auth"],
            "new_endpoint": new["endpoint"],
            "new_key": new["keys"]["p256dh"],
            "new_auth": new["keys"]["auth"],
        }
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise NoDevice("This isn't an old and a new subscription.") from error
    if not all(isinstance(value, str) and value.isascii() and value.isprintable() for value in sent.values()):
        raise NoDevice("This isn't an old and a new subscription.")
    return sent


@require_safe
def worker(request):
    """The script that shows notifications. Its address never changes, else browsers would keep the old one."""
    script = (settings.BASE_DIR / WORKER).read_text()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
