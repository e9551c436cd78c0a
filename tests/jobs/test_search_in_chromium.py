"""The search page as people meet it: with script, without it, by keyboard, and back again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.suggestions import refresh_terms
from tests.factories import JobFactory

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("jobs-in-chromium")]

PHONE = 360


@pytest.fixture
def jobs():
    newest = timezone.now() - timedelta(hours=1)
    return [
        JobFactory(title="Data engineer", level="senior", regions=["germany"], published_at=newest),
        JobFactory(title="Nurse", level="junior", regions=["spain"], published_at=newest - timedelta(hours=1)),
    ]


def titles(page) -> list[str]:
    return [link.inner_text() for link in page.locator(".job-row__title a").all()]


def wait_for_count(page, words):
    page.wait_for_function("words => document.getElementById('count').innerText.trim() === words", arg=words)


def address(page) -> str:
    return page.evaluate("location.pathname + location.search")


def test_typing_swaps_the_results_and_the_address_follows(jobs, open_page):
    page = open_page("/jobs/")

    page.get_by_label("Keyword").press_sequentially("nurse")
    wait_for_count(page, "1 job")

    assert titles(page) == ["Nurse"]
    assert address(page) == "/jobs/?q=nurse"
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.get_by_role("link", name="Keep as alert").first.get_attribute("href") == "/alerts/new/?q=nurse"
    assert page.complaints == []


def test_what_is_typed_is_completed(jobs, open_page):
    refresh_terms()
    page = open_page("/jobs/")

    page.get_by_label("Keyword").press_sequentially("data eng")
    page.wait_for_function("() => document.querySelector('#completions option')?.value === 'data engineer'")

    assert page.evaluate("document.activeElement.list.options.length") == 1
    assert page.complaints == []


def test_a_filter_swaps_and_the_count_alone_is_announced(jobs, open_page):
    page = open_page("/jobs/")

    page.get_by_label("Senior").check()
    wait_for_count(page, "1 job")

    assert titles(page) == ["Data engineer"]
    assert address(page) == "/jobs/?level=senior"
    assert page.evaluate("document.activeElement.id") == "level-senior"
    assert page.locator("[aria-live]").count() == 1
    assert page.evaluate("document.getElementById('results').getAttribute('aria-busy')") is None


def test_the_back_button_returns_results_and_what_the_form_says(jobs, open_page):
    page = open_page("/jobs/")
    page.get_by_label("Senior").check()
    wait_for_count(page, "1 job")
    page.get_by_label("Keyword").press_sequentially("data")
    page.wait_for_function("() => location.search === '?q=data&level=senior'")

    page.go_back()
    page.wait_for_function("() => document.querySelector('[name=q]').value === ''")
    after_one = (address(page), page.get_by_label("Keyword").input_value(), page.get_by_label("Senior").is_checked())
    page.go_back()
    wait_for_count(page, "2 jobs")

    assert after_one == ("/jobs/?level=senior", "", True)
    assert (address(page), page.get_by_label("Senior").is_checked()) == ("/jobs/", False)
    assert titles(page) == ["Data engineer", "Nurse"]


def test_a_chip_undoes_its_filter_and_the_keyboard_stays_in_the_results(jobs, open_page):
    page = open_page("/jobs/?q=nurse&level=junior")

    page.get_by_role("link", name="Remove “nurse”").press("Enter")
    page.wait_for_function("() => location.search === '?level=junior'")

    assert page.get_by_label("Keyword").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "results"


def test_bad_pay_is_told_beside_the_field_while_one_types(jobs, open_page):
    page = open_page("/jobs/")

    page.get_by_label("At least").press_sequentially("lots")
    page.locator("#facet-pay").get_by_text("Enter a whole amount").wait_for()

    assert "The pay “lots” is left out." in page.locator("#results").inner_text()
    assert page.get_by_label("At least").input_value() == "lots"
    assert page.get_by_label("At least").get_attribute("aria-invalid") == "true"


def test_an_answer_that_comes_late_does_not_overwrite_a_newer_one(jobs, open_page):
    page = open_page("/jobs/")
    held = []
    page.route("**/jobs/?q=nur", lambda route: held.append(route))

    page.get_by_label("Keyword").press_sequentially("nur")
    page.wait_for_function("() => document.getElementById('results').getAttribute('aria-busy') === 'true'")
    page.get_by_label("Keyword").fill("data")
    page.wait_for_function("() => location.search === '?q=data'")
    for route in held:
        route.continue_()

    wait_for_count(page, "1 job")
    assert titles(page) == ["Data engineer"]


def test_without_script_the_form_works_by_its_buttons(jobs, open_page):
    page = open_page("/jobs/", java_script_enabled=False)

    page.get_by_label("Keyword").fill("nurse")
    page.get_by_label("Junior").check()
    page.get_by_role("button", name="Apply the filters").click()

    assert titles(page) == ["Nurse"]
    assert "q=nurse" in page.url
    assert "level=junior" in page.url


def test_without_script_more_is_a_link(open_page):
    JobFactory.create_batch(21)
    page = open_page("/jobs/", java_script_enabled=False)

    page.get_by_role("link", name="The last job").click()

    assert len(titles(page)) == 1


def test_on_a_phone_keyword_and_place_are_seen_and_filters_are_a_button(jobs, open_page):
    page = open_page("/jobs/", width=PHONE)

    folded = page.get_by_label("Senior").is_visible()
    page.locator("#filters-fold summary").click()

    assert page.get_by_label("Keyword").is_visible()
    assert page.get_by_label("Place", exact=True).is_visible()
    assert (folded, page.get_by_label("Senior").is_visible()) == (False, True)


def test_on_a_phone_open_filters_say_how_many_jobs_they_leave_and_lead_there_by_keyboard(jobs, open_page):
    page = open_page("/jobs/", width=PHONE)
    keep, show = page.locator("#keep-bar"), page.locator("#show-results")
    folded = keep.is_visible(), show.is_visible()

    page.locator("#filters-fold summary").click()
    unfolded = keep.is_visible(), show.is_visible(), page.get_by_role("button", name="Apply the filters").is_visible()
    all_of_them = show.inner_text()
    page.get_by_label("Senior").check()
    wait_for_count(page, "1 job")
    fewer = show.inner_text()
    show.focus()
    page.keyboard.press("Enter")

    assert (folded, unfolded, all_of_them, fewer) == ((True, False), (False, True, False), "Show 2 jobs", "Show 1 job")
    assert not page.get_by_label("Senior").is_visible()
    assert page.evaluate("document.activeElement.id") == "results"
    assert page.evaluate("document.getElementById('count').getBoundingClientRect().top") >= 0
    assert (titles(page), keep.is_visible(), show.is_visible()) == (["Data engineer"], True, False)
    assert page.complaints == []


def test_on_a_phone_filters_that_leave_nothing_lead_to_the_reason(jobs, open_page):
    page = open_page("/jobs/?level=senior&region=spain", width=PHONE)

    page.locator("#filters-fold summary").click()
    page.get_by_role("button", name="No job fits: see why").click()

    assert page.get_by_text("Give one thing up and there are some:").is_visible()


def test_without_scripts_open_filters_keep_their_own_button(jobs, open_page):
    page = open_page("/jobs/", width=PHONE, java_script_enabled=False)

    page.locator("#filters-fold summary").click()
    is_offered = page.locator("#show-results").is_visible()
    page.get_by_label("Senior").check()
    page.get_by_role("button", name="Apply the filters").click()

    assert (is_offered, titles(page)) == (False, ["Data engineer"])


def test_the_keyboard_moves_between_jobs_and_to_the_search_box(jobs, open_page):
    page = open_page("/jobs/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("/")

    assert (first, second) == ("Data engineer", "Nurse")
    assert page.evaluate("document.activeElement.name") == "q"


def test_shortcuts_can_be_switched_off_for_good(jobs, open_page):
    page = open_page("/jobs/")
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts on this device").uncheck()
    page.get_by_role("button", name="Close").click()

    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")

    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.locator("#keyboard-help").is_visible() is False
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert page.locator("#keyboard-help").is_visible() is True


def test_typing_a_letter_of_a_shortcut_types_it(jobs, open_page):
    page = open_page("/jobs/")

    page.get_by_label("Keyword").press_sequentially("jk/?")

    assert page.get_by_label("Keyword").input_value() == "jk/?"


def test_a_job_one_has_opened_is_marked_as_seen(jobs, open_page):
    page = open_page("/jobs/")

    page.get_by_role("link", name="Nurse").click()
    page.get_by_role("heading", name="Nurse", level=1).wait_for()
    page.goto("/jobs/")

    assert page.locator(f'.job-row[data-job="{jobs[1].pk}"] .badge').inner_text() == "Seen"
    assert page.locator(f'.job-row[data-job="{jobs[0].pk}"] .badge').inner_text() == "New"
