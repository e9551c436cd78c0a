"""How every form is drawn: label above, help under it, error under the field, and a summary with links."""

from django import forms
from django.template.loader import render_to_string


class Letter(forms.Form):
    name = forms.CharField(label="Name", help_text="As you sign.")
    note = forms.CharField(label="Note", required=False)
    rhythm = forms.ChoiceField(label="How often", choices=[("d", "Daily")], widget=forms.RadioSelect)
    agrees = forms.BooleanField(label="I agree")

    def clean(self):
        raise forms.ValidationError("Come back tomorrow.")


def test_a_field_in_order_is_tied_to_its_label_and_its_help():
    html = str(Letter()["name"].as_field_group())

    assert html.index('<label for="id_name">') < html.index('id="id_name_helptext"') < html.index("<input")
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_a_refused_field_says_so_and_points_to_its_error():
    html = str(Letter({})["name"].as_field_group())

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert html.index("<input") < html.index('id="id_name_error"')


def test_what_was_typed_is_kept_beside_the_error():
    html = str(Letter({"note": "O'Brien <b>"}))

    assert 'value="O&#x27;Brien &lt;b&gt;"' in html


def test_only_what_is_optional_is_marked():
    html = str(Letter())

    assert html.count("(optional)") == 1
    assert 'Note <span class="field__optional">' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend():
    html = str(Letter()["rhythm"].as_field_group())

    assert "<fieldset" in html
    assert "<legend>How often</legend>" in html


def test_the_summary_links_each_error_to_its_field_and_takes_focus():
    html = render_to_string("_form_errors.html", {"form": Letter({"agrees": "on"})})

    assert 'role="alert" tabindex="-1" autofocus' in html
    assert "<li>Come back tomorrow.</li>" in html
    assert '<a href="#id_name">Name: This field is required.</a>' in html
    assert '<a href="#id_rhythm">How often: This field is required.</a>' in html


def test_without_errors_there_is_no_summary():
    assert render_to_string("_form_errors.html", {"form": Letter()}).strip() == ""


def test_a_label_that_asks_keeps_its_mark_in_the_summary():
    class Question(forms.Form):
        reason = forms.CharField(label="What is wrong?")

    html = render_to_string("_form_errors.html", {"form": Question({})})

    assert '<a href="#id_reason">What is wrong? This field is required.</a>' in html
