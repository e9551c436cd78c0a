"""The contrast of what the pages show, computed from static/css/tokens.css."""

import re

import pytest
from django.conf import settings

from jobboard import colours

TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([a-z-]+): light-dark\((oklch\([\d. ]+\)), (oklch\([\d. ]+\))\);")

GROUNDS = ("paper", "surface", "sunken", "accent-soft")
TEXTS = [
    *[(text, ground) for text in ("ink", "ink-soft", "accent", "accent-strong") for ground in GROUNDS],
    *[(text, ground) for text in ("success", "warning", "danger") for ground in ("paper", "surface", f"{text}-soft")],
    *[("ink", f"{tone}-soft") for tone in ("success", "warning", "danger")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
]
CONTROLS = [("control", "paper"), ("control", "surface"), ("accent", "paper"), ("danger", "surface")]


def tokens(theme: int) -> dict[str, colours.RGB]:
    return {name: colours.parse(pair[theme]) for name, *pair in PAIR.findall(TOKENS.read_text())}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_at_least_7_to_1(theme):
    palette = tokens(theme)

    faint = [pair for pair in TEXTS if colours.contrast(*(palette[name] for name in pair)) < 7]
    assert faint == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_edge_of_a_control_stands_out_at_least_4_5_to_1(theme):
    palette = tokens(theme)

    faint = [pair for pair in CONTROLS if colours.contrast(*(palette[name] for name in pair)) < 4.5]
    assert faint == []


@pytest.mark.parametrize("hue", [28, 62, 98, 148, 190, 228, 278, 338])
def test_initials_stand_out_on_every_tint(hue):
    light = colours.contrast(colours.from_oklch(0.36, 0.07, hue), colours.from_oklch(0.93, 0.035, hue))
    dark = colours.contrast(colours.from_oklch(0.9, 0.05, hue), colours.from_oklch(0.32, 0.045, hue))

    assert (light >= 7, dark >= 7) == (True, True)


def test_white_on_black_is_21_to_1():
    assert round(colours.contrast(colours.parse("#ffffff"), colours.parse("oklch(0 0 0)")), 6) == 21


def test_a_colour_comes_back_from_oklch_as_it_went():
    lightness, chroma, hue = colours.to_oklch(colours.parse("#0b5d6b"))

    assert [round(channel * 255) for channel in colours.from_oklch(lightness, chroma, hue)] == [0x0B, 0x5D, 0x6B]
