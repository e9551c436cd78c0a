"""Comparing roles: the address names them, so that it can be kept and sent."""

from urllib.parse import urlencode

from django.db.models.functions import Lower
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from careers.comparing import FEWEST, MOST, comparison_of
from careers.features import COMPARING, may_use
from careers.models import Guide
from careers.structured_data import absolute


@require_safe
def compare(request):
    if not may_use(request.user, COMPARING):
        return render(request, "careers/plus_feature.html", {"feature": "Comparing roles"})
    asked = list(dict.fromkeys(slug for slug in request.GET.getlist("guide") if slug))
    choices = list(Guide.objects.published(timezone.now()).order_by(Lower("role"), "pk").values_list("slug", "role"))
    known = [slug for slug in asked if slug in dict(choices)]
    guides = chosen_guides(known[:MOST])
    context = {
        "choices": choices,
        "places": (known[:MOST] + [""] * MOST)[:MOST],
        "comparison": comparison_of(guides) if len(guides) >= FEWEST else None,
        "only": guides[0] if len(guides) == 1 else None,
        "unknown": len(asked) > len(known),
        "too_many": len(known) > MOST,
        "address": absolute(comparison_path(known[:MOST])),
    }
    return render(request, "careers/compare.html", context)


def chosen_guides(slugs: list[str]) -> list[Guide]:
    """In the order in which they were asked for."""
    found = {guide.slug: guide for guide in Guide.objects.for_page().filter(slug__in=slugs)} if slugs else {}
    return [found[slug] for slug in slugs if slug in found]


def comparison_path(slugs: list[str]) -> str:
    return f"{reverse('careers:compare')}?{urlencode([('guide', slug) for slug in slugs])}"
