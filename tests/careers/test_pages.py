"""Guides as readers see them."""

import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from careers.models import Guide
from careers.previews import preview_path
from careers.sitemaps import GuideSitemap
from jobs.search import JobSearch
from tests.careers.guides import GARDENER, draft, mapping, published
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db

FIELDS_THAT_ARE_NOT_TEXT = {"slug", "category", "language", "search", "level", "measure", "offers", "demand", "remote"}


def text_of(page) -> str:
    """The page's words, as somebody reads them."""
    main = page.content.decode().split("<main", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def texts_in(value, name="") -> list[str]:
    """Every text of a guide's mapping that a reader should see, in small letters."""
    if isinstance(value, dict):
        return [text for key, child in value.items() for text in texts_in(child, key)]
    if isinstance(value, list):
        return [text for child in value for text in texts_in(child, name)]
    if not isinstance(value, str) or name in FIELDS_THAT_ARE_NOT_TEXT or name in ("also_called", "expected_from"):
        return []
    return [] if value.startswith("http") else [" ".join(part.split()) for part in value.lower().split("\n\n")]


def test_the_page_shows_every_field(client):
    guide = published()

    page = client.get(guide.get_absolute_url())

    shown = text_of(page).lower()
    # The contributors' own pages say what they do.
    expected = [text for text in texts_in(GARDENER) if text not in ("grows oaks", "planted a wood.", "ada", "rex")]
    assert [text for text in expected if escape(text) not in shown] == []


def test_the_page_says_levels_years_figures_and_dates_in_words(client):
    guide = published()

    shown = text_of(client.get(guide.get_absolute_url()))

    for words in (
        "0–3 years",
        "3+ years",
        "2 stages, 0 to 3+ years",
        "+4.5%",
        "Projected change in the employment of gardeners in Ruritania, 2024–2034",
        "Source: Ruritanian Office of Statistics , 2025",
        "Soil science from senior on",
        "Seldom remote.",
        "Green Jobs (on-site)",
        "Last reviewed 4 March 2026 by Rex Reviewer",
        "Next review due March 2027.",
    ):
        assert words in shown


def test_links_lead_to_sources_platforms_and_certificates(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    outside = re.findall(r'href="(https://[a-z]+\.test[^"]*)"', page)
    assert outside == ["https://guild.test/chartered", "https://green.test/", "https://statistics.test/gardeners"]


def test_each_skill_leads_to_the_jobs_that_name_it(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    assert re.findall(r'<li><a href="(/jobs/\?q=[^"]+)">', page) == [
        "/jobs/?q=hydraulics+or+%22water+engineering%22",
        "/jobs/?q=%22soil+science%22",
        "/jobs/?q=patience",
    ]


def test_a_skill_of_very_many_names_is_looked_for_by_those_that_fit(client):
    names = [f"a rather long name of hydraulics {number}" for number in range(9)]
    guide = published(skills={"technical": [{"name": "hydraulics", "also_called": names}], "soft": [{"name": "wit"}]})

    page = client.get(guide.get_absolute_url()).content.decode()

    link = re.search(r'<li><a href="(/jobs/\?q=hydraulics[^"]+)">', page).group(1)
    kept = " or ".join(["hydraulics", *(f'"{name}"' for name in names[:4])])
    assert JobSearch.from_query(QueryDict(link.split("?")[1])).keywords == kept


def test_each_stage_leads_to_jobs_of_its_level(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    assert re.findall(r'<a href="(/jobs/[^"]+)" rel="nofollow">', page) == [
        "/jobs/?q=garden+engineer&amp;level=junior",
        "/jobs/?q=garden+engineer&amp;level=lead",
    ]


def test_the_contents_name_each_heading_once(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    contents = re.search(r'<nav class="contents".*?</nav>', page, re.S).group()
    anchors = re.findall(r'href="#([^"]+)"', contents)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert anchors == ["role", "responsibilities", "skills", "career", "education", "market", "questions", "jobs"]
    assert ([anchor for anchor in anchors if anchor not in ids], len(ids)) == ([], len(set(ids)))


def test_each_question_is_a_heading_with_an_anchor(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    assert re.findall(r'<h3 id="([^"]+)"><a class="anchor" href="#([^"]+)">', page) == [
        (anchor, anchor)
        for anchor in (
            "what-one-does",
            "skills-required",
            "progression",
            "education-required",
            "market-outlook",
            "key-responsibilities",
            "opportunities",
            "do-i-need-a-hat",
        )
    ]


def test_the_stages_are_drawn_to_scale(client):
    guide = published()

    page = client.get(guide.get_absolute_url()).content.decode()

    assert re.findall(r'class="stage__span" x="([^"]+)" width="([^"]+)"', page) == [
        ("0.0", "42.86"),
        ("42.86", "57.14"),
    ]


def test_the_newest_jobs_are_shown_and_all_are_counted(client):
    guide, company = published(), CompanyFactory(name="Park")
    now = timezone.now()
    for number in range(7):
        JobFactory(title=f"Garden engineer {number}", company=company, published_at=now - timedelta(hours=number + 1))
    JobFactory(title="Garden engineer closed", company=company, closed=True)
    JobFactory(title="Poet", company=company)

    page = client.get(guide.get_absolute_url())

    shown = text_of(page)
    titles = re.findall(r"Garden engineer \w+", shown)
    assert titles == [f"Garden engineer {number}" for number in range(5)]
    assert "7 open jobs now for “garden engineer”, the newest first." in shown
    assert "All 7 open jobs" in shown


def test_without_a_job_the_alert_is_offered(client):
    guide = published()

    page = client.get(guide.get_absolute_url())

    assert "No job for “garden engineer” is open right now." in text_of(page)
    assert f'href="{reverse("alerts:new")}?q=garden+engineer">' in page.content.decode()


def test_a_draft_and_a_guide_that_never_was_look_the_same(client):
    draft(slug="a-draft-guide")

    hidden, absent = client.get("/guides/a-draft-guide/"), client.get("/guides/a-ghost-guide/")

    same = absent.content.replace(b"a-ghost-guide", b"a-draft-guide")
    assert (hidden.status_code, absent.status_code, hidden.content) == (404, 404, same)


def test_a_withdrawn_guide_is_gone_from_page_index_and_sitemap(client):
    guide = published()
    guide.unpublish(by=None, at=timezone.now())

    page, index = client.get(guide.get_absolute_url()), client.get("/guides/")

    assert (page.status_code, "No guide is published yet." in text_of(index)) == (404, True)
    assert list(GuideSitemap().items()) == []


def test_a_draft_is_previewed_by_its_link_and_kept_from_search_engines(client):
    guide = draft()

    page = client.get(preview_path(guide))

    assert (page.status_code, page["X-Robots-Tag"], "This is a preview." in text_of(page)) == (200, "noindex", True)
    assert "application/ld+json" not in page.content.decode()


def test_a_preview_link_ends_after_a_day(client):
    link = preview_path(draft())

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        answer = client.get(link)

    assert answer.status_code == 404


@pytest.mark.parametrize(("token", "status"), [("x", 404), ("MQ:1:2", 404), ("%00", 400), ("é", 404)])
def test_a_forged_preview_link_finds_nothing(token, status, client):
    draft()

    assert client.get(f"/guides/preview/{token}/").status_code == status


def test_search_engines_are_told_what_the_page_says(client):
    guide = draft()
    guide.publish(by=None, at=datetime(2026, 5, 1, 12, tzinfo=UTC))
    Guide.objects.update(revised_at=datetime(2026, 6, 1, 8, 30, tzinfo=UTC))

    page = client.get(guide.get_absolute_url()).content.decode()

    site = settings.SITE_URL
    assert json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1)) == {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Article",
                "headline": "How to become a garden engineer",
                "description": "What garden engineers do and what is asked of them.",
                "image": [f"{site}/guides/garden-engineer/picture-{shape}.png" for shape in ("1x1", "4x3", "16x9")],
                "inLanguage": "en",
                "mainEntityOfPage": f"{site}/guides/garden-engineer/",
                "datePublished": "2026-05-01T12:00:00+00:00",
                "dateModified": "2026-06-01T08:30:00+00:00",
                "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": f"{site}/"},
                "author": [{"@type": "Person", "name": "Ada Author", "url": f"{site}/guides/people/ada/"}],
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": 1, "name": "Guides", "item": f"{site}/guides/"},
                    {"@type": "ListItem", "position": 2, "name": "How to become a garden engineer"},
                ],
            },
        ],
    }


def poisoned(value, payload, name=""):
    """The mapping with the payload in front of every text."""
    if isinstance(value, dict):
        return {key: poisoned(child, payload, key) for key, child in value.items()}
    if isinstance(value, list):
        return [poisoned(child, payload, name) for child in value]
    is_text = isinstance(value, str) and name not in FIELDS_THAT_ARE_NOT_TEXT and not value.startswith("http")
    return f"{payload} {value}" if is_text and name != "expected_from" else value


@pytest.mark.parametrize(
    "payload", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>{{7*7}}\"'&", "<!--"]
)
def test_markup_in_any_text_is_shown_as_text(payload, client):
    guide = published(**poisoned(GARDENER, payload))

    pages = [
        client.get(path).content.decode() for path in (guide.get_absolute_url(), "/guides/", "/guides/people/ada/")
    ]

    for page in pages:
        assert ("<script>alert" in page, "<img src=x" in page, "<!--" in page, "&gt;49" in page) == (False,) * 4
        assert len(re.findall(r"</script>", page)) == len(re.findall(r"<script\b", page))
    assert (
        json.loads(re.search(r"ld\+json\">(.*?)</script>", pages[0]).group(1))["@graph"][0]["headline"] == guide.title
    )


def test_related_guides_share_skills_or_the_category(client):
    guide = published()
    published(slug="near", title="Near", category="legal", skills={**mapping()["skills"]})
    published(slug="same-field", title="Same field", skills={"technical": [{"name": "a"}], "soft": [{"name": "b"}]})
    published(slug="far", title="Far", category="legal", skills={"technical": [{"name": "a"}], "soft": [{"name": "b"}]})
    draft(slug="unseen", title="Unseen")

    page = text_of(client.get(guide.get_absolute_url()))

    related = page.split("Related guides")[1]
    assert re.findall(r"Near|Same field|Far|Unseen", related) == ["Near", "Same field"]
    assert "3 skills in common" in related


def many(count, first=0):
    for number in range(first, count):
        published(slug=f"guide-{number}", title=f"Guide {number}", skills=skills(number))


def skills(number):
    return {"technical": [{"name": "hydraulics"}, {"name": f"skill {number}"}], "soft": [{"name": "patience"}]}


@pytest.mark.parametrize(
    "path", ["/guides/garden-engineer/", "/guides/", "/guides/?q=garden", "/guides/feed/", "/guides/people/ada/"]
)
def test_a_page_holds_its_queries_with_three_guides_and_with_thirty(path, client, django_assert_num_queries):
    published(skills=skills(999))
    many(2)
    JobFactory(title="Garden engineer")
    client.get(path)
    with CaptureQueriesContext(connection) as three:
        client.get(path)

    many(30, first=2)
    JobFactory.create_batch(8, title="Garden engineer", company=CompanyFactory())

    assert len(three) <= 12
    with django_assert_num_queries(len(three)):
        client.get(path)


@pytest.mark.parametrize(
    "words",
    ["garden", "GARDEN ENGINEER", "hydraulics", "water engineering", "gärden", "engineer patience", "what is asked"],
)
def test_the_index_finds_guides_by_title_role_summary_and_skill(words, client):
    published()

    page = client.get("/guides/", {"q": words})

    assert "1 guide for" in text_of(page)


@pytest.mark.parametrize("words", ["poet", "garden poet", "%", "_", "a" * 5000])
def test_the_index_says_so_when_it_finds_nothing(words, client):
    published()

    page = client.get("/guides/", {"q": words})

    assert (page.status_code, "No guide speaks of" in text_of(page)) == (200, True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hydralics", "hydraulics"),
        ("Gardne Enginer", "garden engineer"),
        ("patiense garden", "patience garden"),
        ("poet", None),
        ("hydralics poet", None),
        ("hydraulics", None),
    ],
)
def test_a_slip_is_met_with_the_spelling_that_guides_use(typed, meant, client):
    published()

    page = client.get("/guides/", {"q": typed})

    offered = re.findall(r'Did you mean <a href="\?q=([^"]*)"', page.content.decode())
    assert [unquote(words) for words in offered] == ([meant] if meant else [])
    assert not meant or "1 guide for" in text_of(client.get("/guides/", {"q": meant}))


@pytest.mark.parametrize("words", ["\x00", "\ud800", "<script>alert(1)</script>", "'; --", "🌱" * 200, "{{7*7}}"])
def test_whatever_is_searched_for_is_shown_as_text(words, client):
    published()

    page = client.get("/guides/?q=" + "".join(f"%{byte:02x}" for byte in words.encode("utf-8", "surrogatepass")))

    assert (page.status_code, "<script>alert" in page.content.decode(), "49" in text_of(page)) == (200, False, False)


def test_the_index_counts_and_narrows_by_category(client):
    published()
    published(slug="lawyer", title="Lawyer", category="legal")
    published(slug="judge", title="Judge", category="legal")

    page = client.get("/guides/?category=legal")

    shown = text_of(page)
    assert ("2 guides in Legal" in shown, "How to become" in shown, "Legal 2" in shown) == (True, False, True)
    assert "Engineering 1" in shown


def test_a_category_that_is_none_shows_all(client):
    published()

    page = client.get("/guides/?category=nothing")

    assert "1 guide" in text_of(page)


def test_the_index_goes_on_page_by_page(client):
    many(26)

    first, second = client.get("/guides/"), client.get("/guides/?page=2")

    assert [len(page.context["page"]) for page in (first, second)] == [24, 2]
    assert 'href="?page=2"' in first.content.decode()


@pytest.mark.parametrize("page", ["-1", "0", "zero", "999", "1e3", ""])
def test_a_page_that_is_none_shows_one_that_is(page, client):
    published()

    assert "How to become a garden engineer" in text_of(client.get("/guides/", {"page": page}))


def test_a_contributor_has_a_page_with_their_guides(client):
    published()
    draft(slug="unseen", title="Unseen")

    author, reviewer = (text_of(client.get(f"/guides/people/{slug}/")) for slug in ("ada", "rex"))

    assert ("Grows oaks" in author, "Planted a wood." in author, "Unseen" in author) == (True, True, False)
    assert ("Wrote" in author, "Reviewed" in author, "Wrote" in reviewer, "Reviewed" in reviewer) == (
        True,
        False,
        False,
        True,
    )


def test_a_contributor_without_a_published_guide_has_no_page(client):
    draft()

    assert client.get("/guides/people/ada/").status_code == 404


def test_the_sitemap_gives_each_guide_the_day_its_text_changed():
    guide = draft()
    guide.publish(by=None, at=datetime(2026, 5, 1, tzinfo=UTC))
    Guide.objects.update(revised_at=datetime(2026, 6, 1, tzinfo=UTC))

    sitemap = GuideSitemap()

    assert [(sitemap.location(one), sitemap.lastmod(one)) for one in sitemap.items()] == [
        ("/guides/garden-engineer/", datetime(2026, 6, 1, tzinfo=UTC))
    ]


def read_feed(answer):
    return ElementTree.fromstring(answer.content)


def test_the_feed_tells_new_and_revised_guides_the_latest_first(client):
    published(slug="older", title="Older & wiser")
    published(slug="newer", title="Newer")
    draft(slug="unseen", title="Unseen")
    Guide.objects.filter(slug="older").update(revised_at=timezone.now() + timedelta(minutes=1))

    answer = client.get("/guides/feed/")

    feed = read_feed(answer)
    entries = feed.findall("{*}entry")
    assert (answer["Content-Type"], [entry.find("{*}title").text for entry in entries]) == (
        "application/atom+xml; charset=utf-8",
        ["Older & wiser", "Newer"],
    )
    assert entries[0].find("{*}link").get("href") == f"{settings.SITE_URL}/guides/older/"


def test_a_summary_with_markup_stays_text_in_a_feed_reader(client):
    published(summary="Ring <b>bells</b>.")

    summary = read_feed(client.get("/guides/feed/")).find("{*}entry/{*}summary")

    assert (summary.get("type"), summary.text) == ("text", "Ring <b>bells</b>.")


def test_a_character_that_xml_cannot_hold_does_not_break_the_feed(client):
    published(title="Bell\x07ringer")

    assert read_feed(client.get("/guides/feed/")).find("{*}entry/{*}title").text == "Bell ringer"
