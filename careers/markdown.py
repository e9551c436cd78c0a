"""The long texts of guides: a little Markdown, cleaned when it is drawn. Pages, previews and the API all ask here."""

import re

import nh3
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms import CharField
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

LONGEST = 20_000
HELP = (
    "An empty line begins a new paragraph. Markdown for *italic*, **bold**, `code`, [words](https://…), lists with - "
    "or 1. and quotes with >."
)
# No headings: the guide's fields are its outline. No pictures and no HTML at all; what isn't known stays as typed.
RULES = [
    *("blockquote", "list"),
    *("autolink", "backticks", "emphasis", "entity", "escape", "link", "newline"),
]
# What begins a point of a list or a quote.
BEGINS = re.compile(r"\s*([-+*>]|\d+[.)])(\s|$)|\s*>")
TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "blockquote", "code", "a"}

markdown = MarkdownIt("zero").enable(RULES)


def as_html(text: str) -> SafeString:
    """The text as readers see it, safe inside a page."""
    html = nh3.clean(
        markdown.render(text),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return mark_safe(html)  # noqa: S308 -- cleaned in the line before


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """Its paragraphs and the points of its lists, each in one line and without any marks."""
    blocks = (token.children for token in markdown.parse(text) if token.type == "inline")
    lines = ("".join(one.content or " " * one.type.endswith("break") for one in block) for block in blocks)
    return tuple(" ".join(line.split()) for line in lines if line.strip())


def tidy(text: str) -> str:
    """The text as it is kept, whichever way it came: each paragraph and each point of a list in one line.

    It means the same. So a wrapped file, the form that shows it and its way back through the history agree.
    """
    kept: list[str] = []
    for line in without_waste(text):
        goes_on = bool(line and kept and kept[-1]) and not BEGINS.match(line) and not kept[-1].endswith("\\")
        if goes_on:
            kept[-1] = f"{kept[-1]} {line.strip()}"
        else:
            kept.append(line)
    return "\n".join(kept)


def without_waste(text: str) -> list[str]:
    """Its lines, one empty line at most between two others, nothing after a line's last word."""
    lines = [line.rstrip() for line in text.replace("\x00", "").strip().splitlines()]
    return [line for before, line in zip([None, *lines], lines, strict=False) if line or before]


class MarkdownField(models.TextField):
    """A long text of at most LONGEST characters."""

    default_validators = [MaxLengthValidator(LONGEST)]

    def formfield(self, **options):
        return super().formfield(**{"form_class": MarkdownFormField, **options})


class MarkdownFormField(CharField):
    def __init__(self, **options):
        super().__init__(**options | {"help_text": options.get("help_text") or HELP})

    def to_python(self, value):
        return tidy(super().to_python(value))
