from django.contrib.sitemaps import Sitemap
from django.utils import timezone

from careers.models import Guide


class GuideSitemap(Sitemap):
    """Every published guide with the day its text last changed."""

    def items(self):
        return Guide.objects.published(timezone.now()).only("slug", "revised_at", "published_at").order_by("pk")

    def lastmod(self, guide):
        return max(guide.revised_at, guide.published_at)
