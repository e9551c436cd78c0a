import re

import pytest
from django.core.checks import run_checks

from accounts.mail_html import render_html
from jobboard import brand, colours


def ids_of(errors) -> list[str]:
    return [error.id for error in errors]


def test_without_an_accent_there_is_no_stylesheet_of_the_operators(visitor_client):
    assert visitor_client.get("/brand.css").status_code == 404
    assert brand.current_brand() == brand.Brand("", "")


def test_the_operators_accent_is_served_under_an_address_that_changes_with_it(visitor_client, settings):
    settings.SITE_ACCENT = "#0b5d6b"
    first = brand.current_brand().stylesheet_url
    settings.SITE_ACCENT = "#6b1d0b"
    second = brand.current_brand().stylesheet_url

    answer = visitor_client.get(second)

    assert first != second
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("accent", ["#0b5d6b", "#c2185b", "#ff5722", "#1a1a1a", "#0000ff", "#2e7d32", "#8e44ad"])
def test_text_in_any_accepted_accent_stands_out_in_both_themes(accent):
    lines = dict(re.findall(r"--([a-z-]+): light-dark\((.+\)), oklch", brand.stylesheet_of(accent)))
    darks = dict(re.findall(r"--([a-z-]+): light-dark\(.+\), (oklch\([^)]+\))\)", brand.stylesheet_of(accent)))

    for theme in (lines, darks):
        ground, fill, text = (colours.parse(theme[name]) for name in ("accent-soft", "accent", "on-accent"))
        assert colours.contrast(fill, ground) >= 6.9
        assert colours.contrast(text, fill) >= 4.5


def test_mails_wear_the_operators_accent_in_both_themes(settings):
    settings.SITE_ACCENT = "#6b1d0b"

    html = render_html("mail/base.html", {"subject": "Hello"})

    shades = brand.mail_colours()
    assert (shades["accent"], shades["on_accent"]) == ("#6b1d0b", "#ffffff")
    assert f"border-top: 4px solid {shades['accent']}" in html
    assert f"border-top-color: {shades['dark_accent']} !important" in html
    for sheet, name in (("#ffffff", "accent"), ("#171f23", "dark_accent")):
        shade, text = colours.parse(shades[name]), colours.parse(shades[f"on_{name}"])
        assert colours.contrast(shade, colours.parse(sheet)) >= 7
        assert colours.contrast(text, shade) >= 7


def test_a_pale_accent_is_refused_with_one_that_would_do(settings):
    settings.SITE_ACCENT = "#ffee00"

    errors = [error for error in run_checks() if error.id == "jobboard.E002"]

    suggestion = re.search(r"nearest that would do is (#[0-9a-f]{6})", errors[0].msg)[1]
    assert brand.accent_errors(suggestion) == []


@pytest.mark.parametrize("accent", ["red", "#fff", "0b5d6b", "#0b5d6b; } body { display: none"])
def test_what_is_no_colour_is_refused(accent):
    assert ids_of(brand.accent_errors(accent)) == ["jobboard.E001"]


def test_a_logo_must_be_a_picture_that_is_there(tmp_path):
    (tmp_path / "logo.svg").write_text("<svg/>")
    (tmp_path / "logo.exe").write_text("")

    assert ids_of(brand.logo_errors(str(tmp_path / "logo.svg"))) == []
    assert ids_of(brand.logo_errors(str(tmp_path / "logo.exe"))) == ["jobboard.E003"]
    assert ids_of(brand.logo_errors(str(tmp_path / "gone.svg"))) == ["jobboard.E004"]


def test_the_logo_stands_beside_the_name(visitor_client, settings, tmp_path):
    (tmp_path / "logo.svg").write_text("<svg/>")
    settings.SITE_LOGO = str(tmp_path / "logo.svg")

    page = visitor_client.get("/no-such-page/").content.decode()
    address = re.search(r'<img src="(/brand/logo[^"]+)" alt="">', page)[1]

    answer = visitor_client.get(address)
    assert (answer.headers["Content-Type"], b"".join(answer.streaming_content)) == ("image/svg+xml", b"<svg/>")
