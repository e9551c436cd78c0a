"""Guides as JSON, for other programs: a list by pages and each guide whole. Described in docs/api.md."""

from urllib.parse import urlencode

from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, conditional_page, require_safe

from careers.market import RoleMarket
from careers.models import Guide
from careers.questions import questions_of
from careers.structured_data import absolute

PAGE, MOST = 20, 100
# So that a change of what the answers hold changes their tags, too.
SHAPE = "1"


@require_safe
@conditional_page
def guides(request):
    """Published guides, oldest first; `limit` up to 100, `cursor` from the answer before."""
    limit, cursor = request.GET.get("limit", str(PAGE)), request.GET.get("cursor", "0")
    if not is_number(limit) or not 1 <= int(limit) <= MOST:
        return problem(400, "bad-limit", "Bad limit", f"limit is a whole number from 1 to {MOST}.")
    if not is_number(cursor):
        return problem(400, "bad-cursor", "Bad cursor", "cursor is what the answer before gave; leave it out to begin.")
    rows = Guide.objects.published(timezone.now()).filter(pk__gt=int(cursor)).select_related("category").order_by("pk")
    found = list(rows[: int(limit) + 1])
    page = found[: int(limit)]
    following = next_address(limit, page[-1].pk) if len(found) > len(page) else None
    response = answer({"guides": [in_short(guide) for guide in page], "next": following})
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def next_address(limit: str, cursor: int) -> str:
    return f"{absolute(reverse('api:guides'))}?{urlencode({'limit': limit, 'cursor': cursor})}"


def in_short(guide: Guide) -> dict:
    return {
        "slug": guide.slug,
        "title": guide.title,
        "role": guide.role,
        "category": guide.category.slug,
        "language": guide.language,
        "summary": guide.summary,
        "url": absolute(guide.get_absolute_url()),
        "api_url": absolute(reverse("api:guide", args=[guide.slug])),
        "published_at": guide.published_at,
        "revised_at": guide.revised_at,
        "reviewed_on": guide.reviewed_on,
    }


def etag(request, slug) -> str | None:
    found = Guide.objects.published(timezone.now()).for_head().filter(slug=slug).first()
    return f'"{found.fingerprint}-{SHAPE}"' if found else None


@require_safe
@condition(etag_func=etag)
def guide(request, slug):
    """One guide with everything that its page says, but for the jobs."""
    found = Guide.objects.published(timezone.now()).for_page().filter(slug=slug).first()
    if found is None:
        return problem(404, "no-such-guide", "No such guide", f"No published guide is called {slug}.")
    return answer(in_short(found) | in_full(found))


def in_full(guide: Guide) -> dict:
    return {
        "introduction": guide.introduction,
        "overview": guide.overview,
        "aspects": guide.aspects,
        "responsibilities": {level.value: lines for level, lines in guide.responsibilities()},
        "skills": [
            {"name": one.skill.name, "kind": one.skill.kind, "expected_from": one.expected_from}
            for one in guide.guide_skills.all()
        ],
        "stages": [
            {
                "title": stage.title,
                "level": stage.level,
                "years_from": stage.years_from,
                "years_to": stage.years_to,
                "responsibilities": stage.responsibilities,
            }
            for stage in guide.stages.all()
        ],
        "education": guide.education,
        "certifications": [
            {"name": one.name, "issuer": one.issuer, "url": one.url} for one in guide.certifications.all()
        ],
        "outlook": outlook(guide),
        "market": market(guide),
        "questions": [
            {"question": one.heading, "answer": "\n\n".join(one.paragraphs), "points": one.points}
            for one in questions_of(guide)
        ],
        "author": guide.author.name if guide.author else None,
        "reviewer": guide.reviewer.name if guide.reviewer else None,
    }


def outlook(guide: Guide) -> dict:
    """What the guide says of the market, each figure with its source."""
    fields = ("measure", "amount", "counts", "place", "from_year", "to_year", "source", "source_url", "source_year")
    return {
        "demand": guide.demand or None,
        "demand_note": guide.demand_note,
        "remote": guide.remote or None,
        "remote_note": guide.remote_note,
        "industries": guide.industries,
        "figures": [
            {name: getattr(figure, name) for name in fields} | {"amount": float(figure.amount)}
            for figure in guide.figures.all()
        ],
        "platforms": [{"name": one.name, "url": one.url, "offers": one.offers} for one in guide.platforms.all()],
    }


def market(guide: Guide) -> dict | None:
    """What this board's adverts say; pay is in minor units of its currency a year, and only from ten adverts on."""
    found = RoleMarket.objects.everywhere().filter(guide=guide).first()
    if found is None:
        return None
    return {
        "computed_at": found.computed_at,
        "open_jobs": found.jobs,
        "remote_percent": found.share_of_remote,
        "levels": found.levels,
        "pay": found.pay,
        "adverts_of_90_days": found.adverts,
        "skills": [{"name": one.name, "adverts": one.n, "trend": one.trend or None} for one in found.skills_asked()],
        "regions": found.regions,
        "companies": found.companies,
    }


def answer(content: dict) -> JsonResponse:
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, public=True, max_age=300)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def problem(status: int, kind: str, title: str, detail: str) -> JsonResponse:
    """An error as RFC 9457 has it."""
    content = {"type": f"urn:problem:{kind}", "title": title, "status": status, "detail": detail}
    response = JsonResponse(content, status=status, content_type="application/problem+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
