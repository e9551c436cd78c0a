"""Pages that a link in a mail opens; whoever has the link is let in, so nothing of it may leak."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from alerts import clicks, stopping, tokens
from alerts.clicks import Click
from alerts.forms import ReasonForm
from alerts.suppressions import Suppression
from jobs.models import Job


def private_token_page(view):
    """No referrer that carries the token, no index, no copy in a cache."""

    @wraps(view)
    def private(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True, private=True)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return private


def refuse_other_sites(request) -> None:
    """Under no-referrer a browser sends no origin that CSRF protection could check; this it always sends."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise PermissionDenied


def scope_or_404(what: str, signature: str) -> tokens.Scope:
    scope = tokens.read(what, signature)
    if scope is None:
        raise Http404
    return scope


def button_behind_a_link(act):
    """A change by POST. Its address stays in the bar with the thanks: GET leads to how things are now."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @private_token_page
    @wraps(act)
    def act_or_show(request, what, signature):
        scope = scope_or_404(what, signature)
        if request.method != "POST":
            return redirect("alerts:unsubscribe", what, signature)
        return act(request, scope, what, signature)

    return act_or_show


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@private_token_page
def unsubscribe(request, what, signature):
    """RFC 8058: POST without cookie, login or form token acts at once and answers 200; GET only asks."""
    scope = scope_or_404(what, signature)
    if request.method == "POST" and stopping.owner_of(scope):
        stopping.stop(scope, timezone.now())
        said = "You get no more alerts." if scope.kind == tokens.PERSON else "The alert is stopped."
        return done(request, said, what, signature)
    return state_page(request, scope, what, signature)


def state_page(request, scope, what: str, signature: str):
    context = {"what": what, "signature": signature} | state_of(request, scope)
    return render(request, "alerts/unsubscribe.html", context)


def state_of(request, scope) -> dict:
    """What there is to stop, and what is stopped already."""
    alerts, owner = list(stopping.alerts_named_by(scope)), stopping.owner_of(scope)
    for alert in alerts:
        alert.stop_url = tokens.Scope(tokens.ALERT, alert.pk).url("unsubscribe")
    return {
        "alerts": alerts,
        "can_stop": any(alert.stopped_at is None for alert in alerts),
        "one_by_one": scope.kind == tokens.PERSON and len(alerts) > 1,
        "owner": owner,
        "is_owner": owner is not None and request.user == owner,
        "suppression": owner and Suppression.objects.against(owner.email),
    }


@button_behind_a_link
def unsubscribe_all(request, scope, what, signature):
    stopping.stop_all(scope, timezone.now())
    return done(request, "You get no more alerts.", what, signature)


@button_behind_a_link
def weekly_instead(request, scope, what, signature):
    if not stopping.is_anything_to_come(scope):
        return state_page(request, scope, what, signature)
    stopping.weekly_instead(scope, timezone.now())
    break_ends = stopping.end_of_break(scope)
    said = f"Once a week after the break, from {break_ends:%-d %B %Y}." if break_ends else "From now on once a week."
    return done(request, said, what, signature)


@button_behind_a_link
def short_pause(request, scope, what, signature):
    if not stopping.is_anything_to_come(scope):
        return state_page(request, scope, what, signature)
    stopping.take_a_break(scope, timezone.now())
    break_ends = stopping.end_of_break(scope)
    until = break_ends and f"{break_ends:%-d %B %Y}"
    said = f"A break until {until}, then it goes on." if until else "Nothing runs, so nothing is sent."
    return done(request, said, what, signature)


@button_behind_a_link
def say_why(request, scope, what, signature):
    """One reason, if somebody wants to give it, after it is done."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "alerts/stopped.html", {"said": "Why?", "form": form, "why_url": request.path})
    stopping.say_why(scope, form.cleaned_data["reason"], timezone.now())
    return render(request, "alerts/stopped.html", {"said": "Thank you, that helps us.", "form": None, "why_url": ""})


def done(request, said: str, what: str, signature: str):
    why_url = reverse("alerts:say_why", args=[what, signature])
    return render(request, "alerts/stopped.html", {"said": said, "form": ReasonForm(), "why_url": why_url})


@require_safe
@private_token_page
def open_job(request, digest_id, job_id, signature):
    """Count that a job was opened from a message and lead to its page here, nowhere else."""
    if not clicks.is_ours(digest_id, job_id, signature):
        raise Http404
    job = get_object_or_404(Job, pk=job_id)
    if clicks.is_by_a_person(request):
        Click.objects.record(digest_id=digest_id, job_id=job_id, at=timezone.now())
    return redirect(job)
