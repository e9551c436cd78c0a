"""Finding the alert that a person's page or button is about."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone


def own_alert(view):
    """Give the view the person's alert instead of its pk; anybody else's is 404.

    One deleted meanwhile, as in another tab, leads to the list, which says so and offers the way back.
    """

    @wraps(view)
    def find(request, pk, **others):
        alert = own_or_404(request, pk)
        return refuse_deleted(request, alert) if alert.deleted_at else view(request, alert, **others)

    return find


def own_or_404(request, pk):
    """The person's alert with its search, also one that was deleted and can be brought back."""
    own = request.user.alerts
    among = own.kept() | own.recently_deleted(timezone.now())
    return get_object_or_404(among.select_related("search", "owner"), pk=pk)


def refuse_deleted(request, alert):
    say_deleted(request, alert, already=True)
    return redirect("alerts:list")


def say_deleted(request, alert, *, already: bool) -> None:
    context = {"alert": alert, "was_deleted": already}
    messages.success(request, render_to_string("alerts/_deleted.html", context, request=request))
