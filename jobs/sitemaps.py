"""What search engines may crawl: open jobs and the companies that have them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.utils import timezone

from jobs.models import Company, Job


class OurSitemap(Sitemap):
    """Addresses start with SITE_URL, whatever host the request names."""

    limit = 10_000

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol=None):
        return urlsplit(settings.SITE_URL).scheme


class JobSitemap(OurSitemap):
    def items(self):
        fields = ("slug", "published_at", "updated_at")
        return Job.objects.open(timezone.now()).order_by("pk").only(*fields)

    def lastmod(self, job):
        return max(job.published_at, job.updated_at)

    def get_latest_lastmod(self):
        # The framework would read every job for this.
        newest = Job.objects.open(timezone.now()).aggregate(Max("published_at"), Max("updated_at"))
        return max((moment for moment in newest.values() if moment), default=None)


class CompanySitemap(OurSitemap):
    def items(self):
        open_jobs = Job.objects.open(timezone.now())
        companies = Company.objects.filter(pk__in=open_jobs.values("company"))
        return companies.annotate(newest_at=Max("jobs__published_at")).order_by("pk").only("slug")

    def lastmod(self, company):
        return company.newest_at

    def get_latest_lastmod(self):
        return Job.objects.open(timezone.now()).aggregate(newest_at=Max("published_at"))["newest_at"]
