"""The HTML of a mail: templates/mail/base.html's frame with its styles written into each tag, as mail programs need."""

from functools import cache

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.module_loading import import_string


def render_html(template: str, context: dict) -> str:
    """A template that extends mail/base.html, ready to be sent; `context` names the mail's `subject`.

    What depends on the theme stays in a style element, where the programs that know dark mode look for it.
    """
    colours = import_string(settings.MAIL_COLOURS)()
    site = {"site_name": settings.SITE_NAME, "site_contact": settings.SITE_CONTACT} | colours
    return inliner().inline(render_to_string(template, site | context))


@cache
def inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
