"""Two or three guides side by side: what is asked in common and alone, the stages, pay and demand."""

from dataclasses import dataclass

from careers.market import RoleMarket
from careers.models import Guide, GuideSkill
from careers.openings import skill_path
from careers.pages import PayRow, pay_row
from careers.words import listed

FEWEST, MOST = 2, 3


@dataclass(frozen=True)
class Column:
    """A guide with its market and, of the currency that most adverts state, its pay: None below ten adverts."""

    guide: Guide
    market: RoleMarket | None
    pay: PayRow | None


@dataclass(frozen=True)
class SkillRow:
    """A skill and, guide by guide, from which level on it is asked: "" where it is not; `roles` ask for it."""

    name: str
    path: str
    levels: tuple[str, ...]
    roles: str

    @property
    def asked_by(self) -> int:
        return sum(1 for level in self.levels if level)


@dataclass(frozen=True)
class Comparison:
    columns: list[Column]
    skills: list[SkillRow]

    @property
    def in_common(self) -> list[SkillRow]:
        return [row for row in self.skills if row.asked_by == len(self.columns)]

    @property
    def by_some(self) -> list[SkillRow]:
        """Asked by two of three."""
        return [row for row in self.skills if 1 < row.asked_by < len(self.columns)]

    @property
    def alone(self) -> list[tuple[Guide, list[SkillRow]]]:
        """What only one of them asks, guide by guide."""
        return [
            (column.guide, [row for row in self.skills if row.asked_by == 1 and row.levels[place]])
            for place, column in enumerate(self.columns)
        ]


def comparison_of(guides: list[Guide]) -> Comparison:
    """Of guides that came with for_page(); one query for their markets."""
    markets = {one.guide_id: one for one in RoleMarket.objects.everywhere().filter(guide__in=guides)}
    columns = [Column(guide, markets.get(guide.pk), chief_pay(markets.get(guide.pk))) for guide in guides]
    return Comparison(columns, skill_rows(guides))


def chief_pay(market: RoleMarket | None) -> PayRow | None:
    shown = [pay for pay in market.pay_of_all_levels() if pay.is_shown] if market else []
    return pay_row(shown[0]) if shown else None


def skill_rows(guides: list[Guide]) -> list[SkillRow]:
    """Every skill that one of them asks, technical ones first, in the order of the guides."""
    asked: dict[int, dict[int, GuideSkill]] = {}
    for guide in guides:
        for one in guide.guide_skills.all():
            asked.setdefault(one.skill_id, {})[guide.pk] = one
    rows = [(next(iter(by_guide.values())), by_guide) for by_guide in asked.values()]
    rows.sort(key=lambda row: row[0].skill.kind != "technical")
    return [
        SkillRow(
            one.skill.name,
            skill_path(one),
            levels=tuple(level_of(by_guide.get(guide.pk)) for guide in guides),
            roles=listed(guide.role for guide in guides if guide.pk in by_guide),
        )
        for one, by_guide in rows
    ]


def level_of(asked: GuideSkill | None) -> str:
    return asked.get_expected_from_display() if asked else ""
