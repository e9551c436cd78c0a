"""A person's own alerts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.logging_in import is_ours, login_then_back
from alerts.alert import MOST_KEPT_ALERTS, Alert, AlreadyKept, CapReached, HeldByStaff, TooManyAlerts
from alerts.attention import KeptPace, page_should_ask
from alerts.exclusions import exclusions
from alerts.feeds import Feed
from alerts.forms import EditForm, StayingForm, alert_search, kept_search
from alerts.previews import SPAN, preview_of
from alerts.records import records_of
from alerts.searches import Search
from alerts.suppressions import Suppression
from alerts.trials import AddressStopped, NothingToSend, TooManyTests, send_test
from alerts.views.owned import own_alert, say_deleted
from alerts.views.starting import refuse_held, restart_mail_and_say
from jobs.models import Job
from jobs.search.counting import count_since
from subscriptions.entitlements import plan_of
from subscriptions.plans import FREE, PLUS, can_get_plus


@require_safe
@never_cache
def alerts(request):
    if not request.user.is_authenticated:
        return render(request, "alerts/welcome.html")
    at = timezone.now()
    own = list(request.user.alerts.for_cards())
    records = records_of(own, at)
    suppression = Suppression.objects.against(request.user.email)
    plan, active_count = plan_of(request.user), sum(alert.is_active for alert in own)
    context = {
        "cards": [{"alert": alert, "record": records[alert.pk]} for alert in own],
        "deleted": list(request.user.alerts.recently_deleted(at)[:10]),
        "plan": plan,
        "active_count": active_count,
        "has_free_place": active_count < plan.active_alerts,
        "waits": any(alert.is_waiting for alert in own),
        "suppression": suppression,
        "is_mailed": suppression is None,
        "at": at,
        "asks_to_slow_down": page_should_ask(request.user),
    }
    return render(request, "alerts/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@own_alert
def edit(request, alert):
    form = edit_form(request, alert)
    if request.method == "POST" and form.is_valid():
        return change(request, alert, form)
    return edit_page(request, alert, form)


@require_POST
@login_then_back("alerts:list")
@own_alert
def edit_preview(request, alert):
    """The same page with what was typed and what it would find; changes nothing."""
    return edit_page(request, alert, edit_form(request, alert))


@require_safe
@login_required
@never_cache
@own_alert
def less(request, alert, job_pk):
    """The alert's form with something of a job proposed to be left out; changes nothing."""
    job = get_object_or_404(Job.objects.published(timezone.now()).select_related("company"), pk=job_pk)
    at, kept = timezone.now(), kept_search(alert)
    proposals = exclusions(kept, job, at)
    proposed = proposals[0].search if proposals and not request.GET else None
    offer = {"job": job, "proposals": proposals, "count": count_since(kept, at - SPAN)}
    return edit_page(request, alert, edit_form(request, alert, proposed), less=offer)


def edit_form(request, alert, proposed=None):
    """The form with what was typed or asked for, else with the search proposed, else with the alert's own."""
    query = request.POST or request.GET
    search = alert_search(query) if query else proposed or kept_search(alert)
    initial = {name: getattr(alert, name) for name in ("rhythm", "hour", "weekday", "quiet_weekends")}
    initial["name"] = "" if alert.name == kept_search(alert).in_words()[:160] else alert.name
    return EditForm(request.POST or None, search=search, initial=initial)


def edit_page(request, alert, form, less=None):
    preview = None if form.search.fits_nearly_all else preview_of(form.search, timezone.now())
    context = {"alert": alert, "form": form, "search": form.search, "preview": preview, "less": less}
    context["feed"] = Feed.objects.filter(alert=alert).first()
    return render(request, "alerts/edit.html", context)


def change(request, alert, form):
    search = Search.objects.keep(form.search)
    name = (form.cleaned_data["name"] or form.search.in_words())[:160]
    try:
        alert.change(at=timezone.now(), search=search, name=name, **form.timing)
    except AlreadyKept as twin:
        form.add_error("q", f"You keep an alert for exactly this already: {twin.alert.name}.")
        return edit_page(request, alert, form)
    messages.success(request, "The alert is changed.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
@own_alert
def pause(request, alert):
    alert.pause(timezone.now(), by=Alert.PausedBy.PERSON)
    messages.success(request, "The alert is paused.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
@own_alert
def resume(request, alert):
    try:
        alert.activate(timezone.now())
    except HeldByStaff:
        return refuse_held(request)
    except CapReached:
        return redirect("alerts:place", pk=alert.pk)
    restart_mail_and_say(request, "The alert runs again.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
@own_alert
def delete(request, alert):
    alert.discard(timezone.now())
    say_deleted(request, alert, already=False)
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
def undo(request, pk):
    alert = get_object_or_404(request.user.alerts, pk=pk)
    try:
        alert.restore(timezone.now())
    except AlreadyKept:
        messages.error(request, "Another of your alerts looks for the same by now, so this one stays deleted.")
        return redirect("alerts:list")
    except TooManyAlerts:
        messages.error(request, f"You keep {MOST_KEPT_ALERTS} alerts, the most we can hold. Delete one to undo this.")
        return redirect("alerts:list")
    if alert.is_waiting:
        return redirect("alerts:place", pk=alert.pk)
    if alert.is_active:
        restart_mail_and_say(request, "The alert is back and runs.")
    else:
        messages.success(request, "The alert is back, paused as it was.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
@own_alert
def test(request, alert):
    try:
        send_test(alert, timezone.now())
    except AddressStopped:
        messages.error(request, "No alert goes to your address at the moment, so no test does. Above it says why.")
    except NothingToSend:
        messages.error(request, f"No open job fits {alert.name} now, so there is nothing to send.")
    except TooManyTests:
        messages.error(request, "Three tests an hour are the most. Please try again later.")
    else:
        messages.success(request, f"A test of {alert.name} is on its way to {alert.owner.email}.")
    return redirect("alerts:list")


@require_safe
@login_required
@never_cache
@own_alert
def place(request, alert):
    """Every place is taken: what to pause for this alert, or Plus. By now one may be free again."""
    if alert.is_active or alert.is_held:
        return redirect("alerts:list")
    plan, others = plan_of(request.user), list(request.user.alerts.active().by_use())
    context = {
        "alert": alert,
        "others": others,
        "plan": plan,
        "has_free_place": len(others) < plan.active_alerts,
        "plus": PLUS,
        "can_get_plus": can_get_plus(),
    }
    return render(request, "alerts/place.html", context)


@require_POST
@login_then_back("alerts:list")
@own_alert
def swap(request, alert, other_pk):
    other = get_object_or_404(request.user.alerts, pk=other_pk)
    try:
        alert.swap_for(other, timezone.now())
    except HeldByStaff:
        return refuse_held(request)
    except CapReached:
        return redirect("alerts:place", pk=alert.pk)
    other.refresh_from_db()
    what_became = "runs, too" if other.is_active else "is deleted" if other.deleted_at else "is paused"
    restart_mail_and_say(request, f"{alert.name} runs; {other.name} {what_became}.")
    return redirect("alerts:list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def staying(request):
    """Which alert goes on when the plan holds fewer: before going back to Free, or after."""
    alerts = list(request.user.alerts.running_or_waiting())
    form = StayingForm(request.POST or None, alerts=alerts)
    if request.method == "POST" and form.is_valid():
        alert = form.cleaned_data["alert"]
        alert.choose(timezone.now())
        messages.success(request, f"{alert.name} is the one that goes on.")
        return redirect(form.cleaned_data["next"] if is_ours(request, form.cleaned_data["next"]) else "alerts:list")
    back = request.POST.get("next") or request.GET.get("next", "")
    context = {
        "form": form,
        "alerts": alerts,
        "plan": plan_of(request.user),
        "back": back if is_ours(request, back) else "",
        "free": FREE,
    }
    return render(request, "alerts/staying.html", context)


@require_POST
@login_then_back("alerts:list")
def resume_mail(request):
    """Take back "stop all": only the person can, and only what the person switched off."""
    if Suppression.objects.lift(request.user.email):
        messages.success(request, "Alerts may be mailed to you again. Resume those that you want.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
def slow_down(request):
    """Every alert once a week, as the page offers when mails seem unread."""
    at = timezone.now()
    slower = request.user.alerts.slow_down(at)
    KeptPace.objects.answer(request.user, at)
    messages.success(request, f"{slower} alert{'' if slower == 1 else 's'} will write once a week.")
    return redirect("alerts:list")


@require_POST
@login_then_back("alerts:list")
def keep_pace(request):
    KeptPace.objects.answer(request.user, timezone.now())
    messages.success(request, "Everything stays as it is.")
    return redirect("alerts:list")
