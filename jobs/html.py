"""Cleaning the HTML of adverts once, when it is written (rules: nh3's allow-list, no images, no styles)."""

import re
from html import unescape

import nh3

VERSION = f"nh3-{nh3.__version__}/2"
TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h3", "h4", "blockquote", "code", "pre", "a"}
HEADINGS = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}
CELLS = {"td", "th"}
# What stands on lines of its own, but isn't allowed: a paragraph begins with it and after it.
PARTS = {
    "address", "article", "aside", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "legend", "main", "nav", "section", "summary", "table", "tr",
}  # fmt: skip
REPLACED = {*HEADINGS, *CELLS, *PARTS}
HAS_REPLACED = re.compile(rf"</?(?:{'|'.join(sorted(REPLACED))})\b", re.IGNORECASE)
# As nh3 writes them: in small letters, and without attributes where none is allowed.
TAG = re.compile(rf"<(/?)({'|'.join(sorted(REPLACED))})>")
# A paragraph in which nothing would stand.
EMPTY = re.compile(r"<p>\s*(?=</?(?:p|ul|ol|li|h3|h4|blockquote|pre)>|\Z)")


def clean(raw: str) -> str:
    """The HTML with nothing but allowed tags; what others part stays apart, as paragraphs, headings and spaces."""
    raw = raw.replace("\x00", "")
    if HAS_REPLACED.search(raw):
        raw = EMPTY.sub("", TAG.sub(instead, cleaned(raw, TAGS | REPLACED)))
    return cleaned(raw, TAGS)


def says_something(raw: str) -> bool:
    """Whether a letter or a digit is left to read when the HTML is cleaned."""
    # Cleaned HTML has its angle brackets around tags alone.
    text = unescape(re.sub("<[^>]*>", "", clean(raw))) if "<" in raw else raw
    return any(character.isalnum() for character in text)


def instead(tag: re.Match) -> str:
    slash, name = tag.groups()
    if name in HEADINGS:
        return f"<{slash}{HEADINGS[name]}>"
    if name in CELLS:
        return " " if slash else ""
    return "<p>"


def cleaned(raw: str, tags: set[str]) -> str:
    return nh3.clean(
        raw,
        tags=tags,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer ugc",
    )
