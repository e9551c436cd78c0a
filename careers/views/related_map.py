"""The map of roles: one in the middle, its stages above, the roles beside it below; each leads to its own map."""

from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from careers.drawing import map_of
from careers.models import Guide
from careers.structured_data import absolute


@require_safe
def related_map(request):
    roles = list(Guide.objects.published(timezone.now()).order_by(Lower("role"), "pk").values_list("slug", "role"))
    asked = request.GET.get("role", "")
    slug = asked or (roles[0][0] if roles else "")
    if not slug:
        nothing = {"roles": [], "guide": None, "chosen": None, "map": None}
        return render(request, "careers/map.html", nothing | {"address": absolute(request.path)})
    guide = get_object_or_404(Guide.objects.published(timezone.now()).for_page(), slug=slug)
    drawn = map_of(guide)
    context = {"roles": roles, "guide": guide, "chosen": guide if asked else None, "map": drawn}
    return render(request, "careers/map.html", context | {"address": absolute(drawn.path)})
