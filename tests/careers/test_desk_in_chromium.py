"""Ordered lists of the guide's form in real Chromium, with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.careers.guides import draft
from tests.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)

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
