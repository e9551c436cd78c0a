"""Why a job matched an alert or didn't, for the alert's owner."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.forms import JobForm
from alerts.reasons import fitting, verdict_of
from alerts.views.owned import own_or_404, refuse_deleted


@require_safe
@login_required
@never_cache
def why(request):
    """One alert's conditions held against the job, and whether the others fit; asks for the job when none is named."""
    own = list(request.user.alerts.for_cards().select_related("search", "owner"))
    alert = chosen(request, own)
    if alert and alert.deleted_at:
        return refuse_deleted(request, alert)
    form = JobForm(request.GET if "job" in request.GET else None)
    context = {"alert": alert, "form": form, "job": None, "verdict": None, "others": []}
    if form.is_valid():
        context |= compared(form.cleaned_data["job"], alert, own)
    return render(request, "alerts/why.html", context)


def chosen(request, own):
    """The alert that is asked about: the one named, else the only one."""
    if named := request.GET.get("alert"):
        pk = int(named) if named.isascii() and named.isdecimal() and len(named) < 19 else 0
        return own_or_404(request, pk)
    return own[0] if len(own) == 1 else None


def compared(job, alert, own) -> dict:
    at = timezone.now()
    fits = fitting(own, job, at)
    return {
        "job": job,
        "verdict": verdict_of(alert, job, at) if alert else None,
        "others": [{"alert": other, "fits": fits[other.pk]} for other in own if other != alert],
    }
