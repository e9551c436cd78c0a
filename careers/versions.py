"""The history of a guide: what it said after each change, whole, so that two can be compared and one brought back."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery


class GuideVersionQuerySet(models.QuerySet):
    def newest_first(self):
        return self.select_related("by").order_by("-pk")

    def with_what_was_before(self):
        """Each with `before`, the content of the version before it, or None."""
        earlier = GuideVersion.objects.filter(guide=OuterRef("guide"), pk__lt=OuterRef("pk")).order_by("-pk")
        return self.annotate(before=Subquery(earlier.values("content")[:1]))


class GuideVersion(models.Model):
    """What a guide said at a moment, as its file would (careers.content.writing), and what was done to it then."""

    guide = models.ForeignKey("careers.Guide", models.CASCADE, related_name="versions")
    content = models.JSONField()
    did = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = GuideVersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["guide", "-id"], name="guide_version_newest")]

    def __str__(self):
        return f"{self.did} on {self.at:%-d %B %Y, %H:%M} UTC"
