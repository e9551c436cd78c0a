from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.sitemaps import JobSitemap
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(client, address) -> list[str]:
    return [loc.text for loc in ElementTree.fromstring(client.get(address).content).iter(f"{MAP}loc")]


def test_a_search_is_a_feed(visitor_client, settings):
    settings.SITE_URL = "https://board.test"
    job = JobFactory(title="Data engineer", company__name="Acme & Söhne", level="senior")
    JobFactory(level="junior")

    response = visitor_client.get(reverse("jobs:feed"), {"level": "senior", "sort": "pay"})

    feed = ElementTree.fromstring(response.content)
    (entry,) = feed.iter(f"{ATOM}entry")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert entry.find(f"{ATOM}title").text == "Data engineer at Acme & Söhne"
    assert entry.find(f"{ATOM}link").get("href") == f"https://board.test{job.get_absolute_url()}"
    assert entry.find(f"{ATOM}summary").text == "Remote, Berlin, Germany · Pay not stated · Full-time, Senior"


def test_a_place_with_markup_stays_text_in_a_feed_reader(visitor_client):
    JobFactory(location="<img src=x> Berlin")

    response = visitor_client.get(reverse("jobs:feed"))

    (summary,) = ElementTree.fromstring(response.content).iter(f"{ATOM}summary")
    assert summary.get("type") == "text"
    assert summary.text.startswith("Remote, <img src=x> Berlin · ")


def test_a_feed_that_has_not_changed_is_not_sent_again(visitor_client):
    JobFactory()
    first = visitor_client.get(reverse("jobs:feed"))

    second = visitor_client.get(reverse("jobs:feed"), headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")


def test_a_character_that_xml_can_not_write_does_not_break_the_feed(visitor_client):
    JobFactory(title="Data\x0b engineer \x1f\ufffe")

    response = visitor_client.get(reverse("jobs:feed"))

    assert len(list(ElementTree.fromstring(response.content).iter(f"{ATOM}entry"))) == 1


def test_the_sitemap_names_open_jobs_their_companies_and_pages(visitor_client, settings):
    settings.SITE_URL = "https://board.test"
    job = JobFactory()
    JobFactory(closed=True)
    JobFactory(published_at=None)
    CompanyFactory(name="Without jobs")

    parts = locations(visitor_client, "/sitemap.xml")
    jobs = locations(visitor_client, "/sitemap-jobs.xml")
    companies = locations(visitor_client, "/sitemap-companies.xml")

    assert {"https://board.test/sitemap-jobs.xml", "https://board.test/sitemap-companies.xml"} <= set(parts)
    assert jobs == [f"https://board.test{job.get_absolute_url()}"]
    assert companies == [f"https://board.test{job.company.get_absolute_url()}"]
    assert "https://board.test/jobs/" in locations(visitor_client, "/sitemap-pages.xml")


def test_a_part_of_the_sitemap_that_names_nothing_is_not_listed(visitor_client, settings):
    settings.SITE_URL = "https://board.test"

    assert locations(visitor_client, "/sitemap.xml") == ["https://board.test/sitemap-pages.xml"]
    assert visitor_client.get("/sitemap-jobs.xml").status_code == 200


def test_the_date_in_the_sitemap_is_when_the_job_last_changed(visitor_client):
    job = JobFactory(published_at=timezone.now() - timedelta(days=9))

    page = visitor_client.get("/sitemap-jobs.xml").content.decode()

    assert f"<lastmod>{job.updated_at.date().isoformat()}</lastmod>" in page


def test_a_large_sitemap_comes_in_pages(visitor_client, monkeypatch):
    monkeypatch.setattr(JobSitemap, "limit", 2)
    JobFactory.create_batch(5)

    parts = [part for part in locations(visitor_client, "/sitemap.xml") if "jobs" in part]
    counts = [len(locations(visitor_client, "/" + part.split("/", 3)[3])) for part in parts]

    assert counts == [2, 2, 1]


def test_robots_are_kept_from_private_pages_and_told_the_sitemap(visitor_client, settings):
    settings.SITE_URL = "https://board.test"

    lines = visitor_client.get("/robots.txt").content.decode().splitlines()

    assert {"Disallow: /account/", "Disallow: /admin/", "Sitemap: https://board.test/sitemap.xml"} <= set(lines)
