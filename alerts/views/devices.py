"""The browsers that somebody allows to be told of new jobs."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

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
@login_required
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
@login_required
def remove(request, pk):
    device = get_object_or_404(request.user.devices, pk=pk)
    device.delete()
    messages.success(request, f"{device.name} is told nothing any more.")
    return redirect("alerts:devices")


@require_safe
def worker(request):
    """The script that shows notifications. Its address never changes, else browsers would keep the old one."""
    script = (settings.BASE_DIR / WORKER).read_text()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
