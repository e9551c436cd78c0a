"""Characters that no page and no feed may hold, and text without them."""

import re

# Controls but tab and line ends, halves of surrogate pairs, and noncharacters: HTML, XML or PostgreSQL refuses each.
PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
ILLEGIBLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{PLANES}]")


def legible(text: str) -> str:
    """The text with a space for each character that can't be shown."""
    return ILLEGIBLE.sub(" ", text)
