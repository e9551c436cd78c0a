"""An alert as a feed at a private address."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert, Feed, Search
from jobs.search import JobSearch
from tests.factories import JobFactory

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def feed(seeker):
    search = Search.objects.keep(JobSearch(keywords="baker"))
    timing = {"rhythm": "daily", "hour": 8, "weekday": 0, "at": timezone.now()}
    alert = Alert.objects.keep(seeker, search=search, name="Bread", **timing)
    return Feed.objects.draw(alert, timezone.now())[0]


def read(url, **headers):
    """As a feed reader: no cookie, no login."""
    return Client().get(url.removeprefix("http://localhost:8000"), headers=headers)


def titles(response) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in ElementTree.fromstring(response.content).iter(f"{ATOM}entry")]


def test_both_forms_list_the_open_jobs_the_newest_first(feed):
    old = JobFactory(title="Baker", company__name="Crust", published_at=timezone.now() - timedelta(days=2))
    JobFactory(title="Night baker", company__name="Crumb")
    JobFactory(title="Baker", closed=True)
    JobFactory(title="Cook")

    atom, listed = read(feed.atom_url), json.loads(read(feed.json_url).content)

    assert titles(atom) == ["Night baker at Crumb", "Baker at Crust"]
    assert [item["title"] for item in listed["items"]] == ["Night baker at Crumb", "Baker at Crust"]
    assert listed["items"][1] | {"content_text": ""} == {
        "id": f"http://localhost:8000/jobs/{old.pk}/",
        "url": f"http://localhost:8000{old.get_absolute_url()}",
        "title": "Baker at Crust",
        "content_text": "",
        "date_published": old.published_at.isoformat(),
        "authors": [{"name": "Crust"}],
        "tags": [old.category.name],
    }
    assert (listed["version"], listed["feed_url"]) == ("https://jsonfeed.org/version/1.1", feed.json_url)


def test_a_place_with_markup_stays_text_in_both_forms(feed):
    JobFactory(title="Baker", location="<img src=x> Berlin")

    atom, listed = read(feed.atom_url), json.loads(read(feed.json_url).content)

    (summary,) = ElementTree.fromstring(atom.content).iter(f"{ATOM}summary")
    assert (summary.get("type"), summary.text) == ("text", listed["items"][0]["content_text"])
    assert summary.text.startswith("Remote, <img src=x> Berlin · ")


@pytest.mark.parametrize("jobs", [0, 3])
@pytest.mark.parametrize("form", ["atom", "json"])
def test_a_copy_that_is_still_true_is_not_sent_again(feed, form, jobs):
    JobFactory.create_batch(jobs, title="Baker")
    first = read(feed.url(form))

    again = read(feed.url(form), **{"If-None-Match": first["ETag"]})
    JobFactory(title="Baker")
    after = read(feed.url(form), **{"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content, after.status_code) == (200, 304, b"", 200)


def test_the_address_leaks_nowhere_and_is_kept_by_no_cache(feed):
    for response in (read(feed.atom_url), read(feed.atom_url, **{"If-None-Match": read(feed.atom_url)["ETag"]})):
        assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex")
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies


def test_a_new_address_ends_the_one_before(feed, seeker_client):
    old = feed.atom_url

    page = seeker_client.post(reverse("alerts:draw_feed", args=[feed.alert_id]), follow=True).content.decode()

    new = Feed.objects.get().atom_url
    assert (new in page, read(old).status_code, read(new).status_code) == (True, 404, 200)


def test_a_feed_that_was_removed_is_gone(feed, seeker_client):
    seeker_client.post(reverse("alerts:end_feed", args=[feed.alert_id]))

    assert (read(feed.atom_url).status_code, read(feed.json_url).status_code) == (404, 404)


def test_nothing_new_appears_while_the_alert_is_paused_and_all_of_it_after(feed):
    JobFactory(title="Baker", company__name="Crust", published_at=timezone.now() - timedelta(days=2))
    feed.alert.pause(timezone.now() - timedelta(days=1), by="person")
    JobFactory(title="Night baker", company__name="Crumb")

    paused = read(feed.atom_url)
    feed.alert.activate(timezone.now())
    running = read(feed.atom_url)

    assert titles(paused) == ["Baker at Crust"]
    assert "Bread (paused)" in paused.content.decode()
    assert titles(running) == ["Night baker at Crumb", "Baker at Crust"]


def test_the_feed_of_a_deleted_alert_is_gone_for_good(feed):
    feed.alert.discard(timezone.now())

    assert read(feed.atom_url).status_code == 410


def test_the_feed_of_a_closed_account_shows_nothing(feed, seeker):
    seeker.is_active = False
    seeker.save()

    assert read(feed.atom_url).status_code == 404


def test_the_address_of_one_alert_opens_no_other(feed, keep, stranger):
    other, _ = Feed.objects.draw(keep(stranger), timezone.now())
    signature = feed.atom_url.split("/")[-3]

    answers = [
        read(reverse("alerts:feed", args=[other.alert_id, signature, "atom"])).status_code,
        read(reverse("alerts:feed", args=[feed.alert_id, signature[:-1], "atom"])).status_code,
        read(reverse("alerts:feed", args=[feed.alert_id, signature, "csv"])).status_code,
        read(reverse("alerts:feed", args=["9" * 30, signature, "atom"])).status_code,
    ]

    assert answers == [404] * 4


def test_a_reader_that_never_rests_is_slowed_down(feed):
    answers = [read(feed.atom_url).status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


def test_letters_that_no_feed_can_hold_break_nothing(feed):
    job = JobFactory(title="Baker")
    type(job).objects.filter(pk=job.pk).update(title="Baker \x0b & <b>\u2028")

    assert (len(titles(read(feed.atom_url))), read(feed.json_url).status_code) == (1, 200)
