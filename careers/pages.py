"""What the guide's page draws of the guide and its market: the same until its fingerprint changes."""

from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse
from django.utils.safestring import SafeString

from careers import figures
from careers.markdown import as_html
from careers.market import ENOUGH, Asked, Pay, RoleMarket, Trends
from careers.models import Figure, Guide, GuideSkill, Stage
from careers.openings import named_skill_path, region_path, skill_path, stage_path
from careers.questions import Question, questions_of
from careers.skills import Skill
from careers.structured_data import guide_markup, picture_address
from jobs.pay import rounded_money

SKILLS_ASKED = 12
# How far the scale of the timeline reaches past the beginning of a stage without an end.
YEARS_OPEN = 4


@dataclass(frozen=True)
class Section:
    anchor: str
    heading: str


@dataclass(frozen=True)
class SkillLink:
    name: str
    path: str
    expected_from: str
    expected_later: bool
    trend: str


@dataclass(frozen=True)
class StageBar:
    """A stage and its place on a scale of 100, for the drawing; `begins` and `lasts` are parts of the scale."""

    stage: Stage
    path: str
    begins: float
    lasts: float


@dataclass(frozen=True)
class FigureInWords:
    figure: Figure
    amount: str
    meaning: str


@dataclass(frozen=True)
class PayRow:
    """Percentiles in words, or how many adverts there were when they are too few."""

    pay: Pay
    low: str
    median: str
    high: str


@dataclass(frozen=True)
class RegionLink:
    name: str
    n: int
    path: str


@dataclass(frozen=True)
class MarketBox:
    """What our own adverts say, as the page shows it; `enough` is from how many adverts pay is shown."""

    market: RoleMarket
    pay: list[PayRow]
    unshown: list[Pay]
    skills: list[tuple[Asked, str]]
    regions: list[RegionLink]
    enough: int = ENOUGH


@dataclass(frozen=True)
class GuidePage:
    guide: Guide
    introduction: SafeString
    overview: SafeString
    skills: list[tuple[str, list[SkillLink]]]
    stages: list[StageBar]
    figures: list[FigureInWords]
    questions: list[Question]
    market: MarketBox | None

    @property
    def markup(self) -> SafeString:
        """What search engines are told."""
        return guide_markup(self.guide)

    @property
    def picture(self) -> str:
        return picture_address(self.guide)

    @property
    def salary_path(self) -> str:
        return reverse("careers:salary", args=[self.guide.slug])

    @property
    def own_skills_path(self) -> str:
        return f"{reverse('careers:my_skills')}?guide={self.guide.slug}"

    @property
    def way_up(self) -> StageBar | None:
        """The last of the stages."""
        return self.stages[-1] if self.stages else None

    @property
    def sections(self) -> list[Section]:
        """The headings that the page has, in its order."""
        guide = self.guide
        asked = [
            ("role", "What the role is", self.overview or guide.aspects),
            ("responsibilities", "Responsibilities by level", guide.responsibilities()),
            ("skills", "Skills", self.skills),
            ("career", "Career path", self.stages),
            ("education", "Education and certifications", guide.education or guide.certifications.all()),
            ("market", "Market", guide.demand or self.figures or guide.industries or guide.remote),
            ("adverts", "What our adverts say", self.market),
            ("questions", "Questions", self.questions),
            ("jobs", "Jobs for this role", guide.search),
        ]
        return [Section(anchor, heading) for anchor, heading, there in asked if there]


def page_of(key: int) -> GuidePage:
    """What is drawn of the guide itself; asks for it, its parts and its market, eight queries."""
    guide = Guide.objects.for_page().get(pk=key)
    market = RoleMarket.objects.everywhere().filter(guide=guide).first()
    return GuidePage(
        guide=guide,
        introduction=as_html(guide.introduction),
        overview=as_html(guide.overview),
        skills=skills_by_kind(guide, market.trends() if market else Trends({}, are_rare_told=False)),
        stages=stage_bars(guide),
        figures=[FigureInWords(one, figures.amount_in_words(one), figures.meaning(one)) for one in guide.figures.all()],
        questions=questions_of(guide),
        market=market_box(market, guide) if market and market.jobs else None,
    )


def market_box(market: RoleMarket, guide: Guide) -> MarketBox:
    rows = market.pay_rows()
    return MarketBox(
        market,
        pay=[pay_row(pay) for pay in rows if pay.is_shown],
        unshown=[pay for pay in rows if not pay.is_shown and not pay.level],
        skills=[(one, named_skill_path(one.name)) for one in market.skills_asked()[:SKILLS_ASKED]],
        regions=[RegionLink(one["name"], one["n"], region_path(guide, one["slug"])) for one in market.regions],
    )


def pay_row(pay: Pay) -> PayRow:
    return PayRow(pay, *(rounded_money(amount, pay.currency) for amount in (pay.low, pay.median, pay.high)))


def skills_by_kind(guide: Guide, trends: Trends) -> list[tuple[str, list[SkillLink]]]:
    kinds = list(Skill.Kind)
    asked = sorted(guide.guide_skills.all(), key=lambda one: kinds.index(Skill.Kind(one.skill.kind)))
    by_kind = groupby(asked, key=lambda one: one.skill.kind)
    return [(Skill.Kind(kind).label, [skill_link(one, trends) for one in group]) for kind, group in by_kind]


def skill_link(asked: GuideSkill, trends: Trends) -> SkillLink:
    return SkillLink(
        asked.skill.name,
        skill_path(asked),
        asked.get_expected_from_display(),
        asked.is_expected_later,
        trends.of(asked.skill_id),
    )


def stage_bars(guide: Guide) -> list[StageBar]:
    stages = list(guide.stages.all())
    if not stages:
        return []
    scale = 100 / max(last_year(stage) for stage in stages)
    return [
        StageBar(
            stage,
            stage_path(guide, stage),
            begins=round(stage.years_from * scale, 2),
            lasts=round((last_year(stage) - stage.years_from) * scale, 2),
        )
        for stage in stages
    ]


def last_year(stage: Stage) -> int:
    return stage.years_from + YEARS_OPEN if stage.years_to is None else stage.years_to
