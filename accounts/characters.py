"""Characters that no page and no feed may hold, text without them, and text that runs from right to left."""

import re
import unicodedata

# Controls but tab and line ends, halves of surrogate pairs, and noncharacters: HTML, XML or PostgreSQL refuses each.
PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
ILLEGIBLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{PLANES}]")

# What turns all that follows in its line round, and what a name of one line hides. Joiners and marks of direction
# (U+200C to U+200F) stay: scripts need them.
TURNING = re.compile("[\u202a-\u202e]")
TURNING_OR_HIDDEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069]")


def legible(text: str) -> str:
    """The text with a space for each character that can't be shown."""
    return ILLEGIBLE.sub(" ", text)


def unturned(text: str) -> str:
    """Typed text without what turns lines round; a single line, as every name is, also without what hides in it."""
    return (TURNING if "\n" in text else TURNING_OR_HIDDEN).sub("", text)


def readable(text: str) -> str:
    """What somebody typed, as it is kept."""
    return unturned(legible(text))


def isolated(text: str) -> str:
    """A name for a line of plain text: what is written from right to left is kept from turning the words beside it."""
    runs_leftwards = any(unicodedata.bidirectional(character) in ("R", "AL", "RLE", "RLO") for character in text)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if runs_leftwards else text
