"""The one vocabulary of skills for all guides; a skill keeps its other names, and those it once had."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from careers.former import FormerSkillSlug
from careers.lines import LinesField
from jobs.models import free_slug
from jobs.words import fold


class KindsDiffer(Exception):
    """A technical and a soft skill can't be one."""


class SkillQuerySet(models.QuerySet):
    def at(self, *slugs: str):
        """Those at these addresses, now or once."""
        return self.filter(Q(slug__in=slugs) | Q(pk__in=FormerSkillSlug.objects.filter(slug__in=slugs).values("of")))

    def called(self, name: str) -> "Skill | None":
        """The skill of this name, or with it among its other names; case doesn't matter."""
        near = self.filter(folded__contains=fold(name)).order_by("pk")
        return min(
            (skill for skill in near if skill.is_called(name)), key=lambda skill: skill.is_only_also(name), default=None
        )


class Skill(models.Model):
    """Something a person can do, under one name for all guides."""

    class Kind(models.TextChoices):
        TECHNICAL = "technical", "Technical"
        SOFT = "soft", "Soft"

    slug = models.SlugField(max_length=80, unique=True, blank=True, help_text="Made from the name when left empty.")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    also_called = LinesField(
        help_text="Other names that adverts and readers use, one a line, such as k8s for Kubernetes."
    )
    is_everyday_word = models.BooleanField(
        "its name is an everyday word too",
        default=False,
        help_text="Then adverts are searched for its other names only, such as Golang instead of Go.",
    )
    # The name and the other names as search compares them.
    folded = models.TextField(editable=False)
    # When its names last changed: adverts read before must be read again.
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SkillQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="skill_name_once", violation_error_message="There is a skill of this name already."
            )
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        before = Skill.objects.filter(pk=self.pk).first()
        if before:
            self.keep_names_of(before)
        self.folded = fold("\n".join([self.name, *self.also_called]))
        self.slug = self.slug or free_slug(Skill, self.name)
        if before and before.names_in_adverts() != self.names_in_adverts():
            self.changed_at = timezone.now()
        super().save(**kwargs)
        if before and before.slug != self.slug:
            FormerSkillSlug.objects.follow(self, old=before.slug)

    def clean(self):
        for name in self.also_called:
            other = Skill.objects.exclude(pk=self.pk).exclude(name__iexact=self.name).called(name)
            if other:
                raise ValidationError(
                    {"also_called": f"“{name}” is a name of “{other}” already: merge the two instead."}
                )

    def keep_names_of(self, before: "Skill"):
        """A new name leaves the old one among the others, so that files, searches and adverts still find it."""
        if before.name.lower() != self.name.lower() and not self.is_called(before.name):
            self.also_called = [*self.also_called, before.name]
        self.also_called = [name for name in self.also_called if name.lower() != self.name.lower()]

    @transaction.atomic
    def merge(self, other: "Skill", *, by, at):
        """Take the other's place everywhere, with its names and its address; the other is no more.

        A guide that asks for both asks for this one, from the earlier level on. Raises KindsDiffer.
        """
        if other.kind != self.kind:
            raise KindsDiffer(f"“{self}” is {self.get_kind_display().lower()}, “{other}” is not.")
        asking = list(other.guides.order_by("pk"))
        self.take_over(other.guide_skills.select_related("guide"))
        other.marks.exclude(user__in=self.marks.values("user")).update(skill=self)
        FormerSkillSlug.objects.filter(of=other).update(of=self)
        names, slug = [other.name, *other.also_called], other.slug
        other.delete()
        self.also_called = [*self.also_called, *(name for name in names if not self.is_called(name))]
        self.save()
        FormerSkillSlug.objects.follow(self, old=slug)
        for guide in asking:
            guide.revise(by=by, at=at, did=f"Skill “{names[0]}” became “{self}”")

    def take_over(self, rows):
        own = {row.guide_id: row for row in self.guide_skills.all()}
        for row in rows:
            if mine := own.get(row.guide_id):
                mine.expected_from = min(mine.expected_from, row.expected_from, key=EARLIEST.index)
                mine.save(update_fields=["expected_from"])
                row.delete()
            else:
                row.skill = self
                row.save(update_fields=["skill"])

    def is_called(self, name: str) -> bool:
        return name.lower() in (known.lower() for known in (self.name, *self.also_called))

    def is_only_also(self, name: str) -> bool:
        return self.name.lower() != name.lower()

    def names_in_adverts(self) -> list[str]:
        """The names by which adverts are found that ask for it."""
        return [*([] if self.is_everyday_word and self.also_called else [self.name]), *self.also_called]


# The levels from which a guide may expect a skill, the earliest first.
EARLIEST = ["junior", "middle", "senior"]
