from itertools import pairwise

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce

from careers.lines import LinesField
from careers.words import years_in_words
from jobs.models import Level


class StageQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("years_from", "pk")


# The stage as a line in the plane: one guide beside the other, its years upwards; the half year keeps a stage that
# begins when the last one ends apart from it. Core PostgreSQL has no range with a second column to exclude by.
YEARS_OF_A_GUIDE = Func(
    Func(F("guide"), F("years_from"), function="point"),
    Func(
        F("guide"),
        ExpressionWrapper(Coalesce(F("years_to"), 1000) - Value(0.5), output_field=models.FloatField()),
        function="point",
    ),
    function="box",
)


class Stage(models.Model):
    """A step of the career. Stages follow one another by their years; only the last may have no end."""

    guide = models.ForeignKey("careers.Guide", models.CASCADE, related_name="stages")
    title = models.CharField(max_length=80)
    level = models.CharField(
        max_length=10, choices=Level, help_text="The level under which the board lists jobs of this stage."
    )
    years_from = models.PositiveSmallIntegerField("from year", validators=[MaxValueValidator(60)])
    years_to = models.PositiveSmallIntegerField(
        "to year", null=True, blank=True, validators=[MaxValueValidator(60)], help_text="Empty when it has no end."
    )
    responsibilities = LinesField("key responsibilities", blank=False)

    objects = StageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(years_to__isnull=True) | Q(years_to__gt=F("years_from")),
                name="stage_years_in_order",
                violation_error_message="A stage must end after it begins.",
            ),
            # Checked at commit, so that one form can move several stages.
            ExclusionConstraint(
                name="stages_do_not_overlap",
                expressions=[(YEARS_OF_A_GUIDE, "&&")],
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="The years of this stage overlap with another's.",
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.years})"

    @property
    def years(self) -> str:
        return years_in_words(self.years_from, self.years_to)


def check_stages(stages) -> None:
    """Raise ValidationError when two stages claim the same year; a stage may begin in the year the last one ends."""
    ordered = sorted(stages, key=lambda stage: stage.years_from)
    for earlier, later in pairwise(ordered):
        if earlier.years_to is None or earlier.years_to > later.years_from:
            raise ValidationError(
                f"The years of “{earlier.title}” ({earlier.years}) and “{later.title}” ({later.years}) overlap."
            )
