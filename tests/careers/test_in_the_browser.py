"""A reader's way from a search to a kept alert, in a real Chromium."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from alerts.models import Alert
from careers.models import OwnSkill
from careers.tasks import refresh_all_markets
from tests.careers.test_tools import guide_of
from tests.conftest import client_of
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guides(db):
    company = CompanyFactory(name="Park")
    for number in range(12):
        JobFactory(
            title=f"Garden engineer {number}",
            company=company,
            description_raw="<p>Hydraulics and patience, for a large park with many old trees.</p>",
            regions=["europe"],
            pay_min=5_000_000 + number * 100_000,
            pay_currency="EUR",
            pay_period="year",
        )
    guide_of("garden-engineer", ["hydraulics", "soil"], search="q=garden+engineer")
    guide_of("florist", ["hydraulics", "colour"], search="q=florist")
    refresh_all_markets()


@pytest.fixture
def reader(chromium, guides, live_server):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()


def log_in(page, user):
    user.trust_email()
    session = client_of(user).cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": urljoin(page.url, "/")}])


def test_a_reader_finds_shares_prints_compares_marks_and_keeps_an_alert(reader, live_server, seeker):
    # Finds the guide by search, with the word completed.
    reader.goto("/guides/")
    assert "soil" in reader.locator("#guide-words option").evaluate_all("them => them.map(one => one.value)")
    reader.get_by_label("Role, skill or word").fill("soil garden")
    reader.get_by_role("button", name="Search guides").click()
    expect(reader.get_by_text("1 guide for")).to_be_visible()
    reader.get_by_role("link", name="How to become a garden-engineer").click()

    # The contents follow.
    reader.get_by_role("navigation", name="In this guide").get_by_role("link", name="Questions").click()
    expect(reader.locator(".contents [aria-current]")).to_have_text("Questions")
    reader.mouse.wheel(0, -100_000)
    expect(reader.locator(".contents [aria-current]")).to_have_count(0)

    # Shares it.
    reader.get_by_text("Share", exact=True).first.click()
    reader.get_by_role("button", name="Copy the link").first.click()
    expect(reader.get_by_text("The link is copied.")).to_be_visible()
    assert reader.evaluate("navigator.clipboard.readText()").endswith("/guides/garden-engineer/")

    # Prints it: on paper there is the text, and nothing to press.
    assert reader.pdf(format="A4").startswith(b"%PDF")
    reader.emulate_media(media="print")
    expect(reader.get_by_role("heading", name="Career path")).to_be_visible()
    expect(reader.locator("button:visible, nav:visible, .button:visible")).to_have_count(0)
    reader.emulate_media(media="screen")

    # Goes by the map to a comparison.
    reader.get_by_role("link", name="On the map").click()
    reader.get_by_role("link", name="Compare", exact=True).click()
    expect(reader.get_by_role("heading", name="Skills in common")).to_be_visible()
    assert reader.url.endswith("/guides/compare/?guide=garden-engineer&guide=florist")
    expect(reader.get_by_role("table")).to_contain_text("€55,500")

    # Marks skills, which this browser remembers, and takes them to the account.
    reader.goto("/guides/garden-engineer/")
    reader.get_by_role("link", name="Mark the ones you have").click()
    reader.get_by_label("Hydraulics").check()
    reader.get_by_role("button", name="Show what fits").click()
    expect(reader.locator("#chosen")).to_contain_text("1 of 3 skills")
    expect(reader.locator("#jobs")).to_contain_text("Names 1 of your skills and also patience.")
    reader.goto("/guides/my-skills/")
    expect(reader.get_by_label("Hydraulics")).to_be_checked()
    log_in(reader, seeker)
    reader.goto("/guides/my-skills/")
    expect(reader.get_by_text("1 marked in this browser before you logged in")).to_be_visible()
    reader.get_by_role("button", name="Keep my skills").click()
    expect(reader.get_by_text("1 skill is marked as yours.")).to_be_visible()
    assert [own.skill.name for own in OwnSkill.objects.filter(user=seeker)] == ["hydraulics"]

    # Follows a skill to its jobs, and keeps the alert of the role.
    reader.goto("/guides/garden-engineer/")
    reader.locator("#skills ~ ul").first.get_by_role("link", name="Hydraulics").click()
    expect(reader.locator("#count")).to_contain_text("12")
    reader.goto("/guides/garden-engineer/")
    reader.get_by_role("link", name="Alert me about these jobs").click()
    expect(reader.locator("#preview")).to_contain_text("12 open jobs of the last 30 days fit")
    reader.get_by_role("button", name="Keep alert").click()
    expect(reader.get_by_role("button", name="Keep alert")).to_have_count(0)
    expect(reader.get_by_role("heading", name="Your alerts")).to_be_visible()
    assert [alert.search.query_string for alert in Alert.objects.filter(owner=seeker)] == ["q=garden+engineer"]
    assert reader.problems == []


def test_the_map_leads_on_by_keyboard_alone(reader):
    reader.goto("/guides/map/?role=garden-engineer")

    reader.locator(".role-map__place--role").first.focus()
    reader.keyboard.press("Enter")

    expect(reader.locator(".role-map__place--centre")).to_have_text("Florist")


def test_skills_and_comparisons_need_no_script(chromium, guides, live_server):
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()

    page.goto("/guides/my-skills/")
    page.get_by_label("Hydraulics").check()
    page.get_by_role("button", name="Show what fits").click()
    expect(page.locator("#fits")).to_contain_text("Florist")
    page.goto("/guides/compare/")
    page.get_by_label("First role").select_option("Florist")
    page.get_by_label("Second role").select_option("Garden-engineer")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Asked by one alone")).to_be_visible()
    context.close()
