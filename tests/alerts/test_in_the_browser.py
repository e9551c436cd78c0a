"""What scripts add to the form of an alert, in a real Chromium."""

import pytest
from playwright.sync_api import expect

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
