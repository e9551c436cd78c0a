"""Addresses that guides and skills had before: what led there once goes on leading there."""

from django.db import models, transaction


class FormerSlugQuerySet(models.QuerySet):
    @transaction.atomic
    def follow(self, thing: models.Model, *, old: str):
        """Let the old slug lead to the thing; one that it has taken up again leads nowhere else."""
        self.filter(slug__in=(old, thing.slug)).delete()
        self.create(of=thing, slug=old)


class FormerGuideSlug(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    of = models.ForeignKey("careers.Guide", models.CASCADE, related_name="former_slugs")

    objects = FormerSlugQuerySet.as_manager()

    def __str__(self):
        return self.slug


class FormerSkillSlug(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    of = models.ForeignKey("careers.Skill", models.CASCADE, related_name="former_slugs")

    objects = FormerSlugQuerySet.as_manager()

    def __str__(self):
        return self.slug
