"""What staff publish, extend and list again: who may, what is left out, and what the pages say of it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from jobs import undoing
from jobs.models import Job
from jobs.reports import JobReport
from tests.factories import JobFactory

JOBS = "/admin/jobs/job/"
REPORTS = "/admin/jobs/jobreport/"
WAITING = (
    f'what people reported waits for a verdict. See <a href="{REPORTS}?reviewed_at__isempty=1">Reports that wait</a>.'
)
RIGHT = f'what was reported was found right. See <a href="{REPORTS}?upheld__exact=1">Reports found right</a>.'


def bulk(client, action, jobs, **answers):
    return client.post(JOBS, {"action": action, "_selected_action": [job.pk for job in jobs]} | answers, follow=True)


def said_on(page) -> str:
    return " ".join(page.content.decode().split())


def save_and_publish(client, job, **said):
    """The job's form as it is shown, sent with its button."""
    form = client.get(f"{JOBS}{job.pk}/change/").context["adminform"].form
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    shown |= {name: form.fields[name].prepare_value(shown[name]) for name in ("tags", "countries") if name in shown}
    return client.post(f"{JOBS}{job.pk}/change/", shown | {"_publish": "1"} | said, follow=True)


def reported(people: int = 3) -> Job:
    job = JobFactory()
    for number in range(people):
        JobReport.objects.file(job=job, reason="fake", text="", reporter=f"{number}", user=None, at=timezone.now())
    job.refresh_from_db()
    return job


def found_right(moderator) -> Job:
    job = reported()
    job.reports.first().review(by=moderator, at=timezone.now(), upheld=True)
    job.refresh_from_db()
    return job


def open_jobs():
    return Job.objects.open(timezone.now())


def test_an_editor_publishes_no_job_that_waits_for_a_verdict_and_is_told_where_it_waits(editor_client):
    job = reported()

    answer = said_on(save_and_publish(editor_client, job, title="Better title"))

    assert f"“Better title” is saved, but not published: {WAITING}" in answer
    assert (open_jobs().count(), JobReport.objects.waiting().count()) == (0, 3)


def test_an_editor_opens_no_job_that_was_closed_for_what_was_reported(editor_client, moderator):
    job = found_right(moderator)

    answers = [
        said_on(save_and_publish(editor_client, job)),
        said_on(bulk(editor_client, "publish_jobs", [job], confirmed="1")),
        said_on(editor_client.post(f"{JOBS}{job.pk}/relisting/", follow=True)),
        said_on(editor_client.post(f"{JOBS}{job.pk}/copies/", follow=True)),
    ]

    assert [RIGHT in answer for answer in answers] == [True] * 4
    assert list(Job.objects.values_list("pk", "close_reason")) == [(job.pk, "reported")]


def test_closing_a_job_that_waits_for_a_verdict_does_not_let_an_editor_publish_it(editor_client):
    job = reported()

    bulk(editor_client, "close_jobs", [job], confirmed="1", reason="filled")
    answer = said_on(bulk(editor_client, "publish_jobs", [job], confirmed="1"))

    assert (WAITING in answer, open_jobs().count()) == (True, 0)


def test_a_bulk_change_leaves_reported_jobs_to_those_who_decide_about_reports(editor_client, moderator):
    jobs = [reported(), found_right(moderator), JobFactory(published_at=None)]

    page = bulk(editor_client, "publish_jobs", jobs)
    bulk(editor_client, "publish_jobs", jobs, confirmed="1")

    waits, right = WAITING.replace(". See", ": see"), RIGHT.replace(". See", ": see")
    assert (
        f"1 of those chosen is kept back, because {waits} 1 of those chosen is kept back, because {right}"
        in said_on(page)
    )
    assert (page.context["counted"], page.context["left_out"], list(open_jobs())) == ("1 job", 0, jobs[2:])


def test_who_decides_about_reports_publishes_reported_jobs_and_settles_what_waits(moderator_client, moderator):
    hidden, closed = reported(), found_right(moderator)

    answer = save_and_publish(moderator_client, hidden)
    bulk(moderator_client, "publish_jobs", [closed], confirmed="1")

    assert f"“{hidden.title}” is published. What people reported about it is settled" in said_on(answer)
    assert set(open_jobs()) == {hidden, closed}
    assert set(hidden.reports.values_list("upheld", "reviewed_by")) == {(False, moderator.pk)}
    assert set(closed.reports.values_list("upheld", "reviewed_by")) == {(True, moderator.pk)}


def test_one_report_that_hides_nothing_keeps_no_job_back(editor_client):
    job = reported(people=1)
    job.close(by=None, at=timezone.now(), reason="filled")

    bulk(editor_client, "publish_jobs", [job], confirmed="1")

    assert (list(open_jobs()), JobReport.objects.waiting().count()) == ([job], 1)


@pytest.mark.parametrize("state", ["hidden_at", "closed_at"])
def test_bringing_back_a_version_brings_back_no_state(editor_client, moderator, state):
    job = reported() if state == "hidden_at" else found_right(moderator)
    version = reverse("admin:jobs_job_simple_history", args=[job.pk, job.history.earliest().pk])
    form = editor_client.get(version).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    shown |= {name: form.fields[name].prepare_value(shown[name]) for name in ("tags", "countries") if name in shown}

    answer = editor_client.post(version, shown | {"title": "Old title"})

    before = getattr(job, state)
    job.refresh_from_db()
    assert answer.status_code == 302
    assert (job.title, getattr(job, state), open_jobs().count()) == ("Old title", before, 0)


def test_the_page_counts_drafts_and_what_opens_again_apart(editor_client):
    now = timezone.now()
    jobs = [
        JobFactory(published_at=None),
        JobFactory(published_at=None, expires_at=now - timedelta(days=1)),
        JobFactory(published_at=now + timedelta(days=1)),
        JobFactory(title="Baker", closed=True),
        JobFactory(expires_at=now - timedelta(days=1)),
    ]

    page = said_on(bulk(editor_client, "publish_jobs", jobs))

    kinds = "2 drafts, 1 scheduled job and 2 closed jobs that open again"
    assert f"<strong>5 jobs</strong> will be published: {kinds}." in page
    assert f"Baker</a>, {jobs[3].company.name} (closed: The company says it is filled)</li>" in page


def test_the_page_says_that_publishing_a_reported_job_settles_its_reports(moderator_client):
    page = said_on(bulk(moderator_client, "publish_jobs", [reported()]))

    assert "<strong>1 job</strong> will be published: 1 reported job, which settles its reports as unfounded." in page


def days(count: int):
    return timezone.now() + timedelta(days=count)


def test_jobs_that_would_be_over_before_they_are_published_are_left_out_with_their_last_day(editor_client):
    over_by_then, over, endless = days(10), days(-1), None
    jobs = [JobFactory(published_at=None, expires_at=at) for at in (over_by_then, over, endless)]
    day = days(20)

    page = said_on(bulk(editor_client, "publish_jobs", jobs, confirmed="3", publish_at_0=f"{day:%Y-%m-%d}"))

    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    assert "1 job stays as it is: the last day comes before." in page
    assert f"2 jobs scheduled for {date_format(midnight, 'DATETIME_FORMAT')} UTC." in page
    kept = list(Job.objects.order_by("pk").values_list("published_at", "expires_at"))
    assert kept == [(None, over_by_then), (midnight, None), (midnight, None)]
    assert LogEntry.objects.filter(change_message__startswith="Scheduled for").count() == 2


def test_when_all_would_be_over_before_nothing_is_published(editor_client):
    job = JobFactory(published_at=None, expires_at=days(10))

    page = said_on(bulk(editor_client, "publish_jobs", [job], confirmed="1", publish_at_0=f"{days(20):%Y-%m-%d}"))

    assert "1 job stays as it is: the last day comes before." in page
    assert (Job.objects.drafts().count(), LogEntry.objects.count(), "0 jobs" in page) == (1, 0, False)


def test_extending_shortens_nothing(editor_client):
    jobs = [JobFactory(expires_at=at) for at in (days(200), days(300), days(10), None)]
    until = days(100).replace(hour=12, minute=0, second=0, microsecond=0)
    answers = {"until_0": f"{until:%Y-%m-%d}", "until_1": "12:00"}

    page = said_on(bulk(editor_client, "extend_jobs", jobs, confirmed="4", **answers))

    assert "2 jobs stay as they are: the last day is this one or later already." in page
    assert "2 jobs extended." in page
    last_days = list(Job.objects.order_by("pk").values_list("expires_at", flat=True))
    assert last_days == [jobs[0].expires_at, jobs[1].expires_at, until, until]


def test_a_day_to_publish_on_is_two_years_away_at_most(editor_client):
    job = JobFactory(published_at=None)
    when = {"publish_at_0": "9999-12-31", "publish_at_1": ""}

    forms = [
        save_and_publish(editor_client, job, **when).context["adminform"].form,
        bulk(editor_client, "publish_jobs", [job], confirmed="1", **when).context["form"],
    ]

    furthest = date_format(days(731))
    assert [form.errors for form in forms] == [
        {"publish_at": [f"This day is more than two years away; {furthest} is the furthest."]}
    ] * 2
    assert Job.objects.drafts().count() == 1


def relist(client, job):
    return client.post(f"{JOBS}{job.pk}/relisting/", follow=True)


def test_who_lists_a_job_again_twice_lands_on_the_copy(editor_client):
    job = JobFactory(closed=True)

    first, second = relist(editor_client, job), relist(editor_client, job)

    copy = open_jobs().get()
    assert [page.redirect_chain[-1][0] for page in (first, second)] == [f"{JOBS}{copy.pk}/change/"] * 2
    assert f"Job {job.pk} is listed again already: as this one." in said_on(second)


@pytest.mark.parametrize("over", [{"closed_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(days=1)}])
def test_a_job_whose_copy_is_over_is_listed_again(editor_client, over):
    job = JobFactory(closed=True)
    relist(editor_client, job)
    Job.objects.exclude(pk=job.pk).update(**over)

    relist(editor_client, job)

    assert (Job.objects.count(), open_jobs().count()) == (3, 1)


def test_a_copy_of_a_relisted_job_is_none_of_the_first(editor_client):
    job = JobFactory(closed=True)
    relist(editor_client, job)
    copy = open_jobs().get()

    editor_client.post(f"{JOBS}{copy.pk}/copies/")

    assert list(job.relistings.all()) == [copy]


LIFE = ("published_at", "expires_at", "closed_at", "closed_by", "close_reason")


def lives():
    return list(Job.objects.order_by("pk").values_list(*LIFE))


def undo(client, page):
    """What the page asks that the link leads to, and what it says once confirmed."""
    link = unescape(re.search(r'href="([^"]+)">Undo</a>', page.content.decode())[1])
    return said_on(client.get(link)), said_on(client.post(link, follow=True))


def test_undoing_a_bulk_publishing_makes_drafts_drafts_and_closed_jobs_closed_again(editor_client, moderator):
    jobs = [JobFactory(published_at=None), JobFactory(), JobFactory(expires_at=days(-1))]
    jobs[1].close(by=moderator, at=days(-2), reason="filled")
    before = lives()

    page = bulk(editor_client, "publish_jobs", jobs, confirmed="3")
    were_open = open_jobs().count()
    asked, undone = undo(editor_client, page)

    assert "<strong>3 jobs</strong> that you published will be as before." in asked
    assert "Undone: 3 jobs as before." in undone
    assert (were_open, open_jobs().count(), lives()) == (3, 0, before)
    assert LogEntry.objects.filter(change_message="Undone: published.").count() == 3


def test_undoing_an_extension_brings_back_each_last_day(editor_client):
    jobs = [JobFactory(expires_at=at) for at in (days(10), None, days(-1), days(300))]
    before = lives()

    page = bulk(editor_client, "extend_jobs", jobs, confirmed="4", until_0=f"{days(100):%Y-%m-%d}")
    asked, _ = undo(editor_client, page)

    assert "<strong>3 jobs</strong> that you extended will be as before." in asked
    assert lives() == before


def test_undoing_leaves_alone_what_has_changed_meanwhile_and_can_be_done_once(editor_client, moderator):
    jobs = [JobFactory(published_at=None), JobFactory(published_at=None)]

    page = bulk(editor_client, "publish_jobs", jobs, confirmed="2")
    jobs[0].close(by=moderator, at=timezone.now(), reason="filled")
    asked, undone = undo(editor_client, page)
    again = undo(editor_client, page)

    closed, draft = Job.objects.order_by("pk")
    assert ("<strong>1 job</strong> that you published" in asked, "Undone: 1 job as before." in undone) == (True, True)
    assert (closed.close_reason, draft.published_at) == ("filled", None)
    assert "Nothing is left to undo" in again[1]


@pytest.mark.parametrize(("more", "is_said"), [(0, False), (1, True)])
def test_the_confirm_page_says_of_how_many_jobs_there_is_no_undo(editor_client, more, is_said):
    draft = JobFactory(published_at=None)
    others = undoing.MOST - 1 + more
    Job.objects.bulk_create(
        JobFactory.build(company=draft.company, category=draft.category, published_at=None) for _ in range(others)
    )

    asked = editor_client.post(JOBS, {"action": "publish_jobs", "_selected_action": [draft.pk], "select_across": "1"})

    assert asked.context["count"] == undoing.MOST + more
    assert ("With more than 500 at once there is no Undo." in asked.text) == is_said


def test_a_verdict_is_not_undone_beside_reports(moderator_client):
    page = bulk(moderator_client, "publish_jobs", [reported()], confirmed="1")

    assert b"1 job published." in page.content
    assert b">Undo</a>" not in page.content


def test_nobody_undoes_what_somebody_else_published(editor_client, moderator_client, consultant_client):
    page = bulk(editor_client, "publish_jobs", [JobFactory(published_at=None)], confirmed="1")
    link = unescape(re.search(r'href="([^"]+)">Undo</a>', page.content.decode())[1])

    said = said_on(moderator_client.post(link, follow=True))

    assert ("Nothing is left to undo" in said, open_jobs().count()) == (True, 1)
    assert consultant_client.post(link).status_code == 403
    assert editor_client.get(f"{JOBS}undoing/?at=yesterday").status_code == 404
