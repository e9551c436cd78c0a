"""Controls of forms that Django's own would draw too slowly."""

from functools import cache

from django import forms
from django.forms.utils import flatatt
from django.utils.choices import CallableChoiceIterator
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe


class LongSelect(forms.Select):
    """A select of hundreds of options that are always the same: Django's takes a template or two for each of them.

    Choices that are a function are drawn once and remembered, so it must always give the same ones.
    """

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        attributes = flatatt({"name": name} | self.build_attrs(self.attrs, attrs))
        options = select(options_of(self.choices), self.format_value(value))
        return format_html("<select{}>{}</select>", attributes, options)


def options_of(choices) -> SafeString:
    return remembered(choices.func) if isinstance(choices, CallableChoiceIterator) else drawn(choices)


@cache
def remembered(choices_of) -> SafeString:
    return drawn(choices_of())


def drawn(choices) -> SafeString:
    """Options, in groups where a choice's words are choices themselves."""
    return mark_safe("".join(group(*one) if isinstance(one[1], list | tuple) else option(*one) for one in choices))  # noqa: S308 -- each part is escaped where it is made


def group(label, choices) -> str:
    return format_html('<optgroup label="{}">{}</optgroup>', label, drawn(choices))


def option(value, words) -> str:
    return format_html('<option value="{}">{}</option>', value, words)


def select(options: SafeString, values: list[str]) -> SafeString:
    for value in values:
        start = f'<option value="{escape(value)}"'
        options = options.replace(f"{start}>", f"{start} selected>", 1)
    return mark_safe(options)  # noqa: S308 -- what was put in is escaped
