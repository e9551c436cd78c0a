"""What the board's own adverts say about a role: how many, where, at which level, for what pay, asking for what.

Nothing here is estimated: every number is a count or a percentile of adverts and carries how many there were.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.expressions import RawSQL

from jobs.documents import LEVELS
from jobs.models import Job, Level, Region

# Fewer adverts than this say nothing about a market: their pay isn't shown, only how many there are.
ENOUGH = 10
# Both halves of the window need this many adverts before they are compared, or a skill is called rare among them.
ENOUGH_TO_COMPARE = 30
# Below this share of the adverts a skill that the guide names is rare.
RARE = 0.05


class RoleJob(models.Model):
    """That a guide's search found a job while it was open; remembered after it closes, for what changes over months."""

    pk = models.CompositePrimaryKey("guide_id", "job_id")
    guide = models.ForeignKey("careers.Guide", models.CASCADE, related_name="role_jobs", db_index=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="role_jobs")

    def __str__(self):
        return f"job {self.job_id} of guide {self.guide_id}"


class RoleReading(models.Model):
    """When all open jobs were last asked for those of a guide's search; they are its RoleJobs as of then."""

    guide = models.OneToOneField("careers.Guide", models.CASCADE, primary_key=True, related_name="role_reading")
    search = models.CharField(max_length=500)
    read_at = models.DateTimeField()

    def __str__(self):
        return f"guide {self.guide_id} at {self.read_at}"


def jobs_read_at() -> RawSQL:
    """When the jobs of the guide's search, as it is now, were read; NULL if never. An expression over rows of Guide."""
    return RawSQL(READ_AT, [], output_field=models.DateTimeField())  # noqa: S611 -- no value is in the SQL


READ_AT = """(
    SELECT read_at FROM careers_rolereading reading
    WHERE reading.guide_id = careers_guide.id AND reading.search = careers_guide.search
)"""


@dataclass(frozen=True)
class Pay:
    """Stated pay a year in minor units of one currency, of `n` adverts; no percentiles when they are too few.

    `level` is "" for all levels together. Of an advert that states a range its middle counts.
    """

    currency: str
    level: str
    n: int
    low: int | None = None
    median: int | None = None
    high: int | None = None

    @property
    def is_shown(self) -> bool:
        return self.median is not None

    @property
    def level_in_words(self) -> str:
        return Level(self.level).label if self.level else "All levels"


@dataclass(frozen=True)
class Asked:
    """How many of the last 90 days' adverts name a skill; `trend` is "rising", "falling" or ""."""

    skill: int
    name: str
    n: int
    share: float
    trend: str = ""

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True)
class Trends:
    """What the adverts of 90 days say about the skills that a guide names."""

    asked: dict[int, Asked]
    are_rare_told: bool

    def of(self, skill_id: int) -> str:
        """Such as "rising", "falling", "rare" or ""."""
        asked = self.asked.get(skill_id)
        if asked and asked.trend:
            return asked.trend
        return "rare" if self.are_rare_told and (asked is None or asked.share < RARE) else ""


class RoleMarketQuerySet(models.QuerySet):
    def everywhere(self):
        return self.filter(region__isnull=True)

    def with_pay(self):
        """Those of which there is pay to show."""
        return self.filter(
            Func(
                F("pay"),
                template="jsonb_path_exists(%(expressions)s, '$[*].median')",
                output_field=models.BooleanField(),
            )
        )


class RoleMarket(models.Model):
    """The market of a guide's role, everywhere or in one region, as it was at `computed_at`."""

    guide = models.ForeignKey("careers.Guide", models.CASCADE, related_name="markets")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+")
    computed_at = models.DateTimeField()
    jobs = models.PositiveIntegerField(help_text="Open now.")
    remote = models.PositiveIntegerField(help_text="Of those that state a workplace, the remote ones.")
    with_workplace = models.PositiveIntegerField()
    # {"senior": 12}; [{"currency": "EUR", "level": "", "n": 12, "low": …}]; [{"slug", "name", "n"}]
    levels = models.JSONField(default=dict)
    pay = models.JSONField(default=list)
    companies = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    # Of the last 90 days, whether still open or not; only for the role everywhere.
    adverts = models.PositiveIntegerField(default=0)
    skills = models.JSONField(default=list)

    objects = RoleMarketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guide", "region"], name="role_market_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(remote__lte=F("with_workplace"), with_workplace__lte=models.F("jobs")),
                name="role_market_parts_within_the_whole",
            ),
        ]

    def __str__(self):
        return f"market of guide {self.guide_id} in {self.region_id or 'all regions'}"

    @property
    def share_of_remote(self) -> int | None:
        """In percent of the adverts that state a workplace; None when those are too few."""
        return round(100 * self.remote / self.with_workplace) if self.with_workplace >= ENOUGH else None

    def levels_in_order(self) -> list[tuple[Level, int]]:
        return [(Level(name), self.levels[name]) for name in LEVELS if name in self.levels]

    def pay_rows(self) -> list[Pay]:
        """Currencies with the most adverts first; in each all levels together, then each level upwards."""
        rows = [Pay(**row) for row in self.pay]
        weight = {row.currency: row.n for row in rows if not row.level}
        return sorted(rows, key=lambda row: (-weight[row.currency], row.currency, ["", *LEVELS].index(row.level)))

    def pay_of_all_levels(self) -> list[Pay]:
        return [row for row in self.pay_rows() if not row.level]

    def skills_asked(self) -> list[Asked]:
        """The most asked first."""
        return [Asked(**row) for row in self.skills]

    def trends(self) -> "Trends":
        is_enough = self.adverts >= 2 * ENOUGH_TO_COMPARE
        return Trends({one.skill: one for one in self.skills_asked()}, are_rare_told=is_enough)
