"""Whether figures' sources still answer: looked at gently, believed broken only after days, settled by staff."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from careers import link_checks
from careers.content.loading import load_guide
from careers.link_checks import check, check_due, follow_figures
from careers.models import Figure, Guide, SourceLink
from careers.tasks import check_sources
from jobboard.waiting import waiting_for
from tests.careers.guides import GARDENER, draft, mapping, published
from tests.careers.test_admin import change_path, form_of
from tests.web_server import web_server

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 2, 4, 20, tzinfo=UTC)
LIST = "/admin/careers/sourcelink/"


@pytest.fixture
def server(settings):
    with web_server() as server:
        settings.OUTBOUND_TEST_SERVERS = [server.origin]
        yield server


def link(url="https://statistics.test/gardeners", **fields) -> SourceLink:
    return SourceLink.objects.create(url=url, host="statistics.test", **fields)


def nights(one: SourceLink, *answers):
    """Each night's answer is a status, 0 for none at all."""
    for number, status in enumerate(answers):
        problem = "" if status == 200 else str(status) if status else "It took too long."
        one.note(status or None, problem, at=NIGHT + timedelta(days=number))


def test_the_rows_are_the_addresses_that_figures_name_each_once():
    figure = GARDENER["market"]["figures"][0]
    draft(market__figures=[figure, figure | {"counts": "florists"}])
    gone = link("https://old.test/")

    follow_figures()
    follow_figures()

    assert list(SourceLink.objects.values_list("url", "host")) == [
        ("https://statistics.test/gardeners", "statistics.test")
    ]
    assert not SourceLink.objects.filter(pk=gone.pk).exists()


def test_no_more_rows_are_kept_than_the_night_can_check(monkeypatch, caplog):
    monkeypatch.setattr(link_checks, "MOST", 3)
    figure = GARDENER["market"]["figures"][0]
    draft(market__figures=[figure | {"source_url": f"https://s.test/{n}", "place": str(n)} for n in range(5)])

    follow_figures()

    assert SourceLink.objects.count() == 3
    assert [record.getMessage() for record in caplog.records] == [
        "Figures name more than 3 addresses; the rest isn't checked."
    ]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([200], (0, False)),
        ([404], (1, False)),
        ([404, 404], (2, True)),
        ([410, 410], (2, True)),
        ([500, 500, 500], (3, False)),
        ([500, 500, 500, 500], (4, True)),
        ([0, 0, 0, 0], (4, True)),
        ([403, 403, 403, 403], (4, True)),
        ([500, 404], (2, True)),
        ([404, 200, 404], (1, False)),
        ([404, 404, 200], (0, False)),
        ([429, 429, 429, 429, 429], (0, False)),
        ([404, 429, 404], (2, True)),
    ],
)
def test_an_address_is_broken_only_after_days_of_failing(answers, state):
    one = link()

    nights(one, *answers)

    assert (one.failed_days, one.broken_at is not None) == state
    assert (one.failing_since is not None) == (one.failed_days > 0)


def test_failing_twice_in_a_day_counts_once():
    one = link()

    for minutes in (0, 5, 10):
        one.note(404, "404 Not Found", at=NIGHT + timedelta(minutes=minutes))

    assert (one.failed_days, one.broken_at, one.failing_since) == (1, None, NIGHT)


def test_what_answers_is_left_alone_for_a_week_and_what_fails_for_a_night():
    well, failing, broken = link("https://a.test/"), link("https://b.test/"), link("https://c.test/")

    nights(well, 200)
    nights(failing, 500)
    nights(broken, 404, 404)

    assert not SourceLink.objects.due(NIGHT + timedelta(days=6, hours=23)).filter(pk=well.pk).exists()
    assert list(SourceLink.objects.due(NIGHT + timedelta(days=1))) == [failing]
    assert broken.next_check_at == NIGHT + timedelta(days=8)


def test_what_staff_call_fine_stays_so_until_the_answer_is_another_one(editor):
    one = link()
    nights(one, 403, 403, 403, 403)
    SourceLink.objects.accept(by=editor, at=NIGHT)
    one.refresh_from_db()

    nights(one, 403, 403, 403, 403, 403)
    still = (one.failed_days, one.broken_at, one.accepted_by)
    nights(one, 404, 404)

    assert still == (0, None, editor)
    assert (one.failed_days, one.broken_at is not None) == (2, True)


def test_of_one_host_one_address_at_a_time_is_claimed():
    first, second = link("https://a.test/1"), link("https://a.test/2")
    other = SourceLink.objects.create(url="https://b.test/", host="b.test")
    SourceLink.objects.update(next_check_at=NIGHT)

    claimed = [SourceLink.objects.claim(NIGHT) for _ in range(3)]
    nights(first, 200)
    resting = SourceLink.objects.claim(NIGHT + timedelta(milliseconds=900))
    rested = SourceLink.objects.claim(NIGHT + timedelta(milliseconds=1100))

    assert (claimed, resting, rested) == ([first, other, None], None, second)


def test_a_worker_that_died_holds_its_host_for_two_minutes_only():
    one = link(next_check_at=NIGHT)
    SourceLink.objects.claim(NIGHT)

    assert SourceLink.objects.claim(NIGHT + timedelta(seconds=119)) is None
    assert SourceLink.objects.claim(NIGHT + timedelta(seconds=120)) == one


@pytest.mark.parametrize(
    ("says", "asked", "noted"),
    [
        (200, ["HEAD"], (200, "")),
        (404, ["HEAD", "GET"], (404, "404 Not Found")),
        (lambda handler: handler.answer(405 if handler.command == "HEAD" else 206), ["HEAD", "GET"], (206, "")),
        ((302, {"Location": "/there"}), ["HEAD", "HEAD"], (200, "")),
        ((302, {"Location": "http://169.254.169.254/"}), ["HEAD"],
         (None, "Give an address that everybody on the internet can reach.")),
        ((302, {"Location": "/page"}), ["HEAD"] * 6, (None, "It redirects more than 5 times.")),
        (lambda handler: None, ["HEAD"], (None, "The connection failed.")),
        (999, ["HEAD", "GET"], (999, "999")),
    ],
)  # fmt: skip
def test_a_check_asks_for_the_head_and_then_for_a_little(says, asked, noted, server):
    server.says |= {"/page": says, "/there": 200}
    one = link(f"{server.origin}/page")

    check(one)

    one.refresh_from_db()
    assert ([method for method, *_ in server.asked], (one.status, one.problem)) == (asked, noted)
    assert one.checked_at is not None


def test_a_night_checks_what_guides_name_and_a_second_turn_asks_nobody_again(server):
    figure = GARDENER["market"]["figures"][0]
    guide = published(market__figures=[figure | {"source_url": f"{server.origin}/{n}", "place": n} for n in "ab"])
    before = Guide.objects.for_head().get(pk=guide.pk).fingerprint
    server.says |= {"/a": 200}

    began = time.monotonic()
    check_sources()
    lasted = time.monotonic() - began
    check_sources()

    assert [path for _, path, _ in server.asked] == ["/a", "/b", "/b"]
    assert lasted >= 1
    assert list(SourceLink.objects.order_by("url").values_list("status", "failed_days")) == [(200, 0), (404, 1)]
    assert Guide.objects.for_head().get(pk=guide.pk).fingerprint == before


def test_checking_ends_when_its_time_is_over_and_says_that_something_is_left(server):
    link(f"{server.origin}/page")

    assert (check_due(until=0, clock=lambda: 1.0), server.asked) == (False, [])


def test_another_address_of_a_figure_is_known_when_the_guide_is_saved(editor_client):
    guide = draft()
    follow_figures()

    said = form_of(editor_client, guide) | {"figures-0-source_url": "https://new.test/figures"}
    editor_client.post(change_path(guide), said)

    assert list(SourceLink.objects.values_list("url", flat=True)) == ["https://new.test/figures"]


def test_what_is_known_of_an_address_outlives_an_import():
    draft()
    follow_figures()
    nights(SourceLink.objects.get(), 404)

    load_guide(mapping(title="Another title", market__figures=[GARDENER["market"]["figures"][0] | {"amount": 5}]))
    follow_figures()

    assert (SourceLink.objects.get().failed_days, Figure.objects.get().amount) == (1, 5)


def test_staff_find_what_is_broken_from_the_front_page_and_check_again(editor, editor_client, own_redis):
    draft()
    follow_figures()
    nights(SourceLink.objects.get(), 404, 404)

    [row] = [row for row in waiting_for(editor) if "source" in row["words"]]
    page = editor_client.get(row["url"]).content.decode()
    one = SourceLink.objects.get()
    answer = editor_client.post(LIST, {"action": "check_now", "_selected_action": [one.pk]}, follow=True)

    one.refresh_from_db()
    assert (row["count"], row["words"], row["url"]) == (1, "source of a figure is broken", f"{LIST}?state=broken")
    assert ">Broken</span>" in page
    assert f'<a href="{reverse("admin:careers_guide_change", args=[Guide.objects.get().pk])}">How to become' in page
    assert [str(message) for message in answer.context["messages"]] == [
        "1 address will be checked within the next minutes."
    ]
    assert one.next_check_at <= timezone.now()


def test_staff_mark_as_fine_what_refuses_programs(editor, editor_client):
    one, well = link(), link("https://well.test/", checked_at=NIGHT)
    nights(one, 403, 403, 403, 403)

    answer = editor_client.post(LIST, {"action": "mark_as_fine", "_selected_action": [one.pk, well.pk]}, follow=True)

    one.refresh_from_db()
    assert (one.broken_at, one.accepted_by, one.accepted_status) == (None, editor, 403)
    assert ">Marked as fine</span>" in answer.content.decode()
    assert [str(message) for message in answer.context["messages"]] == [
        "1 address marked as fine, until the answer is another one."
    ]


@pytest.mark.parametrize(("state", "shown"), [
    ("broken", ["https://b.test/"]), ("failing", ["https://f.test/"]), ("accepted", ["https://a.test/"]),
    ("new", ["https://n.test/"]), ("", ["https://a.test/", "https://b.test/", "https://f.test/", "https://n.test/"]),
])  # fmt: skip
def test_the_list_is_filtered_by_state(state, shown, editor, editor_client):
    broken, failing, accepted = link("https://b.test/"), link("https://f.test/"), link("https://a.test/")
    link("https://n.test/")
    nights(broken, 404, 404)
    nights(failing, 404)
    nights(accepted, 403)
    SourceLink.objects.filter(pk=accepted.pk).accept(by=editor, at=NIGHT)

    page = editor_client.get(f"{LIST}?state={state}")

    assert sorted(one.url for one in page.context["cl"].result_list) == shown


def test_the_list_begins_with_what_is_broken(editor_client):
    failing, broken = link("https://b.test/"), link("https://c.test/")
    link("https://a.test/")
    nights(failing, 500)
    nights(broken, 404, 404)

    page = editor_client.get(LIST)

    assert [one.url for one in page.context["cl"].result_list] == [
        "https://c.test/",
        "https://b.test/",
        "https://a.test/",
    ]


def test_the_list_holds_its_queries_with_three_rows_and_with_thirty(editor_client, django_assert_num_queries):
    editor_client.get(LIST)  # the first page of a session writes that it began
    for number in (3, 30):
        for one in range(SourceLink.objects.count(), number):
            link(f"https://s.test/{one}")

        with django_assert_num_queries(7):
            editor_client.get(LIST)


@pytest.mark.parametrize("role", ["moderator", "consultant", "seeker"])
def test_others_neither_see_nor_settle_sources(role, request):
    one = link()
    nights(one, 403, 403, 403, 403)
    client = request.getfixturevalue(f"{role}_client")

    seen = client.get(LIST).status_code
    client.post(LIST, {"action": "mark_as_fine", "_selected_action": [one.pk]})

    one.refresh_from_db()
    assert (seen, one.accepted_at) == (403, None)


def test_nobody_writes_a_source_by_hand(admin_client):
    one = link()
    page = reverse("admin:careers_sourcelink_change", args=[one.pk])

    assert admin_client.post(page, {"url": "https://x.test/"}).status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.get(page).status_code == 200
