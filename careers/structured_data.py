"""What search engines are told about a guide: Article and BreadcrumbList, and only what the page shows."""

import json

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from careers.models import Contributor, Guide

# A "</script>" or "<!--" inside a text would end the element that holds the JSON.
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def guide_markup(guide: Guide) -> SafeString:
    """The JSON of a published guide, safe inside a script element."""
    graph = {"@context": "https://schema.org", "@graph": [article(guide), breadcrumbs(guide)]}
    return mark_safe(json.dumps(graph, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 - escaped just here


def article(guide: Guide) -> dict:
    """Facts of schema.org's Article; Google asks for times with their zone."""
    described = {
        "@type": "Article",
        "headline": guide.title,
        "description": guide.summary,
        "inLanguage": guide.language,
        "mainEntityOfPage": absolute(guide.get_absolute_url()),
        "datePublished": guide.published_at.isoformat(timespec="seconds"),
        "dateModified": max(guide.published_at, guide.revised_at).isoformat(timespec="seconds"),
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute("/")},
    }
    if guide.author:
        described["author"] = [author(guide.author)]
    return described


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
