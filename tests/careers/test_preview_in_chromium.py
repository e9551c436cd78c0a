"""A text's preview while it is typed, in real Chromium: last typed wins, and whatever goes wrong is told."""

from urllib.parse import urljoin

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from careers.models import Guide
from tests.careers.guides import draft
from tests.careers.test_desk_in_chromium import ADMIN, complaints, tab  # noqa: F401 -- fixtures
from tests.conftest import client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("many-connections")]

PREVIEW = "**/text-preview/"


@pytest.fixture
def page(tab):  # noqa: F811
    guide = draft()
    tab.goto(f"{ADMIN}{guide.pk}/change/")
    return tab


def box(page):
    return page.locator(".field-introduction .markdown")


def pane(page):
    return page.get_by_role("group", name="Preview of the introduction")


def said(page):
    return box(page).get_by_role("status")


def type_in(page, text):
    page.get_by_label("Introduction:").fill(text)


def test_the_preview_follows_what_is_typed_by_keyboard(page, complaints):  # noqa: F811
    expect(pane(page)).to_contain_text("This guide says why.")

    page.get_by_label("Introduction:").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Two *new* words <script>alert(1)</script> ![x](https://x.test/x.png) [j](javascript:alert(1))")
    expect(pane(page).locator("em")).to_have_text("new")
    page.keyboard.press("Tab")

    expect(pane(page)).to_be_focused()
    expect(said(page)).to_have_text("The preview is up to date: 6 words.")
    expect(box(page).get_by_role("button")).to_be_hidden()
    assert pane(page).locator("script, img, a[href^=javascript]").count() == 0
    assert complaints == []


def test_a_question_that_is_added_has_its_own_preview(page, complaints):  # noqa: F811
    page.locator("#own_questions-group .add-row a").click()
    page.locator("#id_own_questions-1-answer").fill("**Yes.**")

    expect(page.locator("#own_questions-1 .markdown__pane strong")).to_have_text("Yes.")
    expect(page.locator("#own_questions-0 .markdown__pane")).to_have_text("In summer, yes.")
    assert complaints == []


def test_the_answer_to_what_was_typed_last_stays(page):
    held = []
    page.route(PREVIEW, lambda route: held.append(route))
    type_in(page, "first")
    page.wait_for_timeout(800)
    type_in(page, "second")
    expect(said(page)).to_have_text("Waiting for the preview…")
    assert len(held) == 2

    held[1].continue_()
    expect(pane(page)).to_have_text("second")
    held[0].abort()
    expect(said(page)).to_have_text("The preview is up to date: 1 word.")
    expect(pane(page)).to_have_text("second")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 500}, "The preview has failed on the server. Your text stays here."),
        (None, "The server doesn't answer. Your text stays here; writing on asks again."),
    ],
)
def test_a_failure_is_told_and_the_next_word_asks_again(answer, words, page):
    page.route(PREVIEW, lambda route: route.fulfill(**answer) if answer else route.abort())
    type_in(page, "new words")
    expect(said(page)).to_have_text(words)
    expect(pane(page)).to_contain_text("This guide says why.")

    page.unroute(PREVIEW)
    type_in(page, "newer words")

    expect(pane(page)).to_have_text("newer words")


def test_who_was_logged_out_is_told_and_loses_nothing(page, editor):
    Session.objects.all().delete()
    type_in(page, "much work")
    expect(said(page)).to_have_text(
        "You are logged out. Your text stays here: log in in another tab, then write on. Log in"
    )

    log_in_elsewhere(page, editor)
    type_in(page, "much work, saved")
    expect(pane(page)).to_have_text("much work, saved")
    page.get_by_role("button", name="Save", exact=True).first.click()

    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert Guide.objects.get().introduction == "much work, saved"


def log_in_elsewhere(page, editor):
    """A login gives the browser another session and another secret for forms."""
    cookies = {"session": client_of(editor).cookies["session"].value, "csrf": "x" * 32}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": urljoin(page.url, "/")} for name, value in cookies.items()]
    )


def test_who_may_write_no_more_is_told(page, editor):
    editor.groups.clear()
    type_in(page, "much work")

    expect(said(page)).to_have_text("You may not change guides any more. Your text stays here.")
    assert Authenticator.objects.filter(user=editor).exists()


def test_on_a_phone_the_preview_stands_below_the_field(page):
    page.set_viewport_size({"width": 360, "height": 800})
    field, drawn = page.get_by_label("Introduction:").bounding_box(), pane(page).bounding_box()

    assert (drawn["y"] >= field["y"] + field["height"], field["x"], field["width"]) == (
        True,
        drawn["x"],
        drawn["width"],
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_scripts_a_button_shows_the_text_on_a_page_of_its_own(chromium, live_server, editor):
    guide = draft()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    session = client_of(editor).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{ADMIN}{guide.pk}/change/")

    page.get_by_label("Role overview").fill("Only **one** thing.")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview the overview").click()

    expect(opened.value.locator("#content .prose")).to_have_text("Only one thing.")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Preview: overview")
    expect(page.get_by_label("Role overview")).to_have_value("Only **one** thing.")
    assert Guide.objects.get().overview == guide.overview
    context.close()
