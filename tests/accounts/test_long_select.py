"""A long select says exactly what Django's own select would."""

from html.parser import HTMLParser

import pytest
from django import forms

from accounts.widgets import LongSelect

CHOICES = [("", "None"), ("<a>", 'A "quoted" & <b>word</b>'), ("Europe", [("Europe/Rome", "Rome"), ("it's", "It’s")])]


class Pieces(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, text):
        if text.strip():
            self.found.append(text.strip())


def form_with(widget, choices, **data):
    field = forms.ChoiceField(choices=choices, widget=widget, help_text="Choose one.")
    return type("Form", (forms.Form,), {"place": field})(**data)


@pytest.mark.parametrize("choices", [CHOICES, lambda: CHOICES], ids=["a list", "a function"])
@pytest.mark.parametrize("value", ["", "<a>", "Europe/Rome", "it's", "unknown"])
def test_it_says_what_a_plain_select_says(choices, value):
    ours, theirs = (str(form_with(one, choices, data={"place": value})["place"]) for one in (LongSelect, forms.Select))

    assert Pieces(ours).found == Pieces(theirs).found


def test_a_choice_that_one_form_alone_has_is_not_remembered_for_others():
    def choices():
        return CHOICES

    first = form_with(LongSelect, choices)
    first.fields["place"].choices = [("old", "Old"), *CHOICES]

    assert ("Old" in str(first["place"]), "Old" in str(form_with(LongSelect, choices)["place"])) == (True, False)
