"""From 956 real adverts to a mail with a new job in it, in real Chromium against the whole running site."""

import re
import time

import pytest
from playwright.sync_api import expect

from jobboard.management.commands.sample_content import SAMPLE_PASSWORD
from tests import adverts

NEWCOMER = "newcomer@example.com"
JOB = "Data Scientist, Shop Forecasts"
PASSWORD = "a long enough sentence"
MAIL_WITHIN = 240  # seconds: beat looks each minute, and instant alerts gather for two


@pytest.mark.xdist_group("up")
def test_the_board_works_end_to_end_on_real_adverts(window, tmp_path):
    staff, newcomer, mailbox = window(), window(), window()
    log_in_as_admin(staff, mailbox)
    import_adverts(staff, tmp_path / "jobs.csv")
    sign_up(newcomer, mailbox)
    search_open_and_apply(newcomer)
    keep_search_as_alert(newcomer)
    publish_a_matching_job(staff)
    mail = arrived_mail(mailbox, to=NEWCOMER, subject=f"Halcyon Ledger is hiring: {JOB}")
    follow_the_links_of(mail)


def log_in_as_admin(page, mailbox):
    page.goto("/admin/")
    page.get_by_label("E-mail").fill("admin@example.com")
    page.get_by_label("Password", exact=True).fill(SAMPLE_PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    confirm_with_code(page, mailbox)
    if "/2fa/" in page.url:  # the code's thirty seconds ended on the way
        confirm_with_code(page, mailbox)
    expect(page).to_have_url(re.compile("/admin/$"))


def confirm_with_code(page, mailbox):
    mailbox.goto("/dev/mailbox/")
    code = mailbox.locator("dt", has_text="admin@example.com").locator("+ dd").inner_text()
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Log in", exact=True).click()


def import_adverts(page, file):
    file.write_bytes(adverts.file())
    page.goto("/admin/sources/importrun/add/")
    page.get_by_label("Name of the new source").fill("Research adverts of 2020")
    page.get_by_label("Default category").select_option(label="Data science and analytics")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show preview").click()

    # A worker reads the file; the page follows it.
    expect(page.get_by_role("link", name=re.compile(r"^New 600$"))).to_be_visible(timeout=120_000)
    expect(page.get_by_role("link", name=re.compile(r"^Repeated 356$"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"^Changed 0$"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"^Refused 0$"))).to_be_visible()

    page.get_by_label("Publish at once").check()
    page.get_by_role("button", name="Import 600 rows").click()
    expect(page.get_by_text("The import is done: 600 rows.")).to_be_visible(timeout=120_000)


def sign_up(page, mailbox):
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill(NEWCOMER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()

    confirmation = arrived_mail(mailbox, to=NEWCOMER, subject="")
    link = confirmation.locator("pre a").filter(has_text="confirm-email").get_attribute("href")
    page.goto(link)
    page.get_by_role("button", name="Yes, confirm").click()
    expect(page.get_by_role("link", name="Log in")).to_have_count(0)


def search_open_and_apply(page):
    page.goto("/jobs/")
    page.get_by_label("Keyword").fill('"data scientist" python -senior')
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"q=%22data"))
    page.locator(".job-row a").first.click()
    expect(page.get_by_role("heading", name="About the job")).to_be_visible()

    # The employer's own site is the outside world: a page stands in for it.
    page.context.route("https://example.com/**", lambda route: route.fulfill(body="<h1>The employer's form</h1>"))
    page.get_by_role("button", name=re.compile("^Apply")).first.click()
    expect(page).to_have_url(re.compile(r"^https://example\.com/apply/\d{4}$"))


def keep_search_as_alert(page):
    page.goto("/jobs/?q=%22data+scientist%22+python+-senior")
    page.get_by_role("link", name="Keep as alert").first.click()

    preview = page.locator("#preview")
    expect(preview).to_contain_text(re.compile(r"\d+ open jobs? of the last 30 days"))
    expect(preview.locator("li[dir]")).to_have_count(3)

    page.get_by_label("As soon as jobs appear").check()
    page.get_by_role("button", name="Keep alert").click()
    expect(page.get_by_role("heading", name="Your alerts")).to_be_visible()


def publish_a_matching_job(page):
    page.goto("/admin/jobs/job/add/")
    page.get_by_label("Title:").fill(JOB)
    choose_company(page, "Halcyon Ledger")
    page.get_by_label("Category:").select_option(label="Data science and analytics")
    page.get_by_label("Description:").fill("<p>Forecast what shops need next week, in Python.</p>")
    page.get_by_label("Remote", exact=True).check()
    page.get_by_label("Address to apply at").fill("https://example.com/halcyon")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.locator(".messagelist")).to_contain_text("published")


def choose_company(page, name):
    page.locator("#id_company + .select2").click()
    page.locator(".select2-search__field").fill(name)
    page.locator(".select2-results__option", has_text=name).click()


def follow_the_links_of(mail):
    """The job's link opens the job; the link to stop asks first and stops when told."""
    links = mail.locator("pre.mail-text a")
    job = links.filter(has_text="/opened/").first.get_attribute("href")
    stop = links.filter(has_text="/unsubscribe/").first.get_attribute("href")

    mail.goto(job)
    expect(mail.get_by_role("heading", name=JOB)).to_be_visible()

    mail.goto(stop)
    mail.get_by_role("button", name="Stop this alert").click()
    expect(mail.get_by_role("heading", name=re.compile("stopped", re.IGNORECASE))).to_be_visible()


def arrived_mail(page, *, to, subject):
    """The page of the newest mail to the address whose subject begins so; waits for it."""
    until = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < until:
        page.goto("/dev/mailbox/")
        row = page.locator("ol.mails li", has_text=to).filter(has_text=subject).first
        if row.count():
            row.get_by_role("link").click()
            return page
        page.wait_for_timeout(1000)
    raise AssertionError(f"no mail to {to} with the subject {subject!r} within {MAIL_WITHIN} seconds")
