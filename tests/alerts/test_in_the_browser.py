"""What scripts add to the form of an alert, in a real Chromium."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.factories import JobFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def page(live_server, monkeypatch):
    # Playwright runs an event loop in this thread, in which Django refuses to ask the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(timezone_id="Asia/Tokyo", viewport={"width": 360, "height": 800})
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()


def test_the_preview_follows_what_is_typed_and_chosen(page, live_server):
    JobFactory.create_batch(6, title="Beekeeper", level="senior")
    JobFactory.create_batch(2, title="Beekeeper", level="junior")

    page.goto(f"{live_server.url}/alerts/new/")
    page.get_by_label("Words").fill("beekeeper")
    expect(page.locator("#preview")).to_contain_text("8 open jobs of the last 30 days fit")
    page.get_by_text("Add a place, a category, a level or pay").click()
    page.get_by_label("Level").select_option("junior")
    expect(page.locator("#preview")).to_contain_text("2 open jobs of the last 30 days fit")

    assert page.problems == []


def test_the_form_knows_the_browsers_time_zone_and_hides_what_a_rhythm_does_not_need(page, live_server):
    page.goto(f"{live_server.url}/alerts/new/?q=python")

    expect(page.locator("[data-zone-name]")).to_have_text("Asia/Tokyo")
    expect(page.get_by_label("On", exact=True)).to_be_hidden()
    page.get_by_label("Once a week").check()
    expect(page.get_by_label("On", exact=True)).to_be_visible()
    page.get_by_label("As soon as jobs appear").check()
    expect(page.get_by_label("At", exact=True)).to_be_hidden()
    assert page.problems == []
