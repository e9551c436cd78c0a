from django.utils import timezone

from careers.models import Guide, RoleMarket
from careers.views.salary import salary_path
from jobs.sitemaps import OurSitemap


class GuideSitemap(OurSitemap):
    """Every published guide with the day its text last changed."""

    def items(self):
        return Guide.objects.published(timezone.now()).only("slug", "revised_at", "published_at").order_by("pk")

    def lastmod(self, guide):
        return max(guide.revised_at, guide.published_at)


class SalarySitemap(OurSitemap):
    """What roles are paid, wherever enough adverts say so, with the night when they were counted."""

    def items(self):
        markets = RoleMarket.objects.with_pay().filter(guide__in=Guide.objects.published(timezone.now()))
        return markets.select_related("guide", "region").defer("companies", "skills", "pay").order_by("pk")

    def location(self, market):
        return salary_path(market.guide, market.region)

    def lastmod(self, market):
        return market.computed_at
