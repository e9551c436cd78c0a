"""How far somebody's skills reach: what each guide asks beyond them, level by level, and the jobs that name most."""

from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Lower
from django.utils import timezone

from careers.models import Guide, GuideLevel, GuideSkill
from careers.openings import named_skill_path
from careers.skills import Skill
from jobs.models import Job

LEVELS = list(GuideLevel)
# Nearly every role asks for the others, so that they tell roles apart less.
WEIGHTS = {Skill.Kind.TECHNICAL: 2, Skill.Kind.SOFT: 1}
JOBS = 8
# Of jobs that name equally many of the skills, so many are looked at for what else they ask.
CANDIDATES = 400


@dataclass(frozen=True)
class Asked:
    """A skill that a guide asks from a level on, and whether the person has it."""

    slug: str
    name: str
    kind: str
    level: GuideLevel
    is_there: bool

    @property
    def path(self) -> str:
        return named_skill_path(self.name)


@dataclass(frozen=True)
class Gap:
    """What a level asks, with all levels below it; `added` are those of the missing that no level below asks."""

    level: GuideLevel
    asked: int
    missing: list[Asked]

    @property
    def added(self) -> list[Asked]:
        return [one for one in self.missing if one.level == self.level]

    @property
    def has(self) -> int:
        return self.asked - len(self.missing)


@dataclass(frozen=True)
class Fit:
    slug: str
    role: str
    skills: list[Asked]

    @property
    def has(self) -> int:
        return sum(1 for one in self.skills if one.is_there)

    @property
    def share(self) -> float:
        """Of what the role asks, from 0 to 1; technical skills count twice."""
        asked = sum(WEIGHTS[one.kind] for one in self.skills)
        return sum(WEIGHTS[one.kind] for one in self.skills if one.is_there) / asked

    @property
    def percent(self) -> int:
        return round(100 * self.share)

    @property
    def gaps(self) -> list[Gap]:
        return [self.gap_at(place, level) for place, level in enumerate(LEVELS)]

    def gap_at(self, place: int, level: GuideLevel) -> Gap:
        asked = [one for one in self.skills if LEVELS.index(one.level) <= place]
        return Gap(level, len(asked), [one for one in asked if not one.is_there])


def fits_of(skills: set[str]) -> list[Fit]:
    """Every published guide, the best fitting first; `skills` are slugs. One query."""
    asked = (
        GuideSkill.objects.filter(guide__in=Guide.objects.published(timezone.now()))
        .order_by("guide_id", "position", "pk")
        .values_list("guide__slug", "guide__role", "skill__slug", "skill__name", "skill__kind", "expected_from")
    )
    found: dict[tuple[str, str], list[Asked]] = {}
    for guide, role, slug, name, kind, level in asked:
        found.setdefault((guide, role), []).append(Asked(slug, name, kind, GuideLevel(level), slug in skills))
    return sorted((Fit(*guide, of) for guide, of in found.items()), key=lambda fit: (-fit.share, -fit.has, fit.role))


@dataclass(frozen=True)
class FittingJob:
    """An open job, how many of the person's skills its advert names, and what else it names."""

    job: Job
    has: int
    missing: list[str]


def fitting_jobs(skills: set[str]) -> list[FittingJob]:
    """Open jobs whose adverts name the most of the skills and the fewest others, newest first; three queries."""
    own = list(Skill.objects.filter(slug__in=skills).values_list("pk", flat=True))
    if not own:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FITTING, {"skills": own, "candidates": CANDIDATES, "most": JOBS, "at": timezone.now()})
        rows = cursor.fetchall()
    jobs = Job.objects.for_cards().in_bulk([job for job, _, _ in rows])
    return [FittingJob(jobs[job], has, missing) for job, has, missing in rows if job in jobs]


FITTING = """
WITH named AS (
    SELECT document.job_id, document.published_at, count(*) AS has
    FROM careers_skillmention mention
    JOIN jobs_jobdocument document ON document.job_id = mention.job_id
    WHERE mention.skill_id = ANY(%(skills)s) AND (document.expires_at IS NULL OR document.expires_at > %(at)s)
    GROUP BY document.job_id
    ORDER BY has DESC, document.published_at DESC, document.job_id DESC
    LIMIT %(candidates)s
)
SELECT named.job_id, named.has, other.names
FROM named, LATERAL (
    SELECT coalesce(array_agg(skill.name ORDER BY skill.name), '{}') AS names
    FROM careers_skillmention mention JOIN careers_skill skill ON skill.id = mention.skill_id
    WHERE mention.job_id = named.job_id AND NOT mention.skill_id = ANY(%(skills)s)
) other
ORDER BY named.has DESC, cardinality(other.names), named.published_at DESC, named.job_id DESC
LIMIT %(most)s
"""


def skills_to_choose() -> dict[str, list[dict]]:
    """{"Technical": [{"slug", "name"}, …], …}: what published guides ask, by name. One query."""
    asked = GuideSkill.objects.filter(guide__in=Guide.objects.published(timezone.now()))
    skills = Skill.objects.filter(pk__in=asked.values("skill")).order_by(Lower("name"), "pk")
    rows = list(skills.values("slug", "name", "kind"))
    return {kind.label: [row for row in rows if row["kind"] == kind] for kind in Skill.Kind}
