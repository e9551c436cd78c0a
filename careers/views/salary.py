"""What a role is paid, everywhere or in one region: the same figures as on the guide's page, and the same honesty."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from careers.market import ENOUGH, RoleMarket
from careers.models import Guide
from careers.openings import region_path, role_path
from careers.pages import market_box
from careers.structured_data import absolute
from jobs.models import Region


@require_safe
def salary(request, slug, region=""):
    guide = get_object_or_404(Guide.objects.published(timezone.now()).select_related("category"), slug=slug)
    markets = list(RoleMarket.objects.filter(guide=guide).select_related("region").order_by("-jobs", "region__name"))
    place = get_object_or_404(Region, slug=region) if region else None
    market = next((one for one in markets if one.region == place), None)
    if place and market is None and not guide.search:
        raise Http404
    box = market_box(market, guide) if market else None
    context = {
        "guide": guide,
        "place": place,
        "box": box,
        "regions": [one for one in markets if one.region and one.region != place],
        "jobs_path": region_path(guide, place) if place else role_path(guide),
        "address": absolute(salary_path(guide, place)),
        "may_be_indexed": bool(box and box.pay),
        "enough": ENOUGH,
    }
    return render(request, "careers/salary.html", context)


def salary_path(guide: Guide, region: Region | None = None) -> str:
    if region is None:
        return reverse("careers:salary", args=[guide.slug])
    return reverse("careers:regional_salary", args=[guide.slug, region.slug])
