"""How the rows of the admin's lists and of its front page stand, on a desk."""

from datetime import UTC, datetime

import pytest

from tests.audit.chromium import open_page
from tests.factories import JobFactory

pytestmark = pytest.mark.xdist_group("audit")
# The vertical middle of the words of a row's links, in whole pixels: one number for each row, when they are in line.
MIDDLES = """rows => rows.map(row => new Set([...row.querySelectorAll("a")].map(link => {
    const words = document.createRange();
    words.selectNodeContents(link);
    const box = words.getBoundingClientRect();
    return Math.round(box.top + box.height / 2);
})).size)"""
LINES = """cells => cells.map(cell => {
    const words = document.createRange();
    words.selectNodeContents(cell);
    return new Set([...words.getClientRects()].map(box => Math.round(box.top))).size;
})"""


def test_what_may_be_done_with_a_kind_stands_in_line_with_its_name(chromium, admin_client):
    page, _ = open_page(chromium, admin_client, "/admin/")
    listed, _ = open_page(chromium, admin_client, "/admin/jobs/job/")

    of_front_page = page.locator("#content-main tr:has(td a)").evaluate_all(MIDDLES)
    of_side_bar = listed.locator("#nav-sidebar tr:has(td a)").evaluate_all(MIDDLES)

    assert set(of_front_page) | set(of_side_bar) == {1}
    assert (len(of_front_page) > 20, len(of_side_bar) > 10) == (True, True)


def test_dates_of_a_list_take_two_lines_at_most_and_the_list_has_room(chromium, admin_client):
    september = datetime(2026, 9, 28, 20, 58, tzinfo=UTC)
    JobFactory(
        title="Sachbearbeitung der Grundstücksverkehrsgenehmigungszuständigkeit",
        company__name="Landesamt für Flurbereinigung",
        location="Neubrandenburg, Mecklenburgische Seenplatte",
        published_at=september,
        expires_at=september.replace(year=2028),
    )

    page, _ = open_page(chromium, admin_client, "/admin/jobs/job/")

    lines = page.locator(":is(.field-published_at, .field-expires_at)").evaluate_all(LINES)
    overflow = page.locator(".results").evaluate("results => results.scrollWidth - results.clientWidth")
    assert (lines, overflow) == ([2, 2], 0)
