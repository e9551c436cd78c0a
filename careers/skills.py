from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from careers.lines import LinesField
from jobs.models import free_slug
from jobs.words import fold


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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="skill_name_once", violation_error_message="There is a skill of this name already."
            )
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.folded = fold("\n".join([self.name, *self.also_called]))
        self.slug = self.slug or free_slug(Skill, self.name)
        before = Skill.objects.filter(pk=self.pk).first()
        if before and before.names_in_adverts() != self.names_in_adverts():
            self.changed_at = timezone.now()
        super().save(**kwargs)

    def names_in_adverts(self) -> list[str]:
        """The names by which adverts are found that ask for it."""
        return [*([] if self.is_everyday_word and self.also_called else [self.name]), *self.also_called]
