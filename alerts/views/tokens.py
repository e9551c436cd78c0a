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
from alerts.rhythm import Rhythm
from alerts.suppressions import Suppression
from jobs.models import Job

STOPPED, ALL_STOPPED = "The alert is stopped.", "You get no more alerts."


class BrokenLink(Exception):
    """The address was cut off or altered on its way."""


def private_token_page(view):
    """No referrer that carries the token, no index, no copy in a cache. A broken link is told what helps instead."""

    @wraps(view)
    def private(request, *args, **kwargs):
        try:
            response = view(request, *args, **kwargs)
        except BrokenLink:
            response = render(request, "alerts/link_broken.html", status=404)
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


def scope_of(what: str, signature: str) -> tokens.Scope:
    scope = tokens.read(what, signature)
    if scope is None:
        raise BrokenLink
    return scope


def button_behind_a_link(said):
    """A change by POST, and then by GET at the same address what was done, so that nothing is sent twice by "Back".

    `said` takes the scope and tells it in words while it still is so; otherwise the page shows how things are now.
    """

    def button(act):
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @private_token_page
        @wraps(act)
        def act_then_tell(request, what, signature):
            scope = scope_of(what, signature)
            if request.method == "POST":
                return act(request, scope) or redirect(request.path)
            if words := said(scope):
                return done(request, scope, words, what, signature)
            return redirect("alerts:unsubscribe", what, signature)

        return act_then_tell

    return button


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@private_token_page
def unsubscribe(request, what, signature):
    """RFC 8058: POST without cookie, login or form token acts at once and answers 200; GET only asks.

    Mail programs follow no redirect, so the page's own buttons have addresses of their own.
    """
    scope = scope_of(what, signature)
    if request.method == "POST" and stopping.owner_of(scope):
        stopping.stop(scope, timezone.now())
        return done(request, scope, ALL_STOPPED if scope.kind == tokens.PERSON else STOPPED, what, signature)
    context = {"what": what, "signature": signature} | state_of(request, scope)
    return render(request, "alerts/unsubscribe.html", context)


def state_of(request, scope) -> dict:
    """What there is to stop, what would change something, and what is stopped already."""
    alerts, owner = list(stopping.alerts_named_by(scope)), stopping.owner_of(scope)
    for alert in alerts:
        alert.stop_url = tokens.Scope(tokens.ALERT, alert.pk).url("unsubscribe")
    to_come = [alert for alert in alerts if alert.stopped_at is None]
    return {
        "alerts": alerts,
        "can_stop": bool(to_come),
        "can_slow_down": any(alert.rhythm != Rhythm.WEEKLY for alert in to_come),
        "can_pause": any(alert.is_active for alert in to_come),
        "speaks_for_all": scope.kind == tokens.PERSON,
        "one_by_one": scope.kind == tokens.PERSON and len(alerts) > 1,
        "owner": owner,
        "is_owner": owner is not None and request.user == owner,
        "suppression": owner and Suppression.objects.against(owner.email),
    }


def if_stopped(scope) -> str:
    if scope.kind == tokens.PERSON:
        return if_all_are_stopped(scope)
    return STOPPED if stopping.is_stopped(scope) else ""


def if_all_are_stopped(scope) -> str:
    return ALL_STOPPED if stopping.are_all_stopped(scope) else ""


def if_weekly(scope) -> str:
    if not stopping.is_weekly(scope):
        return ""
    break_ends = stopping.end_of_break(scope)
    return f"Once a week after the break, from {break_ends:%-d %B %Y}." if break_ends else "From now on once a week."


def if_on_a_break(scope) -> str:
    break_ends = stopping.end_of_break(scope)
    return f"A break until {break_ends:%-d %B %Y}, then it goes on." if break_ends else ""


def if_told_why(scope) -> str:
    wish = stopping.latest_wish(scope, timezone.now())
    return "Thank you, that helps us." if wish and wish.reason else ""


@button_behind_a_link(if_stopped)
def stop(request, scope):
    stopping.stop(scope, timezone.now())


@button_behind_a_link(if_all_are_stopped)
def unsubscribe_all(request, scope):
    stopping.stop_all(scope, timezone.now())


@button_behind_a_link(if_weekly)
def weekly_instead(request, scope):
    if stopping.is_anything_to_come(scope):
        stopping.weekly_instead(scope, timezone.now())


@button_behind_a_link(if_on_a_break)
def short_pause(request, scope):
    stopping.take_a_break(scope, timezone.now())


@button_behind_a_link(if_told_why)
def say_why(request, scope):
    """One reason, if somebody wants to give it, after it is done."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "alerts/stopped.html", {"said": "Why?", "form": form, "why_url": request.path})
    stopping.say_why(scope, form.cleaned_data["reason"], timezone.now())
    return redirect(request.path)


def done(request, scope, said: str, what: str, signature: str):
    """What was done; asks for the reason while there is a wish without one."""
    wish = stopping.latest_wish(scope, timezone.now())
    form = ReasonForm() if wish and not wish.reason else None
    why_url = reverse("alerts:say_why", args=[what, signature])
    return render(request, "alerts/stopped.html", {"said": said, "form": form, "why_url": why_url})


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
