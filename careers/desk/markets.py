"""Staff who don't want to wait for the night have the markets of guides counted now, by a worker."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.nudging import nudge
from careers.desk.addresses import address
from careers.models import Guide


def paths(model_admin) -> list:
    return [address(model_admin, "<int:pk>/market/count/", count_one, "careers_guide_count_market")]


@require_POST
def count_one(request, model_admin, pk):
    guide = get_object_or_404(Guide, pk=pk)
    if not model_admin.has_change_permission(request, guide):
        raise PermissionDenied
    count(request, Guide.objects.filter(pk=pk))
    return redirect("admin:careers_guide_change", pk)


def count(request, guides) -> None:
    """Have the markets of these guides counted, and tell of those that have no search."""
    chosen = list(Guide.objects.filter(pk__in=guides.values("pk")).order_by("title", "pk"))
    counted = [guide for guide in chosen if guide.search]
    if counted:
        keys = [guide.pk for guide in counted]
        transaction.on_commit(lambda: nudge("careers.count_markets", args=(keys,)), robust=True)
        messages.success(request, f"{markets(counted)} being counted now. Look at the page again in a minute.")
    for guide in chosen:
        if not guide.search:
            messages.warning(request, f"“{guide}” has no search that finds its jobs, so there is nothing to count.")


def markets(guides: list[Guide]) -> str:
    return f"The market of “{guides[0]}” is" if len(guides) == 1 else f"The markets of {len(guides)} guides are"
