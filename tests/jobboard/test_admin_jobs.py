"""Jobs in the admin: lists, forms, bulk changes, copies, export."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from alerts.digests import Digest
from alerts.stopping import Unsubscription
from careers.models import Guide
from jobs.models import Category, Company, Job, Region
from jobs.reports import JobReport
from sources.held import HeldLink
from sources.models import ImportRun, Source, SourceJob
from tests.conftest import client_of, staff_of
from tests.factories import CompanyFactory, JobFactory

JOBS = "/admin/jobs/job/"
TO_COME = f"{timezone.now() + timedelta(days=90):%Y-%m-%d}"
NOTHING_TO_READ = "Nothing of this text can be read. Say what the job is about."
FURTHEST = date_format(timezone.now() + timedelta(days=731))


def bulk(client, action, jobs, **answers):
    return client.post(JOBS, {"action": action, "_selected_action": [job.pk for job in jobs]} | answers)


def filled(**said):
    """The job form as staff fill it in."""
    return {
        "title": "Baker",
        "company": Company.objects.first().pk,
        "category": Category.objects.get(slug="dev").pk,
        "location": "Bonn, Germany",
        "workplace": "onsite",
        "countries": "Germany, fr",
        "employment_types": ["full-time"],
        "level": "senior",
        "tags": "Bread, Rye",
        "pay_min": "25.50",
        "pay_max": "28",
        "pay_currency": "eur",
        "pay_period": "hour",
        "description_raw": "<p>Bake bread.</p><script>alert(1)</script>",
        "apply_url": "https://oven.test/jobs/1",
        "apply_email": "",
        "may_be_syndicated": "on",
    } | said


def test_a_job_written_and_published_in_the_admin_is_open(editor_client, editor):
    CompanyFactory()

    editor_client.post(f"{JOBS}add/", filled(_publish="1"))

    job = Job.objects.get()
    assert job.is_open(timezone.now())
    assert (job.pay_min, job.pay_max, job.pay_currency, job.pay_period) == (2550, 2800, "EUR", "hour")
    assert (job.countries, job.tags, job.published_by) == (["DE", "FR"], ["Bread", "Rye"], editor)
    assert job.description == "<p>Bake bread.</p>"


def test_what_turns_a_line_round_or_hides_in_it_is_in_no_name_that_staff_type(editor_client):
    CompanyFactory()
    description = "<p>می\u200cخواهم Silben\u00adtrennung\u202e</p>\n<p>ok</p>"

    editor_client.post(f"{JOBS}add/", filled(title="\u202egnp.\u200bexe می\u200cخواهم", description_raw=description))
    editor_client.post("/admin/jobs/company/add/", {"name": "A\u2066c\u00adme\u2060"})

    job = Job.objects.get()
    assert (job.title, Company.objects.latest("pk").name) == ("gnp.exe می\u200cخواهم", "Acme")
    assert job.description == "<p>می\u200cخواهم Silben\u00adtrennung</p>\n<p>ok</p>"


def test_what_no_page_can_show_is_a_space_in_what_staff_type(editor_client):
    CompanyFactory()

    editor_client.post(
        f"{JOBS}add/", filled(title="Ring\x07bell \x1b", location="Bonn\x85 am\ufffe Rhein", tags="Rye\x01")
    )
    editor_client.post("/admin/jobs/company/add/", {"name": "Ac\x07me"})

    job = Job.objects.get()
    assert (job.title, job.location, job.tags) == ("Ring bell", "Bonn am Rhein", ["Rye"])
    assert Company.objects.latest("pk").name == "Ac me"


def test_a_job_that_is_only_saved_is_a_draft(editor_client):
    CompanyFactory()

    editor_client.post(f"{JOBS}add/", filled())

    assert Job.objects.drafts().count() == 1


def test_publishing_an_open_job_again_does_not_make_it_newer(editor_client):
    job = JobFactory()

    editor_client.post(f"{JOBS}{job.pk}/change/", filled(company=job.company_id, title="Better title", _publish="1"))

    published_at = job.published_at
    job.refresh_from_db()
    assert (job.title, job.published_at) == ("Better title", published_at)


def test_a_job_can_be_scheduled(editor_client):
    CompanyFactory()
    tomorrow = timezone.now() + timedelta(days=1)
    when = {"publish_at_0": f"{tomorrow:%Y-%m-%d}", "publish_at_1": f"{tomorrow:%H:%M}"}

    editor_client.post(f"{JOBS}add/", filled(_publish="1", **when))

    assert Job.objects.scheduled(timezone.now()).count() == 1


def test_the_form_shows_pay_as_it_was_typed(editor_client):
    job = JobFactory(pay_min=2550, pay_max=None, pay_currency="EUR", pay_period="hour")

    page = editor_client.get(f"{JOBS}{job.pk}/change/")

    assert str(page.context["adminform"].form["pay_min"].value()) == "25.50"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "This field is required."),
        ("title", "🙂", "Write a title in words, such as “Data engineer”."),
        ("title", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("apply_url", "javascript:alert(1)", "Enter a valid URL."),
        ("apply_url", "https://127.0.0.1/", "Give an address that everybody on the internet can reach."),
        ("apply_url", "", "Give an address to apply at, or an e-mail below."),
        ("apply_email", "a@b.co", "Give either an address or an e-mail, not both."),
        ("apply_email", "a@b.co\nBcc:x@y.co", "Enter a valid email address."),
        ("pay_min", "NaN", "Enter a number."),
        ("pay_min", "29", "The lowest pay is above the highest."),
        ("pay_min", "25.500", "EUR has 2 decimals. Write thousands without a dot: 60000."),
        ("pay_min", "0", "0 is no pay; leave it empty when the advert states none."),
        ("pay_max", "0.00", "0 is no pay; leave it empty when the advert states none."),
        ("pay_currency", "xxx", "Write the three letters of a currency, such as USD."),
        ("pay_currency", "XTS", "Write the three letters of a currency, such as USD."),
        ("pay_max", "1e400", "Ensure this value is less than or equal to 1000000000."),
        ("pay_currency", "", "Pay needs a currency."),
        ("pay_currency", "XX1", "Write the three letters of a currency, such as USD."),
        ("pay_period", "", "Pay needs a period."),
        ("countries", "Atlantis", "“Atlantis” isn't a country. Write names or codes, such as Germany, FR."),
        ("tags", "x" * 41, f"“{'x' * 41}” is longer than 40 characters."),
        ("description_raw", "x" * 100_001, "The text has 100,001 characters; 100,000 is the most."),
        ("description_raw", "<p></p>", NOTHING_TO_READ),
        ("description_raw", "<script>a()</script><p>&nbsp;</p>", NOTHING_TO_READ),
        ("location", "Remote" * 1000, "Ensure this value has at most 160 characters (it has 6000)."),
    ],
)
def test_a_mistake_in_the_form_is_said_at_its_field(editor_client, field, value, said):
    CompanyFactory()

    page = editor_client.post(f"{JOBS}add/", filled(**{field: value}))

    assert page.status_code == 200
    assert page.context["adminform"].form.errors[field][0] == said
    assert Job.objects.count() == 0


def test_who_saves_a_job_last_is_told_what_came_in_between(editor_client, moderator_client, moderator):
    job = JobFactory(title="Baker", location="Bonn", regions=["europe"])
    page = f"{JOBS}{job.pk}/change/"
    shown = filled(company=job.company_id, seen=seen_on(editor_client, page))

    moderator_client.post(page, shown | {"title": "Rye baker"})
    refused = editor_client.post(page, shown | {"location": "Kiel"})
    between = Job.objects.values_list("title", "location").get()
    editor_client.post(page, shown | {"location": "Kiel", "seen": refused.context["adminform"].form["seen"].value()})

    (warning,) = refused.context["adminform"].form.non_field_errors()
    assert warning.startswith(f"{moderator} has changed this job since you opened it (Changed ")
    assert warning.endswith(" UTC). Nothing is saved yet: see the history; saving again overwrites it.")
    assert between == ("Rye baker", "Bonn, Germany")
    assert Job.objects.values_list("title", "location").get() == ("Baker", "Kiel")


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        (lambda job: job.extend(until=timezone.now() + timedelta(days=9)), True),
        (lambda job: job.regions.clear(), True),
        (lambda job: job.hide(at=timezone.now()), False),
        (lambda job: None, False),
    ],
)
def test_a_job_form_is_outdated_by_what_it_would_overwrite_alone(editor_client, change, is_told):
    job = JobFactory(regions=["europe"])
    page = f"{JOBS}{job.pk}/change/"
    seen = seen_on(editor_client, page)
    change(job)

    answer = editor_client.post(page, filled(company=job.company_id, seen=seen))

    assert answer.status_code == (200 if is_told else 302)


def test_a_save_that_changes_nothing_is_in_nobodys_way(editor_client):
    text = "<p>Bread.</p>\n<p>Rolls.</p>"
    job = JobFactory(regions=["europe"], description_raw=text)
    page = f"{JOBS}{job.pk}/change/"
    sent = filled(company=job.company_id, seen=seen_on(editor_client, page), description_raw=text.replace("\n", "\r\n"))

    editor_client.post(page, sent)
    seen = seen_on(editor_client, page)
    editor_client.post(page, sent | {"seen": seen})

    job.refresh_from_db()
    assert (job.description_raw, seen_on(editor_client, page)) == (text, seen)


def test_a_consultant_reads_a_job_without_what_its_form_remembers(consultant_client):
    page = consultant_client.get(f"{JOBS}{JobFactory().pk}/change/")

    assert (page.status_code, b"field-seen" in page.content) == (200, False)


def seen_on(client, page: str) -> str:
    return client.get(page).context["adminform"].form["seen"].value()


def test_a_form_can_not_set_what_it_does_not_show(editor_client):
    CompanyFactory()

    editor_client.post(
        f"{JOBS}add/", filled(published_at="2020-01-01", verified_at="2020-01-01", hidden_at="2020-01-01")
    )

    job = Job.objects.get()
    assert (job.published_at, job.hidden_at) == (None, None)


def test_a_bulk_change_first_asks_and_says_how_many(editor_client):
    jobs = [JobFactory(), JobFactory(), JobFactory(closed=True)]

    page = bulk(editor_client, "close_jobs", jobs)

    assert (page.context["count"], page.context["left_out"]) == (2, 1)
    assert Job.objects.open(timezone.now()).count() == 2


def test_jobs_are_closed_with_a_reason_and_each_is_logged(editor_client, editor):
    jobs = [JobFactory(), JobFactory()]

    bulk(editor_client, "close_jobs", jobs, confirmed="2", reason="filled")

    closed = set(Job.objects.values_list("closed_by", "close_reason"))
    assert closed == {(editor.pk, "filled")}
    assert sorted(LogEntry.objects.values_list("object_id", flat=True)) == sorted(str(job.pk) for job in jobs)


def test_closing_can_be_undone_and_opens_no_other_job(editor_client):
    jobs, other = [JobFactory(), JobFactory()], JobFactory(closed=True)

    answer = bulk(editor_client, "close_jobs", jobs, confirmed="2", reason="filled")
    link = re.search(r'href="([^"]+reopening[^"]+)"', editor_client.get(answer["Location"]).content.decode())[1]
    asked = editor_client.get(unescape(link))
    still_closed = Job.objects.open(timezone.now()).count()
    editor_client.post(unescape(link))

    other.refresh_from_db()
    assert (asked.context["counted"], still_closed) == ("2 jobs", 0)
    assert (Job.objects.open(timezone.now()).count(), other.closed_at is None) == (2, False)


@pytest.mark.parametrize(
    "moment",
    ["", "yesterday", "2026-01-01", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"],
)
def test_there_is_nothing_to_undo_for_what_is_no_moment(editor_client, moment):
    assert editor_client.get(f"{JOBS}reopening/?closed_at={moment}").status_code == 404


def test_undoing_comes_back_to_the_list_as_it_was_searched_and_a_second_time_says_that_nothing_is_left(editor_client):
    job = JobFactory(title="Miller of rye & oats")
    chosen = {"action": "close_jobs", "_selected_action": [job.pk], "confirmed": "1", "reason": "filled"}
    closed = editor_client.post(f"{JOBS}?q=Rye+%26+oats", chosen, follow=True).content.decode()
    link = unescape(re.search(r'href="([^"]+reopening[^"]+)"', closed)[1])

    asked = editor_client.get(link)
    undone = editor_client.post(link)
    again = [editor_client.get(link, follow=True), editor_client.post(link, follow=True)]

    back = f"{JOBS}?q=Rye+%26+oats"
    assert (asked.context["back_url"], undone["Location"]) == (back, back)
    assert [answer.redirect_chain for answer in again] == [[(back, 302)]] * 2
    assert b"Nothing is left to undo: what you closed then is open again or was closed anew." in again[0].content


def test_nobody_undoes_what_somebody_else_closed(editor_client, moderator_client, moderator):
    at = timezone.now()
    JobFactory().close(by=moderator, at=at, reason="filled")
    address = f"{JOBS}reopening/?{urlencode({'closed_at': at.isoformat()})}"

    editor_client.post(address)
    still_closed = Job.objects.open(timezone.now()).count()
    moderator_client.post(address)

    assert (still_closed, Job.objects.open(timezone.now()).count()) == (0, 1)


def test_drafts_are_published_in_bulk(editor_client):
    jobs = [JobFactory(published_at=None) for _ in range(3)]

    bulk(editor_client, "publish_jobs", jobs, confirmed="3")

    assert Job.objects.open(timezone.now()).count() == 3


def test_jobs_are_extended_to_a_day_to_come(editor_client):
    job = JobFactory()

    refused = bulk(editor_client, "extend_jobs", [job], confirmed="1", until_0="2020-01-01", until_1="12:00")
    bulk(editor_client, "extend_jobs", [job], confirmed="1", until_0=TO_COME, until_1="12:00")

    job.refresh_from_db()
    assert refused.context["form"].errors == {"until": ["This day is over; give one to come."]}
    assert f"{job.expires_at:%Y-%m-%d %H:%M}" == f"{TO_COME} 12:00"


NO_DATE = "This isn't a date; write one that exists, such as 2027-01-31."


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("abc", "12:00", NO_DATE),
        ("2027-02-30", "", NO_DATE),
        ("", "12:00", "Give the date, too."),
        ("2028-01-01", "25:00", "This isn't a time; write one such as 14:30."),
        ("", "", "This field is required."),
        ("9999-12-31", "", f"This day is more than two years away; {FURTHEST} is the furthest."),
    ],
)
def test_what_is_no_last_day_is_refused_with_the_reason(editor_client, day, time, said):
    job = JobFactory(expires_at=None)

    bulk_page = bulk(editor_client, "extend_jobs", [job], confirmed="1", until_0=day, until_1=time)
    form = filled(company=job.company_id, expires_at_0=day, expires_at_1=time)
    job_page = editor_client.post(f"{JOBS}{job.pk}/change/", form)

    job.refresh_from_db()
    assert bulk_page.context["form"].errors["until"] == [said]
    if day or time:
        assert job_page.context["adminform"].form.errors["expires_at"] == [said]
    assert job.expires_at is None


def test_a_last_day_without_a_time_means_its_end(editor_client):
    extended, written = JobFactory(), JobFactory()

    bulk(editor_client, "extend_jobs", [extended], confirmed="1", until_0=TO_COME, until_1="")
    form = filled(company=written.company_id, expires_at_0=TO_COME, expires_at_1="")
    editor_client.post(f"{JOBS}{written.pk}/change/", form)

    ends = [f"{at:%Y-%m-%d %H:%M}" for at in Job.objects.values_list("expires_at", flat=True)]
    assert ends == [f"{TO_COME} 23:59"] * 2


def test_a_day_to_publish_on_means_its_beginning_and_today_means_now(editor_client):
    later, today = JobFactory(published_at=None), JobFactory(published_at=None)

    bulk(editor_client, "publish_jobs", [later], confirmed="1", publish_at_0=TO_COME, publish_at_1="")
    now = f"{timezone.now():%Y-%m-%d}"
    form = filled(company=today.company_id, publish_at_0=now, publish_at_1="", _publish="1")
    editor_client.post(f"{JOBS}{today.pk}/change/", form)

    later.refresh_from_db()
    assert f"{later.published_at:%Y-%m-%d %H:%M}" == f"{TO_COME} 00:00"
    assert list(Job.objects.open(timezone.now())) == [today]


def test_the_page_of_a_bulk_change_has_the_look_of_forms(editor_client):
    page = bulk(editor_client, "extend_jobs", [JobFactory()])

    assert b"admin/css/forms.css" in page.content


def test_a_bulk_change_asks_again_when_the_number_has_changed(editor_client):
    jobs = [JobFactory(), JobFactory()]

    page = bulk(editor_client, "close_jobs", jobs, confirmed="1", reason="filled")

    assert page.context["count"] == 2
    assert Job.objects.open(timezone.now()).count() == 2


def test_all_jobs_of_a_filter_can_be_changed_at_once(editor_client):
    jobs = [JobFactory() for _ in range(3)]

    bulk(editor_client, "close_jobs", jobs[:1], confirmed="3", select_across="1", reason="staff")

    assert Job.objects.open(timezone.now()).count() == 0


def test_a_bulk_change_takes_no_more_queries_for_30_jobs_than_for_3(editor_client):
    editor_client.get(JOBS)  # the first page notes when the session began
    counts = []
    for count in (3, 30):
        jobs = [JobFactory(published_at=None) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            bulk(editor_client, "publish_jobs", jobs, confirmed=str(count))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_consultant_may_change_no_job(consultant_client):
    job = JobFactory()

    statuses = [
        consultant_client.post(f"{JOBS}{job.pk}/change/", {}).status_code,
        consultant_client.post(f"{JOBS}{job.pk}/copies/").status_code,
        consultant_client.post(f"{JOBS}{job.pk}/relisting/").status_code,
        consultant_client.get(f"{JOBS}export.csv").status_code,
    ]
    bulk(consultant_client, "close_jobs", [job], confirmed="1", reason="filled")

    assert statuses == [403, 403, 403, 403]
    assert Job.objects.open(timezone.now()).count() == 1


def test_a_change_without_a_token_is_refused(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    job = JobFactory()

    assert bulk(client, "close_jobs", [job], confirmed="1", reason="filled").status_code == 403


def test_a_copy_is_a_draft_that_says_the_same(editor_client):
    job = JobFactory(regions=["europe"], tags=["SQL"])

    editor_client.post(f"{JOBS}{job.pk}/copies/")

    copy = Job.objects.exclude(pk=job.pk).get()
    assert (copy.title, copy.tags, copy.published_at) == (job.title, ["SQL"], None)
    assert list(copy.regions.all()) == [Region.objects.get(slug="europe")]


def test_a_closed_job_is_listed_again_as_a_new_one(editor_client):
    job = JobFactory(closed=True)

    editor_client.post(f"{JOBS}{job.pk}/relisting/")

    job.refresh_from_db()
    assert job.closed_at is not None
    assert Job.objects.open(timezone.now()).exclude(pk=job.pk).count() == 1


def test_an_open_job_is_not_listed_twice(editor_client):
    job = JobFactory()

    editor_client.post(f"{JOBS}{job.pk}/relisting/")

    assert Job.objects.count() == 1


@pytest.mark.parametrize("page", ["copies", "relisting"])
def test_no_link_copies_a_job(editor_client, page):
    assert editor_client.get(f"{JOBS}{JobFactory().pk}/{page}/").status_code == 405


def test_a_draft_has_a_preview_and_an_open_job_its_page(editor_client):
    draft, job = JobFactory(published_at=None), JobFactory()

    of_draft = editor_client.get(f"{JOBS}{draft.pk}/change/").content.decode()
    of_job = editor_client.get(f"{JOBS}{job.pk}/change/").content.decode()

    assert ("Preview on site" in of_draft, "View on site" in of_draft) == (True, False)
    assert ("Preview on site" in of_job, "View on site" in of_job) == (False, True)


@pytest.mark.parametrize("state", ["open", "expiring", "draft", "scheduled", "closed", "hidden"])
def test_the_list_is_filtered_by_state(editor_client, state):
    now = timezone.now()
    made = {
        "open": JobFactory(),
        "expiring": JobFactory(expires_at=now + timedelta(days=2)),
        "draft": JobFactory(published_at=None),
        "scheduled": JobFactory(published_at=now + timedelta(days=2)),
        "closed": JobFactory(closed=True),
        "hidden": JobFactory(hidden_at=now),
    }

    found = set(editor_client.get(f"{JOBS}?state={state}").context["cl"].queryset)

    assert found == {made[state]} | ({made["expiring"]} if state == "open" else set())


def test_a_search_takes_percent_signs_as_they_are(editor_client):
    JobFactory(title="Baker"), JobFactory(title="100% remote baker")

    found = editor_client.get(f"{JOBS}?q=%25+remote").context["cl"].queryset

    assert [job.title for job in found] == ["100% remote baker"]


def test_every_list_is_headed_by_what_it_lists(admin_client):
    for model in site._registry:
        name, heading = model._meta, capfirst(model._meta.verbose_name_plural)
        page = admin_client.get(reverse(f"admin:{name.app_label}_{name.model_name}_changelist")).content.decode()

        assert (f"<h1>{heading}</h1>" in page, f"<title>{heading} | " in page) == (True, True), heading


@pytest.mark.parametrize(
    "list_page",
    [
        "jobs/job",
        "jobs/company",
        "jobs/jobreport",
        "sources/importrun",
        "sources/source",
        "accounts/user",
        "subscriptions/complimentaryplus",
        "jobs/category",
        "jobs/region",
        "account/emailaddress",
    ],
)
def test_a_list_page_holds_its_query_count_with_3_and_30_rows(admin_client, list_page):
    admin_client.get("/admin/")
    counts = []
    for count in (3, 27):
        make_rows(count)
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(f"/admin/{list_page}/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def make_rows(count: int):
    """As many of everything that the admin lists."""
    from allauth.account.models import EmailAddress

    from accounts.models import User
    from subscriptions.models import ComplimentaryPlus

    now = timezone.now()
    start = Job.objects.count()
    for number in range(start, start + count):
        person = User.objects.create_user(f"someone{number}@example.com")
        EmailAddress.objects.create(user=person, email=person.email, primary=True)
        ComplimentaryPlus.objects.create(user=person, reason="test", started_at=now, granted_by=person)
        job = JobFactory(expires_at=now + timedelta(days=number + 1))
        JobReport.objects.create(job=job, reason="fake", reporter=f"{number}")
        source = Source.objects.create(name=f"Source {number}", default_category=job.category)
        ImportRun.objects.create(source=source, file_name="jobs.csv", uploaded_by=person, previewed_at=now)


def test_the_front_page_holds_its_query_count_and_says_what_waits(admin_client):
    admin_client.get("/admin/")
    counts = []
    for count in (3, 27):
        make_rows(count)
        with CaptureQueriesContext(connection) as queries:
            page = admin_client.get("/admin/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert [(row["count"], row["words"], row["urgency"]) for row in page.context["waiting"]] == [
        (30, "reports wait for a verdict", "now"),
        (30, "imports wait to be confirmed", "soon"),
        (7, "jobs expire within 7 days", "soon"),
    ]


def test_each_kind_that_waits_leads_to_the_list_of_just_those(admin_client, seeker):
    now = timezone.now()
    category = JobFactory(published_at=None).category
    JobReport.objects.create(job=JobFactory(hidden_at=now), reason="fake", reporter="1")
    source = Source.objects.create(name="Source", default_category=category)
    names = {"source": source, "file_name": "jobs.csv", "uploaded_by": seeker, "previewed_at": now}
    ImportRun.objects.create(**names)
    ImportRun.objects.create(**names, confirmed_at=now, failed_at=now)
    late = {"window": "1", "message_id": "<1@example.com>", "created_at": now - timedelta(minutes=16)}
    Digest.objects.create(recipient=seeker, state="ready", next_attempt_at=now, **late)
    Digest.objects.create(
        recipient=seeker, state="ready", next_attempt_at=now, window="2", message_id="<2@example.com>"
    )
    Guide.objects.create(
        slug="diver", title="Diver", role="diver", category=category, review_due_on=now.date(), summary="Dives."
    )

    waiting = admin_client.get("/admin/").context["waiting"]

    assert [(row["count"], row["words"]) for row in waiting] == [
        (1, "report waits for a verdict"),
        (1, "job is hidden by reports"),
        (1, "import has failed"),
        (1, "alert mail is late"),
        (1, "import waits to be confirmed"),
        (1, "draft of a job"),
        (1, "draft of a guide"),
    ]
    assert [admin_client.get(row["url"]).context["cl"].result_count for row in waiting] == [1] * 7


def test_the_charts_of_the_front_page_count_open_and_expiring_jobs(editor_client):
    now = timezone.now()
    JobFactory(published_at=now - timedelta(days=40))
    JobFactory(published_at=now - timedelta(days=10), closed_at=now - timedelta(days=5), close_reason="filled")
    JobFactory(published_at=now, expires_at=now + timedelta(days=3))

    live, expiring = editor_client.get("/admin/").context["charts"]

    assert [sum(row["values"]) for row in live.rows][-12:] == [1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 2]
    assert [row["values"][0] for row in expiring.rows][:5] == [0, 0, 0, 1, 0]


def test_the_chart_of_alerts_says_how_many_were_sent_and_unsubscribed(admin_client, seeker):
    now = timezone.now()
    for number, days in enumerate((0, 0, 2)):
        sent_at = now - timedelta(days=days)
        names = {"window": f"{number}", "message_id": f"<{number}@example.com>"}
        Digest.objects.create(recipient=seeker, state="sent", sent_at=sent_at, **names)
    Unsubscription.objects.create(owner=seeker, wish="stop", created_at=now - timedelta(days=1))

    (chart,) = (one for one in admin_client.get("/admin/").context["charts"] if one.name == "alerts")

    assert [row["values"] for row in chart.rows][-3:] == [[1, 0], [0, 1], [2, 0]]
    assert (chart.figure, chart.about) == (3, "in 30 days, 1 unsubscribed")


def test_an_empty_board_says_so_instead_of_empty_charts(editor_client):
    page = editor_client.get("/admin/")

    assert b"No job has been published yet." in page.content


def test_the_front_page_shows_a_consultant_whom_to_advise_and_nothing_that_others_do(consultant_client):
    JobFactory(published_at=None)

    page = consultant_client.get("/admin/")

    assert (page.context["waiting"], b"Nothing waits for you." in page.content) == ([], True)
    titles = [chart.title for chart in page.context["empty_charts"]]
    assert (page.context["charts"], titles) == ([], ["Open jobs", "Jobs expiring", "Subscribers on Plus"])


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", " =1"])
def test_an_export_holds_no_formula(start):
    from jobs.exports import csv_lines

    text = "".join(csv_lines(["title"], [[start]]))

    assert next(csv.reader(io.StringIO(text.split("\n", 1)[1], newline=""))) == [f"'{start}"]


def test_jobs_are_exported_as_the_list_is_filtered_and_it_is_logged(editor_client, editor):
    (
        JobFactory(title="=HYPERLINK(1)", pay_min=2550, pay_currency="EUR", pay_period="hour"),
        JobFactory(published_at=None),
    )

    answer = editor_client.get(f"{JOBS}export.csv?state=open")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["title"], row["pay_min"]) for row in rows] == [("'=HYPERLINK(1)", "25.50")]
    assert LogEntry.objects.values_list("user", "object_repr").get() == (editor.pk, "export of jobs: 1 job")


def test_an_export_is_of_all_pages_and_refuses_filters_that_can_not_be_read(editor_client):
    JobFactory.create_batch(2)

    whole = editor_client.get(f"{JOBS}export.csv?p=999")
    refused = editor_client.get(f"{JOBS}export.csv?category__id__exact=abc", follow=True)

    assert len(list(csv.reader(io.StringIO(b"".join(whole.streaming_content).decode())))) == 3
    assert refused.redirect_chain == [(JOBS, 302)]
    assert "Nothing was exported: the address held a filter that can’t be read." in refused.content.decode()


def test_an_export_without_permission_is_refused_and_logged(moderator_client):
    answer = moderator_client.get(f"{JOBS}export.csv")

    assert answer.status_code == 403
    assert LogEntry.objects.get().object_repr == "export of jobs: refused"


def test_a_report_that_is_right_closes_the_job(moderator_client, moderator):
    job = JobFactory(hidden_at=timezone.now())
    report = JobReport.objects.create(job=job, reason="fake", reporter="x")

    moderator_client.post(reverse("admin:jobs_jobreport_uphold", args=[report.pk]))

    job.refresh_from_db()
    report.refresh_from_db()
    assert (job.close_reason, report.upheld, report.reviewed_by) == ("reported", True, moderator)


def test_an_unfounded_report_shows_the_job_again(moderator_client):
    job = JobFactory(hidden_at=timezone.now())
    report = JobReport.objects.create(job=job, reason="fake", reporter="x")

    moderator_client.post(reverse("admin:jobs_jobreport_dismiss", args=[report.pk]))

    job.refresh_from_db()
    assert job.is_open(timezone.now())


def test_an_editor_sees_reports_and_decides_none(editor_client):
    report = JobReport.objects.create(job=JobFactory(), reason="fake", reporter="x")

    page = editor_client.get(f"/admin/jobs/jobreport/{report.pk}/change/")
    answer = editor_client.post(reverse("admin:jobs_jobreport_uphold", args=[report.pk]))

    assert (page.status_code, b"close the job" in page.content, answer.status_code) == (200, False, 403)


def test_a_job_keeps_its_versions(editor_client):
    job = JobFactory(title="Old")
    job.title = "New"
    job.save()

    page = editor_client.get(f"{JOBS}{job.pk}/history/")
    old = job.history.earliest()
    version = editor_client.get(f"{JOBS}{job.pk}/history/{old.pk}/")

    assert (page.status_code, version.status_code) == (200, 200)
    assert [row.title for row in job.history.order_by("history_id")] == ["Old", "New"]


@pytest.mark.django_db
def test_markup_in_what_people_wrote_is_text_in_the_admin():
    client = client_of(staff_of("Admin"))
    job = JobFactory(title="<script>alert(1)</script>", location="<img src=x onerror=alert(1)>")
    JobReport.objects.create(job=job, reason="fake", text="<svg onload=alert(1)>", reporter="x")

    pages = [
        client.get(at).content
        for at in (JOBS, f"{JOBS}{job.pk}/change/", f"{JOBS}{job.pk}/history/", "/admin/jobs/jobreport/")
    ]

    assert not any(b"<script>alert" in page or b"<img src=x" in page or b"<svg onload" in page for page in pages)


# --- Lists with filters -----------------------------------------------------------------------------------------------


def lists_with_filters() -> list:
    admins = [admin for admin in site._registry.values() if admin.list_filter]
    return sorted(f"/admin/{admin.opts.app_label}/{admin.opts.model_name}/" for admin in admins)


def test_every_list_with_filters_counts_what_each_choice_would_show(admin, world):
    client = client_of(admin)

    answers = {address: client.get(address, {"_facets": "True"}).status_code for address in lists_with_filters()}

    assert answers == dict.fromkeys(lists_with_filters(), 200)
    assert len(answers) > 15


def test_counts_of_the_job_list_tell_a_source_from_what_staff_wrote(editor_client):
    source = Source.objects.create(name="Oven", default_category=Category.objects.first())
    Source.objects.create(name="Empty", default_category=Category.objects.first())
    seen = {"first_seen_at": timezone.now(), "last_seen_at": timezone.now()}
    advert = SourceJob.objects.create(source=source, external_id="1", job=JobFactory(), **seen)
    JobFactory.create_batch(2)

    page = editor_client.get(JOBS, {"_facets": "True"})
    filtered = editor_client.get(JOBS, {"source": source.pk})

    assert re.findall(r"(Written by staff|Oven|Empty) \((\d)\)", page.text) == [
        ("Written by staff", "2"),
        ("Empty", "0"),
        ("Oven", "1"),
    ]
    assert list(filtered.context["cl"].queryset) == [advert.job]


# --- Deleting ---------------------------------------------------------------------------------------------------------


def imported_and_reported(**said) -> Job:
    """A job with what only its own pages make: a held link, a report and an advert of a source."""
    now, job = timezone.now(), JobFactory(**said)
    source, _ = Source.objects.get_or_create(name="Oven", default_category=Category.objects.first())
    SourceJob.objects.create(source=source, external_id=str(job.pk), job=job, first_seen_at=now, last_seen_at=now)
    JobReport.objects.create(job=job, reason=JobReport.Reason.MONEY)
    HeldLink.objects.create(job=job, reason="changed", apply_url="https://bit.ly/1", held_at=now)
    return job


def test_what_belongs_to_a_job_is_counted_first_and_goes_with_it(admin_client):
    job, other = imported_and_reported(title="Baker"), imported_and_reported(title="Potter")

    page = admin_client.get(f"{JOBS}{job.pk}/delete/").text
    kept = Job.objects.filter(pk=job.pk).exists()
    response = admin_client.post(f"{JOBS}{job.pk}/delete/", {"post": "yes"})

    assert sorted(re.findall(r"<li>((?:Links to review|Job reports|Source jobs): \d+)</li>", page)) == [
        "Job reports: 1",
        "Links to review: 1",
        "Source jobs: 1",
    ]
    assert (kept, response.status_code) == (True, 302)
    assert list(Job.objects.all()) == [other]
    assert list(HeldLink.objects.values_list("job", flat=True)) == [other.pk]


def test_several_jobs_are_deleted_with_what_belongs_to_them(admin_client):
    jobs = [imported_and_reported(title=title) for title in ("Baker", "Potter")]

    page = bulk(admin_client, "delete_selected", jobs).text
    bulk(admin_client, "delete_selected", jobs, post="yes")

    assert "Links to review: 2" in page
    assert all(f"<li>{job}</li>" in page for job in jobs)
    assert not Job.objects.exists()
    assert not HeldLink.objects.exists()


def test_who_may_not_delete_jobs_deletes_none(editor_client):
    job = imported_and_reported()

    responses = [editor_client.get(f"{JOBS}{job.pk}/delete/"), editor_client.post(f"{JOBS}{job.pk}/delete/")]
    bulk(editor_client, "delete_selected", [job], post="yes")

    assert [response.status_code for response in responses] == [403, 403]
    assert Job.objects.filter(pk=job.pk).exists()
