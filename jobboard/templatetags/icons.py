"""Pictures that templates draw inline: the stroke icons and a company's initials."""

import re
import zlib
from functools import cache

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TINTS = 8
ICONS = frozenset(path.stem for path in (settings.BASE_DIR / "templates" / "icons").glob("*.svg")) - {"mark"}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """The stroke icon templates/icons/NAME.svg; it says nothing to a screen reader, so a word stands beside it."""
    return drawing(name, size)


@cache
def drawing(name: str, size: str) -> SafeString:
    svg = get_template(f"icons/{name}.svg").render().strip()
    if size:
        svg = svg.replace('class="icon"', f'class="icon icon--{size}"', 1)
    return mark_safe(svg)  # noqa: S308 -- our own files, written by hand


@register.simple_tag
def company_mark(name: str, size: str = "") -> SafeString:
    """A company's initials on a tint that its name always gives."""
    classes = f"company-mark company-mark--{size}" if size else "company-mark"
    return format_html(
        '<span class="{}" data-tint="{}" aria-hidden="true">{}</span>', classes, tint(name), initials(name)
    )


def tint(name: str) -> int:
    return zlib.crc32(name.casefold().encode()) % TINTS


def initials(name: str) -> str:
    """'Deutsche Bahn AG' → 'DB', 'Acme' → 'A': the first letters of the first two words that have any."""
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in words[:2]).upper() or "?"
