"""A job's page in a real browser: leaving to apply, sharing, and adverts that attack."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from jobs.models import Application, ApplyClick, JobMark
from tests.factories import CompanyFactory, JobFactory

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("jobs-in-chromium")]

ATTACKS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "' onmouseover='window.hacked=1' autofocus onfocus='window.hacked=1",
    "</title><script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "{{constructor.constructor('window.hacked=1')()}}",
]


class Employer(BaseHTTPRequestHandler):
    """Sends applicants on to another host once, as many sites of companies do."""

    def do_GET(self):
        if self.path == "/apply":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/form")
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>The employer's form</h1>")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def employer():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Employer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/apply"
    server.shutdown()
    server.server_close()


def test_apply_leads_to_the_employer_even_over_another_host(employer, open_page):
    job = JobFactory(apply_url=employer)
    page = open_page(job.get_absolute_url())

    page.get_by_role("button", name="Apply now").first.click()
    page.get_by_role("heading", name="The employer's form").wait_for()

    assert page.url.startswith("http://127.0.0.1:")
    assert page.complaints == []
    assert ApplyClick.objects.get().job == job


def test_removing_a_saved_job_is_undone_in_the_message(seeker, seeker_client, open_page):
    job = JobFactory(title="Data engineer")
    JobMark.objects.keep(user=seeker, job=job, at=timezone.now())
    page = open_page("/jobs/saved/", client=seeker_client)

    page.get_by_role("button", name="Remove Data engineer from saved jobs").click()
    page.get_by_role("heading", name="Nothing saved yet").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Data engineer").wait_for()

    assert page.url.endswith("/jobs/saved/")
    assert JobMark.objects.get().job == job


def test_without_script_a_job_is_taken_off_where_one_applied_and_put_back(seeker, seeker_client, open_page):
    job = JobFactory(title="Data engineer")
    Application.objects.note(user=seeker, job=job, at=timezone.now())
    page = open_page(job.get_absolute_url(), client=seeker_client, width=360, java_script_enabled=False)

    page.get_by_role("main").get_by_role("link", name="Where you applied").click()
    page.get_by_role("button", name="Remove Data engineer from the list of where you applied").click()
    page.get_by_role("heading", name="Nothing here yet").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Data engineer").wait_for()

    assert page.url.endswith("/jobs/applied/")
    assert Application.objects.get().removed_at is None


def test_sharing_copies_the_link_and_mails_it(open_page, settings):
    settings.SITE_URL = "https://board.test"
    job = JobFactory(title="R&D lead", company__name="Acme")
    page = open_page(job.get_absolute_url(), permissions=["clipboard-read", "clipboard-write"])

    page.locator("[data-share] summary").click()
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_text("The link is copied.").wait_for()

    assert page.evaluate("window.copied") == f"https://board.test{job.get_absolute_url()}"
    assert page.get_by_role("link", name="Send by e-mail").get_attribute("href") == (
        f"mailto:?subject=R%26D%20lead%20at%20Acme&body=https%3A%2F%2Fboard.test%2Fjobs%2F{job.pk}%2Frd-lead%2F"
    )
    assert page.complaints == []


def test_without_script_sharing_is_the_mail_link(open_page):
    page = open_page(JobFactory().get_absolute_url(), java_script_enabled=False)

    page.locator("[data-share] summary").click()

    assert page.get_by_role("link", name="Send by e-mail").is_visible()
    assert page.get_by_role("button", name="Copy the link").count() == 0


def test_on_a_phone_one_apply_button_stays_in_sight(open_page):
    job = JobFactory(description_raw="<p>Text.</p>" * 200)
    page = open_page(job.get_absolute_url(), width=360)

    seen = [button.is_visible() for button in page.get_by_role("button", name="Apply now").all()]
    page.mouse.wheel(0, 2000)

    assert seen.count(True) == 1
    box = page.locator(".sticky-bar").bounding_box()
    assert round(box["y"] + box["height"]) == 900


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_advert_that_attacks_runs_nothing_even_without_the_policy(
    open_page, settings, seeker, seeker_client, attack
):
    settings.SECURE_CSP = {}
    company = CompanyFactory(
        name=f"Acme {attack}"[:160], about=attack, headquarters=attack, website="https://acme.test/"
    )
    job = JobFactory(
        title=f"Engineer {attack}",
        company=company,
        location=attack,
        description_raw=f"<p>Long enough. {attack}</p><a href='javascript:window.hacked=1'>here</a>",
        tags=[attack[:40]],
    )
    JobFactory(title=f"Engineer {attack}", company=company, closed=True)
    JobMark.objects.keep(user=seeker, job=job, at=timezone.now())
    Application.objects.note(user=seeker, job=job, at=timezone.now())
    sinks = ["/", "/jobs/", "/jobs/?q=engineer", job.get_absolute_url(), company.get_absolute_url()]
    sinks += ["/jobs/saved/", "/jobs/applied/"]

    page = open_page(sinks[0], client=seeker_client)
    hacked = [hacked_at(page, path) for path in [*sinks, f"/jobs/{job.pk}/report/"]]

    assert hacked == [None] * (len(sinks) + 1)


def hacked_at(page, path):
    page.goto(path)
    for link in page.locator("main a[href^='javascript:']").all():
        link.click()
    page.mouse.move(200, 300)
    return page.evaluate("window.hacked ?? null")
