"""Links that an import brings and that nobody follows before somebody looked at them."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from sources.held import HeldLink, keeps_job_back
from sources.links import hides_where_it_leads
from sources.models import ImportRun
from sources.tasks import apply_import, read_import
from tests import adverts

pytestmark = pytest.mark.django_db
SHORT, LONG = "https://bit.ly/3xYz", "https://example.com/apply/0000"
TOMORROW = f"{timezone.now() + timedelta(days=1):%Y-%m-%d}"
WAITING = reverse("admin:sources_heldlink_changelist") + "?verdict=waiting"


@pytest.fixture
def imported(upload, editor):
    """Import a file of these adverts as a new run of the source."""

    def of(*rows, publishes=True) -> ImportRun:
        headers = [*adverts.HEADERS, "apply_email"]
        run = upload(adverts.table([adverts.advert(number) | row for number, row in enumerate(rows)], headers))
        read_import(run.pk)
        run.refresh_from_db()
        run.confirm(by=editor, at=timezone.now(), publishes=publishes)
        apply_import(run.pk)
        run.refresh_from_db()
        return run

    return of


def settle(client, action: str, *links):
    answers = {"action": action, "_selected_action": [link.pk for link in links]}
    return client.post(reverse("admin:sources_heldlink_changelist"), answers, follow=True)


def open_jobs():
    return Job.objects.open(timezone.now())


@pytest.mark.parametrize(
    ("url", "hides"),
    [
        ("https://bit.ly/3xYz", True),
        ("https://WWW.Bit.ly/3xYz", True),
        ("https://bit.ly./3xYz", True),
        ("https://anna.github.io/jobs", True),
        ("https://sites.google.com/view/x", True),
        ("https://notbit.ly/", False),
        ("https://github.com/anna", False),
        ("https://careers.google.com/", False),
        ("", False),
    ],
)
def test_shorteners_and_free_hosts_hide_where_they_lead(url, hides):
    assert hides_where_it_leads(url) == hides


def test_a_job_with_a_short_link_is_kept_back_until_it_is_approved(imported, moderator_client, moderator):
    imported({"apply_url": SHORT}, {})
    kept_back = Job.objects.get(apply_url=SHORT)
    before = set(open_jobs())

    answer = settle(moderator_client, "approve_links", HeldLink.objects.get())

    held = HeldLink.objects.get()
    assert kept_back not in before and len(before) == 1
    assert open_jobs().filter(pk=kept_back.pk, published_by=moderator).exists()
    assert (held.approved, held.settled_by) == (True, moderator)
    assert "1 approved: on the site now." in answer.content.decode()


def test_a_job_whose_short_link_is_refused_stays_a_draft(imported, moderator_client):
    imported({"apply_url": SHORT})

    settle(moderator_client, "refuse_links", HeldLink.objects.get())

    assert (HeldLink.objects.waiting().count(), Job.objects.drafts().count()) == (0, 1)


def test_a_changed_link_waits_while_the_job_keeps_the_old_one(imported, moderator_client):
    imported({"apply_url": LONG, "location": "Bonn"})
    imported({"apply_url": "https://elsewhere.example/1", "location": "Kiel"})
    before = open_jobs().values_list("apply_url", "location").get()

    settle(moderator_client, "approve_links", HeldLink.objects.get())

    assert before == (LONG, "Kiel")
    assert open_jobs().values_list("apply_url", flat=True).get() == "https://elsewhere.example/1"
    assert Job.history.latest().apply_url == "https://elsewhere.example/1"


def test_a_link_changed_to_an_address_of_mail_waits_too(imported, moderator_client):
    imported({"apply_url": LONG})
    imported({"apply_url": "", "apply_email": "jobs@example.com"})
    before = Job.objects.values_list("apply_url", "apply_email").get()

    settle(moderator_client, "approve_links", HeldLink.objects.get())

    assert before == (LONG, "")
    assert Job.objects.values_list("apply_url", "apply_email").get() == ("", "jobs@example.com")


def test_a_refused_link_is_not_brought_again_by_the_same_file(imported, moderator_client):
    imported({"apply_url": LONG})
    imported({"apply_url": SHORT})
    settle(moderator_client, "refuse_links", HeldLink.objects.get())

    run = imported({"apply_url": SHORT})

    assert (run.counts["unchanged"], HeldLink.objects.waiting().count()) == (1, 0)
    assert Job.objects.get().apply_url == LONG


def test_only_the_latest_link_of_a_job_waits_and_none_when_it_is_the_old_one_again(imported):
    imported({"apply_url": LONG})

    waiting = []
    for link in (SHORT, "https://example.com/new", LONG):
        imported({"apply_url": link})
        waiting.append(list(HeldLink.objects.waiting().values_list("apply_url", "reason")))

    assert waiting == [[(SHORT, "hidden")], [("https://example.com/new", "changed")], []]


def test_drafts_take_the_changed_link_because_nobody_saw_the_old_one(imported):
    imported({"apply_url": LONG}, publishes=False)
    imported({"apply_url": "https://example.com/new"})

    assert Job.objects.get().apply_url == "https://example.com/new"
    assert HeldLink.objects.count() == 0


def test_a_draft_with_a_short_link_waits_and_stays_a_draft_when_it_is_approved(
    imported, editor_client, moderator_client
):
    imported({"apply_url": SHORT}, publishes=False)
    before = publish_in_bulk(editor_client, Job.objects.all(), confirmed="1").content.decode()

    answer = settle(moderator_client, "approve_links", HeldLink.objects.get())
    drafts = Job.objects.drafts().count()
    publish_in_bulk(editor_client, Job.objects.all(), confirmed="1")

    assert "1 job: the link to apply waits for review." in before
    assert "1 approved: drafts, which may be published now." in answer.content.decode()
    assert (drafts, open_jobs().get().apply_url) == (1, SHORT)


def test_a_draft_whose_link_becomes_a_short_one_waits_once(imported):
    imported({"apply_url": LONG}, publishes=False)
    imported({"apply_url": SHORT})
    imported({"apply_url": f"{SHORT}2"})

    held = HeldLink.objects.get()
    assert (Job.objects.get().apply_url, held.apply_url, held.publishes) == (f"{SHORT}2", f"{SHORT}2", False)
    assert Job.objects.filter(keeps_job_back()).count() == 1


def test_approving_links_of_drafts_and_others_says_how_many_stay_drafts(imported, moderator_client):
    imported({"apply_url": SHORT})
    imported({"apply_url": SHORT}, {"apply_url": SHORT}, publishes=False)

    answer = settle(moderator_client, "approve_links", *HeldLink.objects.all())

    assert "2 approved: on the site now, but for 1 in drafts." in answer.content.decode()


def test_the_preview_shows_which_links_go_to_review(editor_client, imported, upload):
    imported({"apply_url": LONG})
    rows = [adverts.advert(0) | {"apply_url": "https://example.com/new"}, adverts.advert(1) | {"apply_url": SHORT}]
    run = upload(adverts.table([*rows, adverts.advert(2)]))
    read_import(run.pk)

    page = editor_client.get(f"{run.get_absolute_url()}?outcome=review")

    assert [(row["outcome"], row["review"]) for row in page.context["rows"].object_list] == [
        ("changed", "Nobody can follow its new link before somebody approves it."),
        ("new", "Its link doesn't show where it leads: the job is kept back until somebody approves it."),
    ]
    assert page.context["tabs"][-1]["count"] == 2


def test_the_done_import_names_the_links_that_wait(editor_client, imported):
    run = imported({"apply_url": SHORT})

    page = editor_client.get(run.get_absolute_url()).content.decode()

    assert f'<a href="{WAITING}">1 link waits for review</a>' in page


def test_who_may_not_review_sees_no_way_to(imported, consultant_client, editor):
    imported({"apply_url": SHORT})

    statuses = [consultant_client.get(WAITING).status_code, settle(consultant_client, "approve_links").status_code]

    assert statuses == [403, 403]
    assert HeldLink.objects.waiting().count() == 1


def test_the_list_of_links_needs_the_same_queries_for_3_and_for_30(imported, moderator_client):
    moderator_client.get(WAITING)  # what is remembered by the process is asked once
    counts = []
    for count in (3, 30):
        imported(*[{"apply_url": f"{SHORT}{number}"} for number in range(count)])
        with CaptureQueriesContext(connection) as queries:
            moderator_client.get(WAITING)
        counts.append(len(queries))

    assert HeldLink.objects.waiting().count() == 30
    assert counts[0] == counts[1]


JOBS = reverse("admin:jobs_job_changelist")
TO_REVIEW = f'<a href="{WAITING}">Links to review</a>'


@pytest.mark.parametrize(
    ("links", "publishes", "said"),
    [
        (
            [SHORT, SHORT, SHORT],
            True,
            "None of the 3 new jobs is published: the link of 3 doesn't show where it leads.",
        ),
        ([SHORT, LONG, LONG], True, "2 of the 3 new jobs are published: the link of 1 doesn't show where it leads."),
        ([SHORT, LONG], True, "1 of the 2 new jobs is published: the link of 1 doesn't show where it leads."),
        ([SHORT], True, "The new job isn't published: its link doesn't show where it leads."),
        ([LONG], True, "The new job is published."),
        ([LONG, LONG], True, "The 2 new jobs are published."),
        ([SHORT, LONG], False, "The 2 new jobs are drafts."),
    ],
)
def test_an_import_that_is_done_says_how_many_of_its_jobs_are_published(
    imported, editor_client, links, publishes, said
):
    run = imported(*({"apply_url": link} for link in links), publishes=publishes)

    page = " ".join(unescape(editor_client.get(run.get_absolute_url()).text).split())

    assert f"rows. {said}" in page or f"1 row. {said}" in page


def test_what_was_approved_counts_as_published(imported, moderator_client, editor_client):
    run = imported({"apply_url": SHORT}, {"apply_url": LONG})
    settle(moderator_client, "approve_links", run.held_links.get())

    page = editor_client.get(run.get_absolute_url()).text

    assert "The 2 new jobs are published." in page


def publish_in_bulk(client, jobs, **answers):
    chosen = {"action": "publish_jobs", "_selected_action": [job.pk for job in jobs]}
    return client.post(JOBS, chosen | answers, follow=True)


def save_and_publish(client, job, **said):
    """The job's form as it is shown, sent with its button."""
    form = client.get(f"{JOBS}{job.pk}/change/").context["adminform"].form
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    shown |= {name: form.fields[name].prepare_value(shown[name]) for name in ("tags", "countries") if name in shown}
    return client.post(f"{JOBS}{job.pk}/change/", shown | {"_publish": "1"} | said, follow=True)


def test_a_bulk_change_leaves_out_jobs_whose_link_waits_and_says_where_it_does(imported, editor_client):
    imported({"apply_url": SHORT})
    imported({"apply_url": SHORT}, {}, publishes=False)
    kept_back, draft = Job.objects.order_by("pk")

    page = publish_in_bulk(editor_client, [kept_back, draft])
    publish_in_bulk(editor_client, [kept_back, draft], confirmed="1")

    said = " ".join(page.content.decode().split())
    assert f"1 of those chosen is kept back, because the link to apply waits for review: see {TO_REVIEW}." in said
    assert (page.context["counted"], page.context["left_out"], list(open_jobs())) == ("1 job", 0, [draft])


def test_publishing_only_jobs_whose_link_waits_says_why_none_can_be(imported, editor_client):
    imported({"apply_url": SHORT})

    answer = publish_in_bulk(editor_client, Job.objects.all(), confirmed="1").content.decode()

    said = f"None of the chosen jobs can be published. 1 job: the link to apply waits for review. See {TO_REVIEW}."
    assert (said in answer, open_jobs().count()) == (True, 0)


@pytest.mark.parametrize("when", [{}, {"publish_at_0": TOMORROW, "publish_at_1": "12:00"}])
def test_save_and_publish_saves_a_job_whose_link_waits_and_publishes_it_neither_now_nor_later(
    imported, editor_client, when
):
    imported({"apply_url": SHORT})

    answer = save_and_publish(editor_client, Job.objects.get(), title="Better title", **when).content.decode()

    said = f"“Better title” is saved, but not published: the link to apply waits for review. See {TO_REVIEW}."
    assert said in answer
    assert Job.objects.values_list("title", "published_at").get() == ("Better title", None)


def test_a_job_given_another_link_than_the_one_that_waits_can_be_published(imported, editor_client):
    imported({"apply_url": SHORT})

    save_and_publish(editor_client, Job.objects.get(), apply_url=LONG)

    assert open_jobs().get().apply_url == LONG


@pytest.mark.parametrize("page", ["copies", "relisting"])
def test_no_copy_of_a_job_goes_round_the_review_of_its_link(imported, editor_client, editor, page):
    imported({"apply_url": SHORT})
    Job.objects.get().close(by=editor, at=timezone.now(), reason="staff")

    answer = editor_client.post(f"{JOBS}{Job.objects.get().pk}/{page}/", follow=True).content.decode()

    assert (Job.objects.count(), f"the link to apply waits for review. See {TO_REVIEW}." in answer) == (1, True)


def test_refusing_a_link_closes_the_job_that_shows_it_all_the_same(imported, moderator_client):
    imported({"apply_url": LONG})
    imported({"apply_url": SHORT})
    Job.objects.update(apply_url=SHORT)

    answer = settle(moderator_client, "refuse_links", HeldLink.objects.get()).content.decode()

    assert "1 refused. Closed, because the refused link was on the site: 1 job." in answer
    assert (open_jobs().count(), Job.objects.get().close_reason) == (0, "staff")
    assert moderator_client.get(re.search(r'"([^"]+)">Undo', answer)[1].replace("&amp;", "&")).status_code == 200
