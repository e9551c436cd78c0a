from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse


class Contributor(models.Model):
    """Who writes or reviews guides, with a page of their own; need not have an account."""

    class Kind(models.TextChoices):
        PERSON = "person", "A person"
        TEAM = "team", "A team or organisation"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=120)
    occupation = models.CharField(
        max_length=160, blank=True, help_text="What they do, such as: leads a platform team at a bank."
    )
    about = models.TextField(blank=True, help_text="Why a reader may trust them. An empty line begins a new paragraph.")
    website = models.URLField(blank=True, max_length=500)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributor",
        help_text="Their account on this site, if they have one; not shown.",
    )

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("careers:contributor", args=[self.slug])

    def clean(self):
        if self.kind == self.Kind.TEAM and self.user_id:
            raise ValidationError({"user": "A team has no account: leave this empty."})
