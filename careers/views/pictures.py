"""A guide's picture for links: drawn when asked for, and not again by whoever has it."""

import hashlib

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from careers.models import Guide


def etag(request, slug, shape) -> str | None:
    guide = published(slug).first()
    if guide is None:
        return None
    said = [guide.title, guide.category.name, guide.demand, guide.remote, shape]
    site = [settings.SITE_NAME, settings.SITE_ACCENT]
    return f'"{hashlib.sha256(chr(0).join(said + site).encode()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=etag)
def picture(request, slug, shape):
    # Drawing needs 10 MB that a worker which draws nothing can do without.
    from careers import pictures

    if shape not in pictures.SHAPES:
        raise Http404
    response = HttpResponse(pictures.picture(get_object_or_404(published(slug)), shape), content_type="image/png")
    patch_cache_control(response, public=True, max_age=86_400)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def published(slug: str):
    return Guide.objects.published(timezone.now()).filter(slug=slug).select_related("category")
