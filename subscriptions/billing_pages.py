"""A person's pages about paying. Each asks Stripe at most for some seconds and says what came of it.

A page that only shows reads what is written here and never waits for Stripe, but for the list of invoices, the preview
of a change of interval and the pages on which people come back from Stripe.
"""

from datetime import UTC, datetime
from functools import wraps

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.logging_in import login_then_back
from subscriptions import billing
from subscriptions.billing import BillingError, standing_of
from subscriptions.models import CheckoutAttempt
from subscriptions.plan_use import plan_use
from subscriptions.plans import FREE, PLUS, billing_is_on
from subscriptions.wording import CANCEL, OTHER_INTERVAL, alerts_used, words_for

PRICES = {"month": PLUS.monthly_price, "year": PLUS.yearly_price}


def leads_to_stripe(view):
    """Browsers hold a form's policy against the redirect that follows it, so the page with the form allows Stripe."""

    @wraps(view)
    def allowed(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if billing_is_on():
            response.csp_policy = settings.SECURE_CSP | {"form-action": ["'self'", *settings.STRIPE_PAGES]}
        return response

    return allowed


def own_page(view):
    """For somebody who is logged in, on a site that sells Plus, kept by no cache."""
    guarded = login_then_back("billing:home")(never_cache(leads_to_stripe(view)))

    @wraps(view)
    def where_plus_is_sold(request, *args, **kwargs):
        if not billing_is_on():
            raise Http404
        return guarded(request, *args, **kwargs)

    return where_plus_is_sold


def or_say_why(request, error: BillingError, go_to: str = "billing:home"):
    messages.error(request, error.words)
    return redirect(go_to)


@require_safe
@own_page
def home(request):
    at = timezone.now()
    return render(request, "billing/home.html", facts_for_page(request.user, standing_of(request.user, at), at))


def facts_for_page(user, standing, at) -> dict:
    use = plan_use(user)
    words = words_for(standing, at=at, zone=user.zone)
    subscription = standing.subscription
    return {
        "standing": standing,
        "words": words,
        "use": use,
        "alerts_used": alerts_used(use, standing),
        "staying": use.staying(FREE),
        "pausing": use.pausing(FREE),
        "other_interval": OTHER_INTERVAL[subscription.interval] if subscription else "",
        "other_price": PRICES[OTHER_INTERVAL[subscription.interval]] if subscription else 0,
        "plus": PLUS,
    }


# --- Buying -----------------------------------------------------------------------------------------------------------


@require_POST
@own_page
def check_out(request):
    """On to Stripe's page; a second click or tab comes to the same page."""
    user = request.user
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        messages.warning(request, "Confirm your e-mail address first: receipts go there. Then come back to the plans.")
        return redirect("account_email")
    interval = "year" if request.POST.get("interval") == "year" else "month"
    try:
        attempt = billing.start_checkout(user, interval, at=timezone.now())
    except billing.AlreadySubscribed as error:
        return or_say_why(request, error)
    except BillingError as error:
        return or_say_why(request, error, "subscriptions:plans")
    return redirect(attempt.url)


@require_safe
@own_page
def returned(request, attempt_id):
    """Back from Checkout: Stripe is asked at once, so that the page tells the truth without any webhook."""
    at = timezone.now()
    try:
        standing = billing.return_from_checkout(request.user, attempt_id, at=at)
    except CheckoutAttempt.DoesNotExist as unknown:
        raise Http404 from unknown
    return render(request, "billing/returned.html", facts_for_page(request.user, standing, at))


@require_safe
@own_page
def given_up(request, attempt_id):
    """The person left Checkout without paying; the page there stays open for a day."""
    attempt = request.user.checkout_attempts.filter(pk=attempt_id).first()
    if not attempt:
        raise Http404
    return render(request, "billing/given_up.html", {"attempt": attempt, "price": PRICES[attempt.interval]})


# --- Changing ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def cancel(request):
    """GET says when Plus ends and what is paused then; POST cancels."""
    at = timezone.now()
    if request.method == "POST":
        return cancelled(request, at)
    facts = facts_for_page(request.user, standing_of(request.user, at), at)
    if CANCEL not in facts["words"].offers:
        return or_say_why(request, billing.NothingToChange())
    return render(request, "billing/cancel.html", facts)


def cancelled(request, at):
    try:
        subscription = billing.cancel(request.user, at=at)
    except BillingError as error:
        return or_say_why(request, error)
    day = f"{subscription.ends_at.astimezone(request.user.zone):%-d %B %Y}" if subscription.ends_at else ""
    kept = f" You keep {settings.SITE_NAME}+ until {day}." if subscription.gives_plus(at) and day else ""
    messages.success(request, f"Cancelled.{kept}")
    return redirect("billing:home")


@require_POST
@own_page
def resume(request):
    try:
        billing.resume(request.user, at=timezone.now())
    except BillingError as error:
        return or_say_why(request, error)
    messages.success(request, f"Your cancellation is taken back: {settings.SITE_NAME}+ goes on.")
    return redirect("billing:home")


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def switch(request):
    """GET shows what changing between months and years costs; POST does it at the price that was shown."""
    at = timezone.now()
    interval = (request.POST or request.GET).get("to")
    if interval not in PRICES:
        messages.error(request, f"{settings.SITE_NAME}+ is paid by the month or by the year. Choose one of the two.")
        return redirect("billing:home")
    if request.method == "POST":
        return switched(request, interval, at)
    try:
        preview = billing.preview_switch(request.user, interval, at=at)
    except BillingError as error:
        return or_say_why(request, error)
    facts = facts_for_page(request.user, standing_of(request.user, at), at)
    return render(
        request, "billing/switch.html", facts | {"preview": preview, "priced_at": int(preview.at.timestamp())}
    )


def switched(request, interval, at):
    try:
        billing.switch(request.user, interval, at=at, priced_at=moment_of(request.POST.get("priced_at")))
    except billing.PreviewTooOld as error:
        messages.warning(request, error.words)
        return redirect(f"{request.path}?to={interval}")
    except billing.NeedsConfirmation as error:
        return render(request, "billing/confirm_at_bank.html", {"address": error.url, "interval": interval})
    except BillingError as error:
        return or_say_why(request, error)
    messages.success(request, f"{settings.SITE_NAME}+ is paid by the {interval} from now on.")
    return redirect("billing:home")


def moment_of(seconds) -> datetime:
    """A time in the form as seconds; what can't be read is long ago, so that the price is shown anew."""
    is_time = seconds and seconds.isascii() and seconds.isdecimal() and len(seconds) < 12
    return datetime.fromtimestamp(int(seconds) if is_time else 0, UTC)


# --- Stripe's own pages -----------------------------------------------------------------------------------------------


@require_POST
@own_page
def card(request):
    return on_to(request, billing.card_url)


@require_POST
@own_page
def portal(request):
    return on_to(request, billing.portal_url)


@require_safe
@own_page
def pay(request):
    """A link that mails can carry: Stripe's page of the bill changes its address, this one doesn't."""
    return on_to(request, billing.pay_url)


def on_to(request, address):
    try:
        return redirect(address(request.user, at=timezone.now()))
    except BillingError as error:
        return or_say_why(request, error)


@require_safe
@own_page
def portal_return(request):
    at = timezone.now()
    standing = billing.return_from_portal(request.user, at=at)
    if not standing.is_fresh:
        return render(request, "billing/home.html", facts_for_page(request.user, standing, at))
    return redirect("billing:home")


@require_safe
@own_page
def invoices(request):
    context = {"invoices": [], "payable": set(), "trouble": ""}
    try:
        found = billing.invoices(request.user)
        context |= {"invoices": found, "payable": billing.payable(request.user, found)}
    except BillingError as error:
        context["trouble"] = error.words
    return render(request, "billing/invoices.html", context)
