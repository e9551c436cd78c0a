from functools import cache, partial

from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Count, Q, Value
from django.http import Http404, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from careers.models import Contributor, Guide, GuideSkill
from careers.pages import page_of
from careers.previews import guide_of
from careers.questions import paragraphs_of
from careers.related import related_guides
from careers.roles import openings_of
from careers.structured_data import absolute
from careers.words import other_spelling
from jobs.models import Category
from jobs.words import fold

PAGE_SIZE = 24
LONGEST_QUERY = 100
RELATED = 4
MOST_COMPLETIONS = 400


@require_safe
def index(request):
    now = timezone.now()
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    found = Guide.objects.published(now).about(words)
    categories = list(categories_of(found))
    chosen = next((one for one in categories if one.slug == request.GET.get("category", "")), None)
    guides = found.filter(category=chosen) if chosen else found
    page = Paginator(guides.for_cards(), PAGE_SIZE).get_page(request.GET.get("page"))
    known = completions(now)
    context = {
        "page": page,
        "words": words,
        "categories": categories,
        "chosen": chosen,
        "completions": known,
        "suggestion": "" if page.paginator.count else suggestion(words, known, now),
    }
    return render(request, "careers/index.html", context)


def suggestion(typed: str, known: list[str], at) -> str:
    """The words in the spelling of roles and skills that are known, if that finds a guide; '' otherwise."""
    other = other_spelling(typed, known)
    return other if other and Guide.objects.published(at).about(other).exists() else ""


def completions(at) -> list[str]:
    """Roles, then skills, that the word being typed may become; the browser picks among them. One query."""
    guides = Guide.objects.published(at)
    roles = guides.annotate(place=Value(0)).values_list("place", "role")
    skills = GuideSkill.objects.filter(guide__in=guides).annotate(place=Value(1)).values_list("place", "skill__name")
    found = sorted(roles.union(skills), key=lambda row: (row[0], fold(row[1])))
    return [word for _, word in found[:MOST_COMPLETIONS]]


def categories_of(guides):
    """The categories that have such guides, with their number."""
    return (
        Category.objects.annotate(guide_count=Count("guides", filter=Q(guides__in=guides)))
        .filter(guide_count__gt=0)
        .order_by("position", "name")
    )


@require_safe
def guide(request, slug):
    now = timezone.now()
    found = Guide.objects.at_door(slug)
    if found is None or not found.is_published(now):
        former = get_object_or_404(Guide.objects.published(now), former_slugs__slug=slug)
        return HttpResponsePermanentRedirect(former.get_absolute_url())
    return render(request, "careers/guide.html", guide_context(found))


@require_safe
@never_cache
def preview(request, token):
    """A guide as it will look, for whoever has the link, for a day."""
    try:
        key = guide_of(token)
    except signing.BadSignature:
        raise Http404 from None
    found = get_object_or_404(Guide.objects.for_door(), pk=key)
    response = render(request, "careers/guide.html", guide_context(found) | {"is_preview": True})
    response["X-Robots-Tag"] = "noindex"
    return response


def guide_context(found: Guide) -> dict:
    """`page` is a function: it is called only when the guide itself is not at hand, drawn, under its fingerprint."""
    return {
        "guide": found,
        "page": cache(partial(page_of, found.pk)),
        "openings": openings_of(found),
        "related": related_guides(found, most=RELATED),
        "address": absolute(found.get_absolute_url()),
        "editions": editions_of(found),
        "is_preview": False,
    }


def editions_of(found: Guide) -> list[tuple[str, str]]:
    """Language and address of each edition, as search engines are told; [] when there is but one."""
    editions = [(one["language"], absolute(reverse("careers:guide", args=[one["slug"]]))) for one in found.editions]
    return editions if len(editions) > 1 else []


@require_safe
def contributor(request, slug):
    found = get_object_or_404(Contributor, slug=slug)
    guides = Guide.objects.published(timezone.now()).for_cards()
    written, reviewed = list(guides.filter(author=found)), list(guides.filter(reviewer=found).exclude(author=found))
    if not (written or reviewed):
        raise Http404
    about = paragraphs_of(found.about)
    context = {"contributor": found, "about": about, "written": written, "reviewed": reviewed}
    return render(request, "careers/contributor.html", context)
