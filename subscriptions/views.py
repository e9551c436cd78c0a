from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import login_then_back
from subscriptions.billing_pages import leads_to_stripe
from subscriptions.entitlements import back_to_free, plan_of
from subscriptions.models import ComplimentaryPlus, PricingPage
from subscriptions.plans import FREE, PLUS, billing_is_on, has_development_switch


@require_safe
@leads_to_stripe
def plans(request):
    pays_yearly = request.GET.get("paid") == "yearly"
    context = {
        "free": FREE,
        "plus": PLUS,
        "pays_yearly": pays_yearly,
        "price": PLUS.yearly_price if pays_yearly else PLUS.monthly_price,
        "plan": plan_of(request.user),
        "subscribers": PricingPage.objects.subscribers_to_show(timezone.now()),
        "is_sold": billing_is_on(),
        "has_switch": has_development_switch(),
    }
    return render(request, "subscriptions/plans.html", context)


def development_only(view):
    """The page isn't there on a real site."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not has_development_switch():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@development_only
@login_then_back("subscriptions:plans")
@require_POST
def switch_to_plus(request):
    if plan_of(request.user) != PLUS:
        grants = ComplimentaryPlus.objects
        grants.grant(request.user, reason="development switch", by=request.user, at=timezone.now())
    messages.success(request, f"You are on {settings.SITE_NAME}+ now.")
    return redirect("subscriptions:plans")


@development_only
@login_then_back("subscriptions:plans")
@require_POST
def switch_to_free(request):
    back_to_free(request.user, at=timezone.now())
    messages.success(request, "You are on Free now.")
    return redirect("subscriptions:plans")
