"""Plain-text adverts as HTML: paragraphs, headings and lists; HTML is passed through (it is cleaned when saved)."""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby

IS_HTML = re.compile(r"<(p|br|ul|ol|li|div|h[1-6]|strong|b|em|span|a)\b[^<>]*/?>", re.IGNORECASE)
# Signs that only ever start a list item, and those that need a space after them to be one.
BULLET = re.compile(r"^(?:[•·●▪◦‣∙■□➢✓\uf0a7\uf0b7]\s*|[*+–—-]\s+)(?=\S)")
STARRED_HEADING = re.compile(r"^\*{1,2}\s*([^*]+?)\s*:?\s*\*\*$")
HEADING_LENGTH = 60
# A line of these is an advertising network's mark, not text.
TRACKING = re.compile(r"^(?:#LI-[\w-]+\s*)+$")
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u2060\ufeff"))


def as_html(text: str) -> str:
    """HTML of an advert that is plain text or already HTML."""
    if IS_HTML.search(text):
        return text
    return "\n".join(written(kind, [content for _, content in lines]) for kind, lines in groupby(blocks(text), first))


def first(pair):
    return pair[0]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(kind, text) of each line that says something; a sentence broken over lines is put together."""
    pending = None
    for line in plain_lines(text):
        kind, content = kind_of(line)
        if pending and kind == "p" and goes_on(pending[1], content):
            pending = (pending[0], f"{pending[1]} {content}")
            continue
        if pending:
            yield pending
        pending = (kind, content)
    if pending:
        yield pending


def plain_lines(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    lines = (" ".join(tidy(line).split()) for line in text.splitlines())
    return [line for line in lines if line and not TRACKING.match(line)]


def tidy(line: str) -> str:
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zs") else c for c in line)


def kind_of(line: str) -> tuple[str, str]:
    if heading := STARRED_HEADING.match(line):
        return "h3", heading[1]
    if bullet := BULLET.match(line):
        return "li", line[bullet.end() :]
    if line.endswith(":") and len(line) <= HEADING_LENGTH:
        return "h3", line.rstrip(": ")
    return "p", line


def goes_on(before: str, line: str) -> bool:
    """Whether the line is the rest of a sentence that was broken by a narrow editor."""
    return line[0].islower() and before[-1] not in ".!?:;"


def written(kind: str, contents: list[str]) -> str:
    if kind == "li":
        return "<ul>\n" + "\n".join(f"<li>{escape(content)}</li>" for content in contents) + "\n</ul>"
    return "\n".join(f"<{kind}>{escape(content)}</{kind}>" for content in contents if content)
