"""Making an alert of a search: at once for people with an account, after a confirmation for visitors."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.mail import owe
from accounts.models import User
from alerts.alert import Alert, AlreadyKept, TooManyAlerts
from alerts.forms import AlertForm, PasswordForm, VisitorAlertForm, alert_search
from alerts.previews import preview_of
from alerts.requests import AccountClosed, AlertRequest
from alerts.searches import Search
from alerts.suppressions import Suppression
from alerts.views.starting import refuse_held, restart_mail_and_say
from alerts.views.tokens import private_token_page, refuse_other_sites
from jobs.limits import AN_HOUR, within_limit
from jobs.search.unknown import unknown_filters, without_unknown
from jobs.visitors import client_address, keyed_hash, network_of

REQUESTS_AN_HOUR = 5
# How long the browser that confirmed an alert may set the password of the account made by it.
TIME_TO_FINISH = timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request):
    form = new_form(request)
    if request.method != "POST" or not form.is_valid():
        return new_page(request, form)
    if request.user.is_authenticated:
        return keep(request, form)
    return ask(request, form)


def new_form(request):
    search = alert_search(request.POST or request.GET)
    if not request.POST:  # of what is sent, the form says it
        search = without_unknown(search, unknown_filters(request.GET))
    form_class = AlertForm if request.user.is_authenticated else VisitorAlertForm
    return form_class(request.POST or None, search=search)


def new_page(request, form, status=200):
    preview = None if form.search.fits_nearly_all else preview_of(form.search, timezone.now())
    zone = request.user.time_zone if request.user.is_authenticated else ""
    context = {"form": form, "search": form.search, "preview": preview, "zone": zone}
    context["unknown"] = [] if request.POST else unknown_filters(request.GET)
    return render(request, "alerts/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request):
    """GET: the preview alone, for the page to put in place. POST: the whole page with what was typed."""
    if request.method == "POST":
        return new_page(request, new_form(request))
    search = alert_search(request.GET)
    found = None if search.fits_nearly_all else preview_of(search, timezone.now())
    base = request.GET.get("for", "")
    is_number = base.isascii() and base.isdecimal() and len(base) < 19
    form_url = reverse("alerts:edit", args=[base]) if is_number else reverse("alerts:new")
    response = render(request, "alerts/_preview.html", {"search": search, "preview": found, "form_url": form_url})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def keep(request, form):
    """For people with an account: the alert starts, or waits for a place with nothing lost."""
    try:
        alert = Alert.objects.keep(
            request.user,
            search=Search.objects.keep(form.search),
            name=form.search.in_words(),
            at=timezone.now(),
            **form.timing,
        )
    except AlreadyKept as twin:
        messages.info(request, "You keep this search already. Here you can change it.")
        return redirect(twin.alert)
    except TooManyAlerts:
        form.add_error(None, "You keep as many alerts as we can hold for one person. Delete one that you don't need.")
        return new_page(request, form)
    if alert.is_held:
        return refuse_held(request)
    if not alert.is_active:
        return redirect("alerts:place", pk=alert.pk)
    restart_mail_and_say(request, "The alert is kept and runs.")
    return redirect("alerts:list")


def ask(request, form):
    """For visitors: the same answer whatever the address, so that it tells nothing about who has an account."""
    household = keyed_hash("alert-requests", network_of(client_address(request)))
    if not within_limit(f"alert-requests-{household}", most=REQUESTS_AN_HOUR, seconds=AN_HOUR):
        form.add_error(None, "Many alerts were asked for from where you are. Please wait an hour, or log in.")
        return new_page(request, form, status=429)
    wanted, token = AlertRequest.objects.ask(
        form.cleaned_data["email"],
        search=Search.objects.keep(form.search),
        name=form.search.in_words()[:160],
        time_zone=form.cleaned_data["time_zone"],
        at=timezone.now(),
        **form.timing,
    )
    if token:
        mail_confirmation(wanted, token)
    if form.unknown_zone:
        messages.warning(request, said_of_zone(form.unknown_zone))
    return redirect("alerts:requested")


def said_of_zone(name: str) -> str:
    zone = Truncator(name).chars(60)
    return f"We don’t know your browser’s time zone, “{zone}”, so the alert’s hour is UTC’s. Your account changes it."


def mail_confirmation(wanted: AlertRequest, token: str) -> None:
    url = settings.SITE_URL + reverse("alerts:confirm", args=[token])
    owe(wanted.email, "alerts/mail/confirm", {"name": wanted.name, "url": url})


@require_safe
def requested(request):
    return render(request, "alerts/requested.html")


@csrf_exempt  # the token is what lets in; see refuse_other_sites
@require_http_methods(["GET", "HEAD", "POST"])
@private_token_page
def confirm(request, token):
    """GET asks, because mail programs follow links; POST starts the alert."""
    at = timezone.now()
    wanted = AlertRequest.objects.by_token(token).select_related("search").first()
    if wanted is None or wanted.is_over(at):
        return render(request, "alerts/link_over.html", status=404)
    if wanted.confirmed_at:
        return render(request, "alerts/confirmed_before.html", {"wanted": wanted})
    if request.method != "POST":
        return render(request, "alerts/confirm.html", {"wanted": wanted, "others": wanted.others(at)})
    refuse_other_sites(request)
    return start(request, wanted, at)


def start(request, wanted: AlertRequest, at):
    also = set(request.POST.getlist("also"))
    others = [other for other in wanted.others(at) if str(other.pk) in also]
    try:
        alerts = [alert for alert in (one.confirm(at) for one in [wanted, *others]) if alert]
    except AccountClosed:
        return render(request, "alerts/account_closed.html", status=403)
    except TooManyAlerts:
        return render(request, "alerts/too_many.html", status=409)
    if not alerts:
        return render(request, "alerts/confirmed_before.html", {"wanted": wanted})
    offer_to_finish(request, alerts[0].owner, at)
    request.session["started_alerts"] = [alert.pk for alert in alerts]
    return redirect("alerts:finish_account")


def offer_to_finish(request, owner: User, at) -> None:
    """Let this browser alone set the password, once, when the account has none and nobody was ever in it."""
    is_new = not owner.has_usable_password() and owner.last_login is None and not owner.is_staff
    if is_new and not request.user.is_authenticated:
        request.session["finish_account"] = {"user": owner.pk, "until": (at + TIME_TO_FINISH).timestamp()}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def finish_account(request):
    """What has started, and the form that makes an account of it."""
    kept_here = Alert.objects.filter(pk__in=request.session.get("started_alerts", []))
    started = list(kept_here.select_related("owner").order_by("pk"))
    user = person_to_finish(request)
    if not started and user is None:
        return redirect("alerts:list")
    form = PasswordForm(user, request.POST or None) if user else None
    if request.method == "POST" and form and form.is_valid():
        return finish(request, user, form.cleaned_data["password"])
    waits = bool(started) and not any(alert.is_active for alert in started)
    suppression = Suppression.objects.against(started[0].owner.email) if started else None
    context = {"alerts": started, "waits": waits, "form": form, "person": user, "suppression": suppression}
    context["is_held"] = waits and all(alert.is_held for alert in started)
    return render(request, "alerts/started.html", context)


def person_to_finish(request) -> User | None:
    offer = request.session.get("finish_account")
    if not offer or request.user.is_authenticated or timezone.now().timestamp() > offer["until"]:
        return None
    person = User.objects.filter(pk=offer["user"], is_active=True, last_login=None).first()
    return person if person and not person.has_usable_password() else None


def finish(request, user: User, password: str):
    del request.session["finish_account"]
    request.session.pop("started_alerts", None)
    user.set_password(password)
    user.save(update_fields=["password"])
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, "Your account is ready. Here are your alerts.")
    return redirect("alerts:list")
