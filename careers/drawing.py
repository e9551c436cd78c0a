"""The map of a role as an SVG of 340 units, which a phone shows as it is: a trunk that goes up and branches aside."""

from dataclasses import dataclass
from textwrap import wrap

from django.urls import reverse

from careers.market import RoleMarket
from careers.models import Guide, Stage
from careers.openings import stage_path
from careers.related import RelatedGuide, related_guides

WIDTH, GUTTER, MARGIN = 340, 28, 2
BOX = (WIDTH - GUTTER) // 2 - MARGIN
ROW, HEIGHT, LINE = 76, 60, 17
STAGE_ROW, STAGE_HEIGHT = 64, 48
CENTRE_HEIGHT = 64
LETTERS, LETTERS_OF_STAGE = 19, 26  # that fit into a line
BESIDE = 10
# Median pay that much higher, of enough adverts each, makes a role a step up.
STEP_UP = 1.1


@dataclass(frozen=True)
class Neighbour:
    """A role beside this one. `is_up` when our adverts say that it pays more, `missing` what one would still learn."""

    guide: RelatedGuide
    is_up: bool
    missing: list[str]

    @property
    def map_path(self) -> str:
        return map_path(self.guide.slug)

    @property
    def in_words(self) -> str:
        skills = f"{self.guide.shared} of {self.guide.asked} skills in common"
        return f"{skills}, pays more in our adverts" if self.is_up else skills


@dataclass(frozen=True)
class Box:
    """A drawn place: `lines` of text with their heights, `thick` the width of the way that leads to it."""

    path: str
    name: str
    x: int
    y: int
    width: int
    height: int
    lines: list[tuple[str, int]]
    thick: float = 2

    @property
    def middle_x(self) -> int:
        return self.x + self.width // 2

    @property
    def middle_y(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True)
class RoleMap:
    guide: Guide
    path: str
    stages: list[tuple[Stage, str]]
    neighbours: list[Neighbour]
    stage_boxes: list[Box]
    centre: Box
    boxes: list[Box]
    height: int
    width: int = WIDTH
    trunk: int = WIDTH // 2

    @property
    def bottom(self) -> int:
        """Where the trunk ends."""
        return self.boxes[-1].middle_y if self.boxes else self.centre.middle_y

    @property
    def top(self) -> int:
        return self.stage_boxes[0].middle_y if self.stage_boxes else self.centre.middle_y


def map_of(guide: Guide) -> RoleMap:
    """Of a guide that came with for_page(); three queries."""
    neighbours = neighbours_of(guide)
    stages = [(stage, stage_path(guide, stage)) for stage in guide.stages.all()]
    climbed = list(reversed(stages))
    top = STAGE_ROW * len(climbed)
    centre_y = top + 8
    below = centre_y + CENTRE_HEIGHT + 24
    boxes = [neighbour_box(place, one, below) for place, one in enumerate(neighbours)]
    return RoleMap(
        guide=guide,
        path=map_path(guide.slug),
        stages=stages,
        neighbours=neighbours,
        stage_boxes=[stage_box(place, stage, path) for place, (stage, path) in enumerate(climbed)],
        centre=box(guide.get_absolute_url(), guide.role, 50, centre_y, WIDTH - 100, CENTRE_HEIGHT, LETTERS_OF_STAGE),
        boxes=boxes,
        height=(boxes[-1].y + HEIGHT if boxes else centre_y + CENTRE_HEIGHT) + MARGIN,
    )


def map_path(slug: str) -> str:
    return f"{reverse('careers:map')}?role={slug}"


def neighbours_of(guide: Guide) -> list[Neighbour]:
    """Those that pay more first, then by how near they are."""
    related = [one for one in related_guides(guide, most=BESIDE) if one.shared]
    own = {one.skill_id for one in guide.guide_skills.all()}
    asked = asked_by([one.pk for one in related])
    pay = median_pay([guide.pk, *(one.pk for one in related)])
    found = [
        Neighbour(
            one,
            is_up=pays_more(pay.get(one.pk, {}), pay.get(guide.pk, {})),
            missing=[name for skill, name in asked.get(one.pk, []) if skill not in own],
        )
        for one in related
    ]
    return sorted(found, key=lambda one: not one.is_up)


def asked_by(guides: list[int]) -> dict[int, list[tuple[int, str]]]:
    """(skill, its name) that each guide asks, in its order."""
    through = Guide.skills.through.objects.filter(guide__in=guides).order_by("position", "pk")
    found: dict[int, list[tuple[int, str]]] = {}
    for guide, skill, name in through.values_list("guide_id", "skill_id", "skill__name"):
        found.setdefault(guide, []).append((skill, name))
    return found


def median_pay(guides: list[int]) -> dict[int, dict[str, int]]:
    """{guide: {currency: median}}, only from enough adverts."""
    markets = RoleMarket.objects.everywhere().filter(guide__in=guides)
    return {
        one.guide_id: {pay.currency: pay.median for pay in one.pay_of_all_levels() if pay.is_shown} for one in markets
    }


def pays_more(theirs: dict[str, int], ours: dict[str, int]) -> bool:
    """In every currency that both state, and there is one."""
    both = theirs.keys() & ours.keys()
    return bool(both) and all(theirs[currency] >= STEP_UP * ours[currency] for currency in both)


def stage_box(place: int, stage: Stage, path: str) -> Box:
    name = f"{stage.title[:1].upper()}{stage.title[1:]}"
    return box(path, name, 50, STAGE_ROW * place + MARGIN, WIDTH - 100, STAGE_HEIGHT, LETTERS_OF_STAGE)


def neighbour_box(place: int, one: Neighbour, below: int) -> Box:
    x = MARGIN if place % 2 == 0 else WIDTH - BOX - MARGIN
    y = below + ROW * (place // 2)
    return box(one.map_path, one.guide.role, x, y, BOX, HEIGHT, LETTERS, thick=min(8, 1 + one.guide.shared))


def box(path: str, name: str, x: int, y: int, width: int, height: int, letters: int, *, thick: float = 2) -> Box:
    name = f"{name[:1].upper()}{name[1:]}"
    lines = wrap(name, letters, max_lines=3, placeholder="…")
    first = y + height / 2 - LINE * (len(lines) - 1) / 2
    placed = [(line, round(first + LINE * number)) for number, line in enumerate(lines)]
    return Box(path, name, x, y, width, height, placed, thick)
