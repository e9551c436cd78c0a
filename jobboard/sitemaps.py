"""The parts of the sitemap, put together of what each app publishes."""

from django.urls import reverse

from careers.sitemaps import GuideSitemap, SalarySitemap
from jobs.sitemaps import CompanySitemap, JobSitemap, OurSitemap


class PageSitemap(OurSitemap):
    """Pages that always are; they say no date, because we keep none."""

    def items(self):
        return ["home", "jobs:search", "careers:index", "careers:map", "subscriptions:plans"]

    def location(self, name):
        return reverse(name)


SITEMAPS = {
    "pages": PageSitemap,
    "jobs": JobSitemap,
    "companies": CompanySitemap,
    "guides": GuideSitemap,
    "salaries": SalarySitemap,
}
