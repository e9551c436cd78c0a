"""The picture of a guide that social sites and search engines show beside a link to it: PNG, since they take no SVG."""

import io
from functools import cache
from textwrap import wrap

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from careers.models import Guide
from careers.words import capitalised

# The shapes that Google names for articles, and the one that others expect; width and height in pixels.
SHAPES = {"link": (1200, 630), "16x9": (1200, 675), "4x3": (1200, 900), "1x1": (1200, 1200)}
FACE = settings.BASE_DIR / "static" / "fonts" / "schibsted-grotesk.woff2"
PAPER, INK, SOFT, LINE, ACCENT, LIGHT = "#fbfaf7", "#16212a", "#3d4b55", "#dcd9d3", "#00506b", "#f5c243"
EDGE = 80
NOT_THERE = "\U0010fffe"


def picture(guide: Guide, shape: str) -> bytes:
    """The PNG in one of SHAPES; a title in letters that the face doesn't have is left to the text beside the link."""
    width, height = SHAPES[shape]
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    draw_head(draw, guide)
    if can_write(guide.title):
        draw_title(draw, guide.title, height)
    draw_foot(draw, guide, width, height)
    file = io.BytesIO()
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def draw_head(draw, guide: Guide) -> None:
    draw_mark(draw, EDGE, EDGE - 8)
    name = settings.SITE_NAME if can_write(settings.SITE_NAME) else ""
    draw.text((EDGE + 72, EDGE + 24), name, font=face(40, 600), fill=INK, anchor="lm")


def draw_mark(draw, x: int, y: int, scale: float = 2.4) -> None:
    """The site's mark, a door that stands open, as in templates/icons/mark.svg."""

    def at(*points):
        return [(x + scale * px, y + scale * py) for px, py in points]

    draw.polygon(at((4, 2), (24, 2), (24, 26), (4, 26)), fill=accent())
    draw.polygon(at((8, 6), (20, 6), (20, 26), (8, 26)), fill=LIGHT)
    draw.polygon(at((8, 6), (16, 9.4), (16, 27.8), (8, 26)), fill=INK)


def draw_title(draw, title: str, height: int) -> None:
    size, letters = (84, 24) if len(title) <= 60 else (64, 32)
    lines = wrap(title, letters, max_lines=4, placeholder=" …")
    step = round(size * 1.15)
    top = (height - step * len(lines)) // 2
    for number, line in enumerate(lines):
        draw.text((EDGE, top + step * number), line, font=face(size, 700), fill=INK)


def draw_foot(draw, guide: Guide, width: int, height: int) -> None:
    facts = "  ·  ".join(fact for fact in facts_of(guide) if can_write(fact))
    draw.rectangle((EDGE, height - 132, width - EDGE, height - 130), fill=LINE)
    draw.text((EDGE, height - 88), facts, font=face(34, 500), fill=SOFT, anchor="lm")
    draw.rectangle((0, height - 16, width, height), fill=accent())


def facts_of(guide: Guide) -> list[str]:
    demand = f"{guide.get_demand_display()} demand" if guide.demand else ""
    return [fact for fact in (guide.category.name, demand, capitalised(guide.get_remote_display())) if fact]


def accent() -> str:
    return settings.SITE_ACCENT or ACCENT


@cache
def face(size: int, weight: int):
    font = ImageFont.truetype(str(FACE), size)
    font.set_variation_by_axes([weight])
    return font


def can_write(text: str) -> bool:
    """Whether the face has every letter; it holds Latin only."""
    drawn = face(40, 500)
    missing = bytes(drawn.getmask(NOT_THERE))
    return all(letter.isspace() or bytes(drawn.getmask(letter)) != missing for letter in set(text))
