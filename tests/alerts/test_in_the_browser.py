"""Pages of alerts in a real Chromium: what scripts add to the form, and names that have no place to break."""

import pytest
from playwright.sync_api import expect

from tests.audit.chromium import open_page
from tests.audit.test_pages import too_wide
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(chromium):
    page = chromium.new_page(timezone_id="Asia/Tokyo", viewport={"width": 360, "height": 800})
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    yield page
    page.close()


def test_the_preview_follows_what_is_typed_and_chosen(phone, live_server):
    JobFactory.create_batch(6, title="Beekeeper", level="senior")
    JobFactory.create_batch(2, title="Beekeeper", level="junior")

    phone.goto(f"{live_server.url}/alerts/new/")
    phone.get_by_label("Words").fill("beekeeper")
    expect(phone.locator("#preview")).to_contain_text("8 open jobs of the last 30 days fit")
    phone.get_by_text("Add a place, a category, a level or pay").click()
    phone.get_by_label("Level").select_option("junior")
    expect(phone.locator("#preview")).to_contain_text("2 open jobs of the last 30 days fit")

    assert phone.problems == []


def test_the_form_knows_the_browsers_time_zone_and_hides_what_a_rhythm_does_not_need(phone, live_server):
    phone.goto(f"{live_server.url}/alerts/new/?q=python")

    expect(phone.locator("[data-zone-name]")).to_have_text("Asia/Tokyo")
    expect(phone.get_by_label("On", exact=True)).to_be_hidden()
    phone.get_by_label("Once a week").check()
    expect(phone.get_by_label("On", exact=True)).to_be_visible()
    phone.get_by_label("As soon as jobs appear").check()
    expect(phone.get_by_label("At", exact=True)).to_be_hidden()
    assert phone.problems == []


def test_a_name_without_a_place_to_break_is_no_wider_than_a_phone(chromium, subscriber, subscriber_client, keep):
    first, second, _ = (keep(subscriber, words=words, name=words + "x" * 150) for words in ("python", "rust", "go"))
    subscriber_client.post(f"/alerts/{second.pk}/deletion/")

    why = f"/alerts/why/?alert={first.pk}&job={JobFactory().pk}"

    # The first page says that the alert is deleted, the second no more.
    found = [too_wide_on_a_phone(chromium, subscriber_client, address) for address in ("/alerts/", "/alerts/", why)]

    assert found == [[], [], []]


def too_wide_on_a_phone(chromium, client, address) -> list[str]:
    page, _ = open_page(chromium, client, address, width=360)
    found = too_wide(page, 360)
    page.context.close()
    return found
