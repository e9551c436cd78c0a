"""The operator's own colour and logo, from SITE_ACCENT and SITE_LOGO."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.checks import Error
from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from jobboard import colours

# Where the accent must be read: the lightest and the darkest ground of each theme, as in static/css/tokens.css.
LIGHT_GROUNDS = ("oklch(1 0 0)", "oklch(0.945 0.022 218)")
DARK_GROUNDS = ("oklch(0.165 0.011 235)", "oklch(0.29 0.04 222)")
TEXT_CONTRAST = 7
# Below this on white a colour would have to change so much that it is no longer the operator's.
LEAST_CONTRAST = 3
STEP = 0.005
PICTURES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


class RefusedAccent(ValueError):
    """The colour can't be an accent; the message says why and what would do."""


@dataclass(frozen=True)
class Brand:
    """Addresses, empty where the operator has set nothing."""

    stylesheet_url: str = ""
    logo_url: str = ""


def current_brand() -> Brand:
    return Brand(
        stylesheet_url=f"{reverse('brand_stylesheet')}?v={version(settings.SITE_ACCENT)}"
        if settings.SITE_ACCENT
        else "",
        logo_url=f"{reverse('brand_logo')}?v={version(settings.SITE_LOGO)}" if settings.SITE_LOGO else "",
    )


def version(setting: str) -> str:
    return hashlib.sha256(setting.encode()).hexdigest()[:10]


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def stylesheet(request):
    if not settings.SITE_ACCENT:
        raise Http404
    return HttpResponse(stylesheet_of(settings.SITE_ACCENT), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def logo(request):
    path = Path(settings.SITE_LOGO or "none")
    if path.suffix not in PICTURES or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type=PICTURES[path.suffix])


@cache
def stylesheet_of(accent: str) -> str:
    """The tokens that follow from the operator's colour, for both themes."""
    light, dark = light_accent(accent), dark_accent(accent)
    hue = colours.to_oklch(colours.parse(accent))[2]
    pairs = {
        "accent": (light, dark),
        "accent-strong": (lighter(light, -0.07), lighter(dark, 0.06)),
        "accent-soft": (f"oklch(0.945 0.022 {hue:.0f})", f"oklch(0.29 0.04 {hue:.0f})"),
        "on-accent": (text_on(light), text_on(dark)),
    }
    lines = [f"    --{name}: light-dark({one}, {other});" for name, (one, other) in pairs.items()]
    return "@layer tokens {\n  :root:root {\n" + "\n".join(lines) + "\n  }\n}\n"


# What tokens.css says in OKLCH, which few mail programs read.
OURS_IN_MAILS = {"accent": "#00506a", "on_accent": "#ffffff", "dark_accent": "#75d0e6", "on_dark_accent": "#0b161b"}


def mail_colours() -> dict[str, str]:
    """The accent in hex, as mails use it: on light and dark sheets, and the text on a button of it."""
    return mail_colours_of(settings.SITE_ACCENT) if settings.SITE_ACCENT else OURS_IN_MAILS


@cache
def mail_colours_of(accent: str) -> dict[str, str]:
    light, dark = light_accent(accent), dark_accent(accent)
    shades = {"accent": light, "on_accent": text_on(light), "dark_accent": dark, "on_dark_accent": text_on(dark)}
    return {name: colours.in_hex(colours.parse(shade)) for name, shade in shades.items()}


def light_accent(accent: str) -> str:
    """The colour, darkened until it reads as text on every light ground."""
    given = colours.parse(accent)
    if colours.contrast(given, (1.0, 1.0, 1.0)) < LEAST_CONTRAST:
        raise RefusedAccent(
            f"SITE_ACCENT {accent} is too pale to be read on a white page. "
            f"Choose a darker one; the nearest that would do is {darkest_enough(accent)}."
        )
    return shade_that_reads(given, LIGHT_GROUNDS, -STEP)


def dark_accent(accent: str) -> str:
    """The colour, lightened until it reads as text on every dark ground."""
    return shade_that_reads(colours.parse(accent), DARK_GROUNDS, STEP)


def shade_that_reads(colour: colours.RGB, grounds: tuple[str, ...], step: float) -> str:
    lightness, chroma, hue = colours.to_oklch(colour)
    chroma = min(chroma, 0.16)
    while 0 < lightness < 1:
        shade = f"oklch({lightness:.3f} {chroma:.3f} {hue:.1f})"
        if all(colours.contrast(colours.parse(shade), colours.parse(ground)) >= TEXT_CONTRAST for ground in grounds):
            return shade
        lightness += step
    return "oklch(0 0 0)" if step < 0 else "oklch(1 0 0)"


def darkest_enough(accent: str) -> str:
    lightness, chroma, hue = colours.to_oklch(colours.parse(accent))
    while True:
        lightness -= STEP
        shade = colours.from_oklch(lightness, chroma, hue)
        if colours.contrast(shade, (1.0, 1.0, 1.0)) >= LEAST_CONTRAST:
            return colours.in_hex(shade)


def lighter(shade: str, change: float) -> str:
    lightness, chroma, hue = colours.to_oklch(colours.parse(shade))
    return f"oklch({min(1, max(0, lightness + change)):.3f} {chroma:.3f} {hue:.1f})"


def text_on(shade: str) -> str:
    """White or near-black, whichever reads better."""
    ground = colours.parse(shade)
    candidates = ("oklch(1 0 0)", "oklch(0.19 0.03 230)")
    return max(candidates, key=lambda text: colours.contrast(ground, colours.parse(text)))


def check_brand(app_configs, **kwargs) -> list[Error]:
    """A system check: one plain sentence for each setting that can't be used."""
    return [*accent_errors(settings.SITE_ACCENT), *logo_errors(settings.SITE_LOGO)]


def accent_errors(accent: str) -> list[Error]:
    if not accent:
        return []
    try:
        light_accent(accent)
    except colours.NotAColour:
        return [Error(f"SITE_ACCENT is {accent!r}; write it as six hex digits, such as #0b5d6b.", id="jobboard.E001")]
    except RefusedAccent as refusal:
        return [Error(str(refusal), id="jobboard.E002")]
    return []


def logo_errors(logo: str) -> list[Error]:
    if not logo:
        return []
    if Path(logo).suffix not in PICTURES:
        return [Error(f"SITE_LOGO is {logo!r}; it must be an .svg, .png or .webp file.", id="jobboard.E003")]
    if not Path(logo).is_file():
        return [Error(f"SITE_LOGO names {logo!r}, and there is no such file.", id="jobboard.E004")]
    return []
