from django.utils import timezone

from careers.models import Guide
from jobs.sitemaps import OurSitemap


class GuideSitemap(OurSitemap):
    """Every published guide with the day its text last changed."""

    def items(self):
        return Guide.objects.published(timezone.now()).only("slug", "revised_at", "published_at").order_by("pk")

    def lastmod(self, guide):
        return max(guide.revised_at, guide.published_at)
