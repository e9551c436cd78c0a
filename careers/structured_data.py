"""What search engines are told about a guide: Article and BreadcrumbList, and only what the page shows."""

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from careers.models import Contributor, Guide
from jobs.structured_data import as_script


def guide_markup(guide: Guide) -> SafeString:
    """The JSON of a published guide, safe inside a script element."""
    return as_script({"@context": "https://schema.org", "@graph": [article(guide), breadcrumbs(guide)]})


def article(guide: Guide) -> dict:
    """Facts of schema.org's Article; Google asks for times with their zone."""
    described = {
        "@type": "Article",
        "headline": guide.title,
        "description": guide.summary,
        "image": [picture_address(guide, shape) for shape in ("1x1", "4x3", "16x9")],
        "inLanguage": guide.language,
        "mainEntityOfPage": absolute(guide.get_absolute_url()),
        "datePublished": guide.published_at.isoformat(timespec="seconds"),
        "dateModified": max(guide.published_at, guide.revised_at).isoformat(timespec="seconds"),
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute("/")},
    }
    if guide.author:
        described["author"] = [author(guide.author)]
    return described


def picture_address(guide: Guide, shape: str = "link") -> str:
    return absolute(reverse("careers:picture", args=[guide.slug, shape]))


def author(contributor: Contributor) -> dict:
    kind = "Person" if contributor.kind == Contributor.Kind.PERSON else "Organization"
    return {"@type": kind, "name": contributor.name, "url": absolute(contributor.get_absolute_url())}


def breadcrumbs(guide: Guide) -> dict:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Guides", "item": absolute(reverse("careers:index"))},
            {"@type": "ListItem", "position": 2, "name": guide.title},
        ],
    }


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
