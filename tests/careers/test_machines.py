"""What other programs are told of guides: the API, the picture, and search engines' rules for articles."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from careers.market import RoleMarket
from careers.models import Guide
from tests.careers.guides import draft, published

pytestmark = pytest.mark.django_db
SITE = settings.SITE_URL


def test_the_api_lists_guides_page_by_page(client):
    for name in ("one", "two", "three"):
        published(slug=name, title=f"How to become {name}")
    draft(slug="unseen", title="Unseen")

    first = client.get("/api/v1/guides?limit=2")
    second = client.get(first.json()["next"].removeprefix(SITE))

    assert [guide["slug"] for guide in first.json()["guides"] + second.json()["guides"]] == ["one", "two", "three"]
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert (second.json()["next"], "Link" in second, first["Access-Control-Allow-Origin"]) == (None, False, "*")


def test_a_guide_in_the_api_holds_what_its_page_says(client):
    guide = published()
    RoleMarket.objects.create(
        guide=guide, computed_at=timezone.now(), jobs=3, remote=1, with_workplace=3,
        pay=[{"currency": "EUR", "level": "", "n": 3}],
    )  # fmt: skip

    told = client.get("/api/v1/guides/garden-engineer").json()

    assert told["skills"] == [
        {"name": "hydraulics", "kind": "technical", "expected_from": "junior"},
        {"name": "soil science", "kind": "technical", "expected_from": "senior"},
        {"name": "patience", "kind": "soft", "expected_from": "middle"},
    ]
    assert told["responsibilities"]["senior"] == ["leading crews", "choosing plants"]
    assert [(stage["title"], stage["years_to"]) for stage in told["stages"]][1] == ("head gardener", None)
    assert (told["outlook"]["figures"][0]["amount"], told["outlook"]["figures"][0]["source_year"]) == (4.5, 2025)
    assert (told["market"]["open_jobs"], told["market"]["remote_percent"], told["market"]["pay"]) == (
        3, None, [{"currency": "EUR", "level": "", "n": 3}],
    )  # fmt: skip
    assert len(told["questions"]) == 8
    assert (told["author"], told["url"]) == ("Ada Author", f"{SITE}/guides/garden-engineer/")


@pytest.mark.parametrize("path", ["/api/v1/guides", "/api/v1/guides/garden-engineer"])
def test_who_has_the_answer_is_told_so_until_it_changes(path, client):
    published()
    tag = client.get(path)["ETag"]

    unchanged = client.get(path, headers={"If-None-Match": tag})
    Guide.objects.update(summary="Something else.")
    changed = client.get(path, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.content, changed.status_code) == (304, b"", 200)
    assert changed["ETag"] != tag


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/guides?limit=0", 400, "bad-limit"),
        ("/api/v1/guides?limit=101", 400, "bad-limit"),
        ("/api/v1/guides?limit=many", 400, "bad-limit"),
        ("/api/v1/guides?limit=%C2%B2", 400, "bad-limit"),
        ("/api/v1/guides?cursor=-1", 400, "bad-cursor"),
        ("/api/v1/guides?cursor=99999999999999999999", 400, "bad-cursor"),
        ("/api/v1/guides/unseen", 404, "no-such-guide"),
        ("/api/v1/guides/never-was", 404, "no-such-guide"),
    ],
)
def test_a_mistake_is_answered_with_a_problem(path, status, kind, client):
    draft(slug="unseen", title="Unseen")

    answer = client.get(path)

    problem = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"], problem["status"]) == (
        status,
        "application/problem+json",
        status,
    )
    assert problem["type"] == f"urn:problem:{kind}"


@pytest.mark.parametrize(
    ("shape", "size"), [("link", (1200, 630)), ("16x9", (1200, 675)), ("4x3", (1200, 900)), ("1x1", (1200, 1200))]
)
def test_the_picture_is_drawn_in_each_shape(shape, size, client):
    published()

    answer = client.get(f"/guides/garden-engineer/picture-{shape}.png")

    image = Image.open(io.BytesIO(answer.content))
    assert (answer["Content-Type"], image.format, image.size) == ("image/png", "PNG", size)
    assert len(answer.content) < 60_000


def test_the_picture_shows_the_title_and_is_drawn_anew_when_that_changes(client):
    published()
    path = "/guides/garden-engineer/picture-link.png"
    first = client.get(path)

    unchanged = client.get(path, headers={"If-None-Match": first["ETag"]})
    Guide.objects.update(title="How to become a poet")
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert changed.content != first.content


@pytest.mark.parametrize("title", ["如何成为园丁", "كيف تصبح بستانيا", "x" * 120, "Wie man Gärtner:in wird"])
def test_any_title_has_a_picture(title, client):
    published(title=title)

    assert client.get("/guides/garden-engineer/picture-link.png").status_code == 200


@pytest.mark.parametrize("path", ["picture-round.png", "picture-.png"])
def test_a_shape_that_is_none_has_no_picture(path, client):
    published()

    assert client.get(f"/guides/garden-engineer/{path}").status_code == 404


def test_a_draft_has_no_picture(client):
    draft()

    assert client.get("/guides/garden-engineer/picture-link.png").status_code == 404


def test_a_link_to_a_guide_is_shown_with_its_title_and_picture(client):
    published()

    page = client.get("/guides/garden-engineer/").content.decode()

    told = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))
    assert told == {
        "type": "article",
        "site_name": settings.SITE_NAME,
        "title": "How to become a garden engineer",
        "description": "What garden engineers do and what is asked of them.",
        "url": f"{SITE}/guides/garden-engineer/",
        "image": f"{SITE}/guides/garden-engineer/picture-link.png",
    }


def markup_of(client):
    page = client.get("/guides/garden-engineer/").content.decode()
    return page, json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1))


def test_the_article_keeps_the_rules_for_articles(client):
    """As Google's page on Article has them: headline, pictures, dates with their zone, an author with a page."""
    guide = draft()
    guide.publish(by=None, at=datetime(2026, 5, 1, 12, tzinfo=UTC))

    page, markup = markup_of(client)

    article, crumbs = markup["@graph"]
    assert (markup["@context"], article["@type"], crumbs["@type"]) == (
        "https://schema.org", "Article", "BreadcrumbList",
    )  # fmt: skip
    assert article["headline"] in page
    for address, ratio in zip(article["image"], (1, 4 / 3, 16 / 9), strict=True):
        image = Image.open(io.BytesIO(client.get(address.removeprefix(SITE)).content))
        assert image.width / image.height == pytest.approx(ratio, abs=0.01)
        assert image.width * image.height >= 50_000
    for name in ("datePublished", "dateModified"):
        assert datetime.fromisoformat(article[name]).utcoffset() == timedelta(0)
    assert article["dateModified"] >= article["datePublished"]
    for author in article["author"]:
        assert (author["@type"], client.get(author["url"].removeprefix(SITE)).status_code) == ("Person", 200)


def test_the_breadcrumbs_keep_their_rules(client):
    """Positions from 1, every item but the last with a name and an address that is there."""
    published()

    _, markup = markup_of(client)

    items = markup["@graph"][1]["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert all(item["@type"] == "ListItem" and item["name"] for item in items)
    assert [client.get(item["item"].removeprefix(SITE)).status_code for item in items[:-1]] == [200]
    assert "item" not in items[-1]
    assert "FAQPage" not in json.dumps(markup)
