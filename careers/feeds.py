"""New and revised guides as an Atom feed."""

from django.conf import settings
from django.db.models.functions import Greatest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from accounts.characters import legible
from careers.models import Guide
from careers.structured_data import absolute
from jobs.views.feeds import TextAtom

SIZE = 50


@require_safe
@conditional_page
def feed(request):
    response = HttpResponse(atom(), content_type="application/atom+xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=300)
    return response


def atom() -> str:
    page = TextAtom(
        title=legible(f"{settings.SITE_NAME}: career guides"),
        link=absolute(reverse("careers:index")),
        feed_url=absolute(reverse("careers:feed")),
        description="",
        language="en",
    )
    guides = Guide.objects.published(timezone.now()).select_related("category", "author")
    for guide in guides.annotate(changed_at=Greatest("published_at", "revised_at")).order_by("-changed_at", "-pk")[
        :SIZE
    ]:
        page.add_item(**entry(guide))
    return page.writeString("utf-8")


def entry(guide: Guide) -> dict:
    return {
        "title": legible(guide.title),
        "link": absolute(guide.get_absolute_url()),
        "unique_id": absolute(guide.get_absolute_url()),
        "description": legible(guide.summary),
        "pubdate": guide.published_at,
        "updateddate": guide.changed_at,
        "author_name": legible(guide.author.name) if guide.author else None,
        "categories": [guide.category.name],
    }
