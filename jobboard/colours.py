"""Colours as numbers: OKLCH and hex to sRGB, and the WCAG contrast between two of them."""

import math
import re

RGB = tuple[float, float, float]

HEX = re.compile(r"#([0-9a-f]{6})", re.IGNORECASE)
OKLCH = re.compile(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)")


class NotAColour(ValueError):
    """The text is neither #rrggbb nor oklch(L C H)."""


def parse(text: str) -> RGB:
    """Red, green and blue from 0 to 1, gamma-encoded."""
    if match := HEX.fullmatch(text.strip()):
        digits = match[1]
        return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    if match := OKLCH.fullmatch(text.strip()):
        return from_oklch(*map(float, match.groups()))
    raise NotAColour(text)


def in_hex(colour: RGB) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def from_oklch(lightness: float, chroma: float, hue: float) -> RGB:
    """Björn Ottosson's Oklab, as CSS Color 4 defines it; what sRGB can't show is clipped."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return tuple(min(1.0, max(0.0, encode(channel))) for channel in linear)


def to_oklch(colour: RGB) -> tuple[float, float, float]:
    red, green, blue = map(decode, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def encode(channel: float) -> float:
    if channel <= 0.0031308:
        return 12.92 * channel
    return 1.055 * channel ** (1 / 2.4) - 0.055


def decode(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    return ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: RGB, other: RGB) -> float:
    """WCAG's ratio, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: RGB) -> float:
    red, green, blue = map(decode, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
