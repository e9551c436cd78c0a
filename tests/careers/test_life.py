"""The life of a guide: who did what and when, and what is published for later."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape

from careers.models import Guide, GuideIncomplete, State, WrongState
from careers.tasks import publish_scheduled
from tests.careers.guides import draft, mapping, published
from tests.careers.test_admin import change_path, form_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
IN_A_YEAR = (timezone.now() + timedelta(days=365)).date()
FURTHEST = date_format(timezone.now() + timedelta(days=731))


def did(guide) -> list[str]:
    return list(guide.versions.order_by("pk").values_list("did", flat=True))


def test_each_step_is_kept_with_who_and_when(seeker, editor):
    guide = draft(review_due_on=date(2027, 3, 4))
    states = [guide.state(NOON)]

    guide.submit(by=seeker, at=NOON)
    states.append(guide.state(NOON))
    guide.schedule(NOON + HOUR, by=editor, at=NOON)
    states.append(guide.state(NOON))
    Guide.objects.publish_scheduled(at=NOON + 2 * HOUR)
    guide.refresh_from_db()
    states += [guide.state(NOON + 2 * HOUR), guide.state(datetime(2027, 3, 4, tzinfo=UTC))]

    assert states == [State.DRAFT, State.REVIEW, State.SCHEDULED, State.PUBLISHED, State.DUE]
    assert (guide.submitted_at, guide.submitted_by, guide.scheduled_at, guide.scheduled_by) == (
        NOON,
        seeker,
        NOON,
        editor,
    )
    assert (guide.published_at, guide.published_by) == (NOON + HOUR, editor)
    assert did(guide) == [
        "Loaded from a file",
        "Submitted for review",
        "Scheduled for 1 May 2026, 13:00 UTC",
        "Published",
    ]


def test_a_withdrawn_guide_begins_anew_and_keeps_its_first_day(editor):
    guide = draft()
    guide.submit(by=editor, at=NOON)
    guide.publish(by=editor, at=NOON)
    guide.unpublish(by=editor, at=NOON + HOUR)

    assert (guide.state(NOON + HOUR), guide.submitted_at, guide.published_at) == (State.WITHDRAWN, None, NOON)


def test_a_guide_goes_back_to_draft(editor):
    guide = draft()
    guide.schedule(NOON + HOUR, by=editor, at=NOON)

    guide.return_to_draft(by=editor, at=NOON)

    assert (guide.state(NOON), Guide.objects.publish_scheduled(at=NOON + 2 * HOUR)) == (State.DRAFT, 0)


@pytest.mark.parametrize(
    "step",
    [
        lambda guide: guide.submit(by=None, at=NOON),
        lambda guide: guide.schedule(NOON + HOUR, by=None, at=NOON),
        lambda guide: guide.publish(by=None, at=NOON),
    ],
)
def test_an_incomplete_guide_stays_a_draft(step):
    guide = draft(education=[])

    with pytest.raises(GuideIncomplete, match="the required education"):
        step(guide)

    assert Guide.objects.get().state(NOON) == State.DRAFT


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (lambda guide: guide.submit(by=None, at=timezone.now()), "It is published already."),
        (lambda guide: guide.schedule(NOON, by=None, at=timezone.now()), "It is published already."),
        (lambda guide: guide.return_to_draft(by=None, at=timezone.now()), "It is published already."),
    ],
)
def test_a_published_guide_takes_no_step_towards_it(step, reason):
    with pytest.raises(WrongState, match=reason):
        step(published())


def test_nothing_is_scheduled_for_a_time_that_is_over():
    with pytest.raises(WrongState, match="This time is over"):
        draft().schedule(NOON, by=None, at=NOON)


def test_what_is_scheduled_is_published_once_its_time_has_come_and_once_only(editor):
    due, later = draft(), draft(slug="later")
    due.schedule(NOON + HOUR, by=editor, at=NOON)
    later.schedule(NOON + 3 * HOUR, by=editor, at=NOON)

    counts = [Guide.objects.publish_scheduled(at=NOON + hours * HOUR) for hours in (0, 2, 2)]

    assert (counts, list(Guide.objects.published(NOON + 2 * HOUR))) == ([0, 1, 0], [due])


def test_a_guide_that_lost_a_part_meanwhile_misses_its_schedule_and_staff_are_told(editor_client, editor):
    guide = draft()
    guide.schedule(timezone.now() + HOUR, by=editor, at=timezone.now())
    Guide.objects.update(education=[])

    count = Guide.objects.publish_scheduled(at=timezone.now() + 2 * HOUR)

    guide.refresh_from_db()
    assert (count, guide.state(timezone.now()), guide.scheduled_for) == (0, State.DRAFT, None)
    assert did(guide)[-1] == "Not published as scheduled. Still missing: the required education."
    assert "guide missed its schedule" in editor_client.get(reverse("admin:index")).content.decode()


def test_the_task_publishes_what_is_due(editor):
    guide = draft()
    guide.schedule(timezone.now() - HOUR, by=editor, at=timezone.now() - 2 * HOUR)

    assert (publish_scheduled(), Guide.objects.get().published_at) == (1, guide.scheduled_for)


def test_beat_runs_the_task_each_minute(settings):
    asked = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == publish_scheduled.name]

    assert [entry["schedule"] for entry in asked] == [60]


# --- In the admin -----------------------------------------------------------------------------------------------------


def step(client, guide, name, **answers):
    return client.post(reverse(f"admin:careers_guide_{name}", args=[guide.pk]), answers, follow=True)


def test_staff_schedule_a_guide(editor, editor_client):
    guide = draft()

    step(editor_client, guide, "schedule", moment_0=f"{IN_A_YEAR:%Y-%m-%d}", moment_1="08:30")

    guide.refresh_from_db()
    assert (guide.scheduled_for, guide.scheduled_by) == (datetime.combine(IN_A_YEAR, time(8, 30), UTC), editor)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"moment_0": "2020-01-02", "moment_1": "08:30"}, "This time is over; give one to come."),
        ({"moment_0": "soon", "moment_1": "08:30"}, "This isn't a date; write one that exists, such as 2027-01-31."),
        ({"moment_0": "2099-01-02", "moment_1": "late"}, "This isn't a time; write one such as 14:30."),
        ({"moment_0": "2062-01-02"}, f"This day is more than two years away; {FURTHEST} is the furthest."),
        ({}, "This field is required."),
    ],
)
def test_a_time_that_cannot_be_is_told_at_its_field_and_kept(answers, message, editor_client):
    page = step(editor_client, draft(), "schedule", **answers)

    text = page.content.decode()
    assert (page.status_code, escape(message) in text, answers.get("moment_0", "") in text) == (200, True, True)
    assert not Guide.objects.scheduled().exists()


def test_staff_mark_a_guide_as_reviewed(editor, editor_client):
    guide, today = draft(), timezone.now().date()
    due_on = today + timedelta(days=400)

    step(editor_client, guide, "review", reviewer=guide.author_id, review_due_on=str(due_on))

    guide.refresh_from_db()
    assert (guide.reviewer, guide.reviewed_on, guide.review_due_on) == (guide.author, today, due_on)
    assert did(guide)[-1] == "Reviewed by Ada Author"


def test_the_next_review_of_a_guide_is_within_five_years(editor_client):
    guide = draft()

    page = step(editor_client, guide, "review", reviewer=guide.author_id, review_due_on="9999-12-31")

    assert "This day is more than five years away;" in page.content.decode()
    assert Guide.objects.get().review_due_on == guide.review_due_on


def test_saving_and_publishing_is_one_click_and_keeps_what_was_typed_when_it_is_incomplete(editor_client):
    guide = draft()
    said = form_of(editor_client, guide) | {"title": "Better", "education": "", "_publish": "1"}

    page = editor_client.post(change_path(guide), said, follow=True)

    guide.refresh_from_db()
    told = [str(message) for message in page.context["messages"]]
    assert (guide.title, guide.published_at) == ("Better", None)
    assert "It is saved. Publish: not possible for “Better”. Still missing: the required education." in told

    said = form_of(editor_client, guide) | {"education": "a degree", "_publish": "1"}
    editor_client.post(change_path(guide), said)

    guide.refresh_from_db()
    assert guide.is_published(timezone.now())


def test_who_may_not_publish_may_still_submit(editor, editor_client):
    Group.objects.get(name="Editor").permissions.remove(Permission.objects.get(codename="publish_guide"))
    guide = draft()

    statuses = [step(editor_client, guide, name).status_code for name in ("publication", "schedule", "submission")]

    guide.refresh_from_db()
    assert (statuses, guide.state(timezone.now())) == ([403, 403, 200], State.REVIEW)


def test_nobody_overwrites_a_colleagues_change_unseen(editor, editor_client):
    guide = draft()
    mine = form_of(editor_client, guide) | {"title": "Mine"}
    guide.revise(by=editor, at=timezone.now())

    page = editor_client.post(change_path(guide), mine)

    assert "has changed this guide since you opened it" in page.content.decode()
    assert ('value="Mine"' in page.content.decode(), Guide.objects.get().title) == (True, guide.title)

    again = mine | {"seen": guide.versions.latest("pk").pk}
    editor_client.post(change_path(guide), again)

    assert Guide.objects.get().title == "Mine"


# --- The review clock -------------------------------------------------------------------------------------------------


def front_page(client) -> list[tuple[str, str]]:
    overdue = client.get(reverse("admin:index")).context["overdue"]
    return [(one["title"], one["what"], str(one["due_on"])) for one in overdue["rows"]]


def test_guides_and_figures_that_are_due_are_the_first_thing_on_the_front_page(editor_client):
    yesterday, tomorrow = timezone.now().date() - timedelta(days=1), timezone.now().date() + timedelta(days=1)
    draft(slug="due", title="Due", review_due_on=yesterday, reviewed_on=date(2020, 1, 1))
    draft(slug="later", title="Later", review_due_on=tomorrow)
    figure = mapping()["market"]["figures"][0] | {"review_due_on": date(2026, 1, 2)}
    draft(slug="figure", title="With a figure", review_due_on=tomorrow, market__figures=[figure])

    page = editor_client.get(reverse("admin:index")).content.decode()

    assert front_page(editor_client) == [
        (
            "With a figure",
            "Growth of employment, in percent: 4.5 (Ruritanian Office of Statistics, 2025)",
            "2026-01-02",
        ),
        ("Due", "the guide", str(yesterday)),
    ]
    assert 0 < page.index("Due for review: 2") < page.index('class="waiting"')


def test_what_has_no_day_of_its_own_is_due_by_itself(editor_client):
    guide = published(title="A year old", reviewer=None, reviewed_on=None, review_due_on=None)
    Guide.objects.update(published_at=timezone.now() - timedelta(days=366))
    old = mapping()["market"]["figures"][0] | {"source_year": 2020}
    draft(slug="old", title="Old source", market__figures=[old], review_due_on=date(2099, 1, 1))

    told = [(title, due_on) for title, _, due_on in front_page(editor_client)]

    guide.refresh_from_db()
    assert told == [("Old source", "2022-01-01"), ("A year old", str(timezone.now().date() - timedelta(days=1)))]
    assert guide.state(timezone.now()) == State.DUE


def test_the_front_page_asks_as_often_for_three_that_are_due_as_for_thirty(editor_client, django_assert_num_queries):
    def overdue(first, last):
        for number in range(first, last):
            draft(slug=f"due-{number}", title=f"Due {number}", review_due_on=date(2026, 6, 1))

    overdue(0, 3)
    editor_client.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as three:
        editor_client.get(reverse("admin:index"))
    overdue(3, 30)

    with django_assert_num_queries(len(three)):
        editor_client.get(reverse("admin:index"))
