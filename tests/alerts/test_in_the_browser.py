"""Pages of alerts in a real Chromium: what scripts add to the form, and names that have no place to break."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from alerts import tokens
from alerts.models import Unsubscription
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


LEFT_EDGES = """buttons => {
    const lines = {};
    for (const button of buttons) {
        const {left, top} = button.getBoundingClientRect(), style = getComputedStyle(button);
        const words = left + parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth);
        const edge = Math.round(button.matches('.button--quiet') ? words : left);
        lines[Math.round(top)] = Math.min(edge, lines[Math.round(top)] ?? edge);
    }
    return Object.values(lines);
}"""


@pytest.mark.parametrize(
    ("address", "buttons", "lines"), [("/alerts/", ".alert-card .button", 3), ("edit", ".form-actions .button", 2)]
)
def test_lines_of_buttons_begin_at_one_edge(chromium, seeker_client, seeker, keep, address, buttons, lines):
    alert = keep(seeker)
    page, _ = open_page(chromium, seeker_client, alert.get_absolute_url() if address == "edit" else address, width=360)
    edges = page.eval_on_selector_all(buttons, LEFT_EDGES)
    page.context.close()

    assert (len(edges), len(set(edges))) == (lines, 1)


def test_back_from_the_thanks_asks_for_nothing_to_be_sent_again(phone, live_server, seeker, keep):
    alert = keep(seeker)
    page_of_link = live_server.url + urlsplit(tokens.Scope("alert", alert.pk).url("unsubscribe")).path

    phone.goto(page_of_link)
    phone.get_by_role("button", name="Stop this alert").click()
    phone.get_by_label("I found a job").check()
    phone.get_by_role("button", name="Tell").click()
    headings = [phone.locator("h1").inner_text()]
    for _ in range(2):
        phone.go_back()
        headings.append(phone.locator("h1").inner_text())

    assert headings == ["Thank you, that helps us.", "The alert is stopped.", "This alert is stopped already"]
    assert Unsubscription.objects.get().reason == "found"
