"""Cleaning the HTML of adverts once, when it is written (rules: nh3's allow-list, no images, no styles)."""

import nh3

VERSION = f"nh3-{nh3.__version__}/1"
TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h3", "h4", "blockquote", "code", "pre", "a"}


def clean(raw: str) -> str:
    return nh3.clean(
        raw.replace("\x00", ""),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer ugc",
    )
