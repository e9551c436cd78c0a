"""Staff write a guide from nothing in real Chromium, schedule, preview, publish, revise and bring back."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect

from careers.models import Contributor, Guide, Skill
from careers.tasks import publish_scheduled
from tests.careers.guides import draft
from tests.conftest import client_of
from tests.workers import running_worker, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("many-connections")]

ADMIN = "/admin/careers/guide/"


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def tab(chromium, live_server, editor, complaints):
    """The editor's browser; what the page complains of is kept."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    session = client_of(editor).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    context.close()


def test_a_guide_goes_from_nothing_to_its_readers_and_back(tab, complaints, live_server, editor):
    Contributor.objects.create(slug="ada", name="Ada Author")
    for name, kind in (("hydraulics", "technical"), ("soil science", "technical"), ("patience", "soft")):
        Skill.objects.create(name=name, kind=kind)

    write_a_draft(tab)
    fill_in_what_it_lacks(tab)
    schedule_it(tab)
    guide = Guide.objects.get()
    promised = guide.scheduled_for
    preview_it(tab)
    its_time_comes(guide)
    readers_see(tab, "Planning beds")
    revise_it(tab, guide)
    readers_see(tab, "Moving mountains")
    bring_the_first_wording_back(tab, guide)
    readers_see(tab, "Planning beds")

    assert complaints == []
    assert list(guide.versions.order_by("pk").values_list("did", flat=True))[3:] == [
        f"Scheduled for {promised:%-d %B %Y, %H:%M} UTC",
        "Published",
        "Edited",
        f"Brought back what it said on {guide.versions.get(did='Published').at:%-d %B %Y, %H:%M} UTC",
    ]


def write_a_draft(tab):
    tab.goto(f"{ADMIN}add/")
    tab.get_by_label("Name of the role").fill("garden engineer")
    tab.keyboard.press("Tab")
    expect(tab.get_by_label("Slug")).to_have_value("garden-engineer")
    tab.get_by_label("Title:", exact=True).first.fill("How to become a garden engineer")
    tab.get_by_label("Category:").select_option(label="Engineering")
    tab.get_by_label("Summary").fill("What garden engineers do.")
    tab.get_by_role("button", name="Save and submit for review").first.click()
    expect(tab.locator(".messagelist")).to_contain_text("It is saved. Submit for review: not possible")
    expect(tab.locator(".life")).to_contain_text("it still needs: the introduction, the role overview")


def fill_in_what_it_lacks(tab):
    tab.get_by_label("Introduction:").fill("Gardens need engineers.\n\nThis guide says why.")
    tab.get_by_label("Role overview").fill("A garden engineer plans water and light.")
    tab.get_by_label("Key aspects").fill("planning beds\nmoving water")
    for level in ("junior", "middle", "senior"):
        tab.get_by_label(f"Core responsibilities of a {level}").fill(f"what a {level} does")
    tab.get_by_label("Required education").fill("a degree in horticulture")
    tab.get_by_label("Demand:").select_option("high")
    tab.get_by_label("Remote availability").select_option("low")
    tab.get_by_label("Top industries").fill("parks\nhotels")
    tab.get_by_label("Search that finds its jobs").fill("q=garden+engineer")
    tab.get_by_label("Author:").select_option(label="Ada Author")
    for number, name in enumerate(("hydraulics", "soil science", "patience")):
        add_skill(tab, number, name)
    add_stage(tab, 0, "helper", "junior", "0", "3", "weeding")
    add_stage(tab, 1, "head gardener", "lead", "3", "", "the whole park")
    tab.get_by_role("button", name="Save and submit for review").first.click()
    expect(tab.locator(".life .badge")).to_have_text("In review")


def add_skill(tab, number, name):
    if number:
        tab.locator("#guide_skills-group .add-row a").click()
    tab.locator(f"#id_guide_skills-{number}-skill + .select2").click()
    tab.locator(".select2-search__field").fill(name[:4])
    tab.locator(".select2-results__option", has_text=name).click()


def add_stage(tab, number, title, level, first, last, does):
    tab.locator("#stages-group .add-row a").click()
    field = f"#id_stages-{number}-"
    tab.locator(f"{field}title").fill(title)
    tab.locator(f"{field}level").select_option(level)
    tab.locator(f"{field}years_from").fill(first)
    tab.locator(f"{field}years_to").fill(last)
    tab.locator(f"{field}responsibilities").fill(does)


def schedule_it(tab):
    tab.get_by_role("link", name="Schedule…").click()
    tab.get_by_label("Date").fill("2020-01-01")
    tab.get_by_label("Time (UTC)").fill("08:00")
    tab.get_by_role("button", name="Schedule").click()
    expect(tab.locator(".errorlist")).to_have_text("This time is over; give one to come.")
    expect(tab.get_by_label("Date")).to_have_value("2020-01-01")

    tab.get_by_label("Date").fill(f"{timezone.now() + timedelta(days=2):%Y-%m-%d}")
    tab.get_by_role("button", name="Schedule").click()
    expect(tab.locator(".life .badge")).to_have_text("Scheduled")


def preview_it(tab):
    tab.get_by_role("link", name="Preview on site").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("How to become a garden engineer")
    expect(tab.get_by_text("This is a preview.")).to_be_visible()
    assert tab.request.get("/guides/garden-engineer/").status == 404


def its_time_comes(guide):
    """Two days pass; the worker does what beat asks of it each minute."""
    days = timedelta(days=3)
    Guide.objects.update(scheduled_at=F("scheduled_at") - days, scheduled_for=F("scheduled_for") - days)
    with running_worker():
        publish_scheduled.delay()
        wait_until(lambda: Guide.objects.published(timezone.now()).exists())
    guide.refresh_from_db()


def readers_see(tab, words):
    tab.goto("/guides/garden-engineer/")
    expect(tab.locator("article")).to_contain_text(words)


def revise_it(tab, guide):
    """New words, and the last skill moved to the front with the keyboard alone."""
    tab.goto(f"{ADMIN}{guide.pk}/change/")
    tab.get_by_label("Key aspects").fill("moving mountains")
    row = tab.locator("#guide_skills-1")
    row.locator(".ordered__button").first.focus()
    expect(row.get_by_role("button", name="Move up: soil science")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status").filter(has_text="place")).to_have_text("soil science: place 1 of 4")
    tab.get_by_role("button", name="Save", exact=True).first.click()
    expect(tab.locator(".messagelist")).to_contain_text("was changed successfully")

    assert [asked.skill.name for asked in guide.guide_skills.in_order()] == ["soil science", "hydraulics", "patience"]


def bring_the_first_wording_back(tab, guide):
    tab.goto(f"{ADMIN}{guide.pk}/history/")
    newest = tab.locator(".versions__one").first
    expect(newest.locator("dt")).to_have_text(["Key aspects", "Technical skills, new order"])
    expect(newest.locator("del")).to_have_text(["planning beds", "moving water"])
    tab.locator(".versions__one", has=tab.get_by_role("heading", name="Published")).get_by_role("link").click()
    tab.get_by_role("button", name="Bring this version back").click()
    expect(tab.locator(".messagelist")).to_contain_text("Brought back what it said")

    assert [asked.skill.name for asked in guide.guide_skills.in_order()] == ["hydraulics", "soil science", "patience"]


def test_rows_are_dragged_to_another_place(tab, complaints):
    guide = draft()
    tab.goto(f"{ADMIN}{guide.pk}/change/")

    first = tab.locator("#guide_skills-0")
    tab.locator("#guide_skills-2 .ordered__handle").drag_to(first, target_position={"x": 200, "y": 3})
    tab.get_by_role("button", name="Save", exact=True).first.click()
    expect(tab.locator(".messagelist")).to_contain_text("was changed successfully")

    assert [asked.skill.name for asked in guide.guide_skills.in_order()] == ["patience", "hydraulics", "soil science"]
    assert complaints == []


def test_without_scripts_rows_are_ordered_by_their_number(chromium, live_server, editor):
    guide = draft()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    session = client_of(editor).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    tab = context.new_page()
    tab.goto(f"{ADMIN}{guide.pk}/change/")

    tab.locator("#id_guide_skills-2-position").fill("0")
    tab.get_by_role("button", name="Save", exact=True).first.click()

    assert [asked.skill.name for asked in guide.guide_skills.in_order()] == ["patience", "hydraulics", "soil science"]
    context.close()
