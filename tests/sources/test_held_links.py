"""Links that an import brings and that nobody follows before somebody looked at them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from sources.held import HeldLink
from sources.links import hides_where_it_leads
from sources.models import ImportRun
from sources.tasks import apply_import, read_import
from tests import adverts

pytestmark = pytest.mark.django_db
SHORT, LONG = "https://bit.ly/3xYz", "https://example.com/apply/0000"
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


def test_the_preview_shows_which_links_go_to_review(editor_client, imported, upload):
    imported({"apply_url": LONG})
    rows = [adverts.advert(0) | {"apply_url": "https://example.com/new"}, adverts.advert(1) | {"apply_url": SHORT}]
    run = upload(adverts.table([*rows, adverts.advert(2)]))
    read_import(run.pk)

    page = editor_client.get(f"{run.get_absolute_url()}?outcome=review")

    assert [(row["outcome"], row["review"]) for row in page.context["rows"].object_list] == [
        ("changed", "The job keeps its old link until somebody approves the new one."),
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
