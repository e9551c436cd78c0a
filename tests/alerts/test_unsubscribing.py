"""RFC 8058 and the page behind it: a link in a mail switches off, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from alerts import figures, stopping, tokens
from alerts.models import Suppression, Unsubscription
from alerts.rhythm import Rhythm
from subscriptions.models import ComplimentaryPlus

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path(page, kind, pk):
    return tokens.Scope(kind, pk).url(page).removeprefix("http://localhost:8000")


def strict_client():
    """A mail program: no cookie, no login, no form token."""
    return Client(enforce_csrf_checks=True)


def test_one_click_stops_the_alert_at_once_without_cookie_or_login(seeker, keep):
    alert = keep(seeker)

    response = strict_client().post(path("unsubscribe", "alert", alert.pk), ONE_CLICK)

    alert.refresh_from_db()
    assert (response.status_code, alert.is_active, alert.paused_by) == (200, False, "person")


def test_get_only_asks(seeker, keep):
    alert = keep(seeker, name="My python")

    response = strict_client().get(path("unsubscribe", "alert", alert.pk))

    alert.refresh_from_db()
    page = response.content.decode()
    assert (response.status_code, alert.is_active) == (200, True)
    for name in ("stop", "weekly_instead", "short_pause", "unsubscribe_all"):
        assert f'action="{path(name, "alert", alert.pk)}"' in page
    assert "My python" in page


def test_one_click_of_a_mail_of_several_alerts_stops_all_and_the_address(subscriber, keep):
    alerts = [keep(subscriber, words=words) for words in ("python", "rust")]

    response = strict_client().post(path("unsubscribe", "person", subscriber.pk), ONE_CLICK)

    assert (response.status_code, subscriber.alerts.active().count(), len(alerts)) == (200, 0, 2)
    assert Suppression.objects.stops(subscriber.email) is True


def test_stopping_twice_is_stopping_once(seeker, keep):
    alert = keep(seeker)
    url = path("unsubscribe", "alert", alert.pk)

    answers = [strict_client().post(url, ONE_CLICK).status_code for _ in range(2)]

    assert (answers, Unsubscription.objects.count()) == ([200, 200], 1)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_clicks_at_once(seeker, keep):
    alert = keep(seeker)
    url = path("unsubscribe", "alert", alert.pk)

    def click(_):
        try:
            return strict_client().post(url, ONE_CLICK).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(click, range(100)))

    alert.refresh_from_db()
    assert (answers, alert.is_active, Unsubscription.objects.count()) == ([200] * 100, False, 1)


def test_the_token_of_one_alert_changes_no_other(seeker, stranger, keep):
    mine, theirs = keep(seeker), keep(stranger, words="rust")
    signature = tokens.signature(f"alert-{mine.pk}")

    answers = [
        strict_client().post(reverse(f"alerts:{page}", args=[what, signature])).status_code
        for page in ("unsubscribe", "stop", "weekly_instead", "short_pause", "unsubscribe_all")
        for what in (
            f"alert-{theirs.pk}",
            f"person-{stranger.pk}",
            f"person-{seeker.pk}",
            f"alert-{mine.pk}0",
            "x",
            "alert-",
        )
    ]

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert set(answers) == {404}
    assert (mine.is_active, theirs.is_active, theirs.rhythm) == (True, True, "daily")


def press(button, *scope):
    """The page that a browser stands on after pressing a button: its address can be loaded again, or come back to."""
    client = strict_client()
    answer = client.post(path(button, *scope))
    assert answer.status_code == 302
    assert "no-store" in answer["Cache-Control"]
    return client.get(answer.url, follow=True)


def test_the_button_of_the_page_stops_the_alert(seeker, keep):
    alert = keep(seeker)

    page = press("stop", "alert", alert.pk)

    alert.refresh_from_db()
    assert (alert.is_active, alert.paused_by, Unsubscription.objects.get().wish) == (False, "person", "stop")
    assert "<h1>The alert is stopped.</h1>" in text_of(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_once_a_week_instead(seeker, keep):
    alert = keep(seeker)

    page = press("weekly_instead", "alert", alert.pk)

    alert.refresh_from_db()
    assert (alert.rhythm, alert.is_active) == (Rhythm.WEEKLY, True)
    assert "<h1>From now on once a week.</h1>" in text_of(page)


def test_a_break_of_thirty_days(seeker, keep):
    alert = keep(seeker)

    page = press("short_pause", "alert", alert.pk)

    alert.refresh_from_db()
    assert (alert.is_active, alert.resumes_at - alert.paused_at) == (False, timedelta(days=30))
    assert "<h1>A break until " in text_of(page)


def test_a_second_break_names_the_end_of_the_first(seeker, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by="person", resumes_at=datetime(2026, 12, 24, 23, 30, tzinfo=UTC))
    User.objects.filter(pk=seeker.pk).update(time_zone="Europe/Berlin")

    page = text_of(press("short_pause", "alert", alert.pk))

    alert.refresh_from_db()
    assert "<h1>A break until 25 December 2026, then it goes on.</h1>" in page
    assert (alert.resumes_at, Unsubscription.objects.count()) == (datetime(2026, 12, 24, 23, 30, tzinfo=UTC), 0)


def test_a_break_of_what_waits_for_a_place_promises_no_date(seeker, keep):
    keep(seeker, words="python")
    waiting = keep(seeker, words="rust")

    page = text_of(press("short_pause", "alert", waiting.pk))

    waiting.refresh_from_db()
    assert "<bdi>rust</bdi>, waiting for a place" in page
    assert (waiting.is_waiting, waiting.resumes_at) == (True, None)


@pytest.mark.parametrize("button", ["stop", "unsubscribe_all", "weekly_instead", "short_pause", "say_why"])
def test_a_button_by_get_changes_nothing_and_leads_to_how_things_are(seeker, keep, button):
    alert = keep(seeker)

    answer = strict_client().get(path(button, "alert", alert.pk))

    alert.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, path("unsubscribe", "alert", alert.pk))
    assert "no-store" in answer["Cache-Control"]
    assert (alert.is_active, alert.rhythm, Unsubscription.objects.count()) == (True, "daily", 0)


@pytest.mark.parametrize(
    ("button", "again"),
    [
        ("stop", lambda alert: alert.activate(timezone.now())),
        ("unsubscribe_all", lambda alert: alert.activate(timezone.now())),
        ("weekly_instead", lambda alert: alert.change(rhythm=Rhythm.DAILY, at=timezone.now())),
        ("short_pause", lambda alert: alert.activate(timezone.now())),
    ],
)
def test_thanks_are_said_only_while_they_are_true(seeker, keep, button, again):
    alert = keep(seeker)
    press(button, "alert", alert.pk)
    alert.refresh_from_db()
    again(alert)

    answer = strict_client().get(path(button, "alert", alert.pk))

    assert (answer.status_code, answer.url) == (302, path("unsubscribe", "alert", alert.pk))


def test_once_a_week_during_a_break_is_said_to_begin_after_it(seeker, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by="person", resumes_at=datetime(2026, 12, 24, 23, 30, tzinfo=UTC))
    User.objects.filter(pk=seeker.pk).update(time_zone="Europe/Berlin")

    page = text_of(press("weekly_instead", "alert", alert.pk))

    alert.refresh_from_db()
    assert "<h1>Once a week after the break, from 25 December 2026.</h1>" in page
    assert (alert.rhythm, alert.is_active) == (Rhythm.WEEKLY, False)


def test_once_a_week_begins_now_when_any_alert_runs(subscriber, keep):
    keep(subscriber, words="python")
    keep(subscriber, words="rust").pause(timezone.now(), by="person", resumes_at=timezone.now() + timedelta(days=3))

    page = text_of(press("weekly_instead", "person", subscriber.pk))

    assert "<h1>From now on once a week.</h1>" in page


@pytest.mark.parametrize("less", ["weekly_instead", "short_pause"])
@pytest.mark.parametrize(
    ("leave", "heading"),
    [
        (lambda alert: alert.owner.delete(), "There is no such alert any more"),
        (lambda alert: alert.discard(timezone.now()), "This alert is deleted already"),
        (lambda alert: alert.pause(timezone.now(), by="person"), "This alert is stopped already"),
    ],
    ids=["account deleted", "alert deleted", "alert stopped"],
)
def test_less_of_nothing_is_told_as_the_page_tells_it(less, leave, heading, seeker, keep):
    alert = keep(seeker)
    scope = ("alert", alert.pk)
    leave(alert)

    page = text_of(press(less, *scope))

    assert Unsubscription.objects.count() == 0
    assert f"<h1>{heading}</h1>" in page


def test_one_click_of_a_deleted_account_says_that_nothing_is_left(seeker, keep):
    scope = ("alert", keep(seeker).pk)
    seeker.delete()

    answer = strict_client().post(path("unsubscribe", *scope), ONE_CLICK)

    assert answer.status_code == 200
    assert "<h1>There is no such alert any more</h1>" in text_of(answer)


def test_what_was_stopped_by_mail_does_not_start_with_a_larger_plan(seeker, keep):
    keep(seeker, words="python")
    waiting = keep(seeker, words="rust")

    strict_client().post(path("unsubscribe", "alert", waiting.pk))
    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=timezone.now())

    waiting.refresh_from_db()
    assert (waiting.is_active, waiting.paused_by) == (False, "person")


def test_all_can_be_stopped_from_the_link_of_one(subscriber, keep):
    alert, other = keep(subscriber, words="python"), keep(subscriber, words="rust")

    page = press("unsubscribe_all", "alert", alert.pk)

    other.refresh_from_db()
    assert "<h1>You get no more alerts.</h1>" in text_of(page)
    assert (other.is_active, Suppression.objects.stops(subscriber.email)) == (False, True)


def test_a_link_to_what_is_gone_still_answers_kindly(seeker, keep):
    alert = keep(seeker)
    urls = [path("unsubscribe", "alert", alert.pk), path("unsubscribe", "person", seeker.pk)]
    seeker.delete()

    answers = [(strict_client().get(url).status_code, strict_client().post(url).status_code) for url in urls]

    assert answers == [(200, 200), (200, 200)]


def test_a_token_outlives_a_change_of_the_secret_key(seeker, keep, settings):
    alert = keep(seeker)
    url = path("unsubscribe", "alert", alert.pk)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " * 8

    assert strict_client().post(url).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_with_a_token_leak_nothing(method, seeker, keep):
    alert = keep(seeker)

    response = getattr(strict_client(), method)(path("unsubscribe", "alert", alert.pk))

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_the_figures_count_each_day(seeker, keep):
    alert = keep(seeker)
    at = timezone.now()

    strict_client().post(path("unsubscribe", "alert", alert.pk))

    unsubscribed = figures.unsubscribed_by_day(at)
    assert (len(unsubscribed), unsubscribed[-1], sum(count for _, count in unsubscribed)) == (30, (at.date(), 1), 1)
    assert {count for _, count in figures.sent_by_day(at)} == {0}


def text_behind_button(button, alert) -> str:
    return text_of(strict_client().get(path(button, "alert", alert.pk)))


def text_behind(client, *scope) -> str:
    return text_of(client.get(path("unsubscribe", *scope)))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_of_a_stopped_alert_says_since_when_and_offers_no_stopping(seeker, keep):
    alert = keep(seeker, name="My python")
    alert.pause(datetime(2026, 11, 3, 23, 30, tzinfo=UTC), by="person")
    User.objects.filter(pk=seeker.pk).update(time_zone="Europe/Berlin")

    page = text_behind(strict_client(), "alert", alert.pk)

    assert "<h1>This alert is stopped already</h1>" in page
    assert "<bdi>My python</bdi>, stopped since 4 November 2026" in page
    assert f'action="{path("stop", "alert", alert.pk)}"' not in page
    assert f'href="{reverse("account_login")}?next=/alerts/"' in page
    assert "Stop all alerts" in page


def test_the_page_of_a_stopped_alert_leads_its_owner_to_where_it_starts_again(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by="person")

    page = text_behind(seeker_client, "alert", alert.pk)

    assert f'href="/alerts/#alert-{alert.pk}"' in page
    assert "Start again in your alerts" in page


def test_the_page_of_a_deleted_alert_says_so_and_where_to_bring_it_back(seeker, seeker_client, keep):
    alert = keep(seeker, name="My python")
    alert.discard(datetime(2026, 11, 3, 12, tzinfo=UTC))

    page = text_behind(seeker_client, "alert", alert.pk)

    assert "<h1>This alert is deleted already</h1>" in page
    assert "<bdi>My python</bdi>, deleted on 3 November 2026" in page
    assert 'href="/alerts/#deleted"' in page
    assert "Stop this alert" not in page


def test_what_would_start_by_itself_can_still_be_stopped(seeker, keep):
    running, waiting = keep(seeker, words="python"), keep(seeker, words="rust")
    running.pause(timezone.now(), by="person", resumes_at=datetime(2026, 12, 24, 12, tzinfo=UTC))

    pages = [text_behind(strict_client(), "alert", alert.pk) for alert in (running, waiting)]

    assert ["Stop this alert?" in page for page in pages] == [True, True]
    assert "paused until 24 December 2026" in pages[0]
    assert "waiting for a place" in pages[1]


def test_the_page_of_someone_who_stopped_all_says_since_when(seeker, keep):
    alert = keep(seeker)
    stopping.stop_all(tokens.Scope("person", seeker.pk), datetime(2026, 11, 3, 12, tzinfo=UTC))

    for scope in (("person", seeker.pk), ("alert", alert.pk)):
        page = text_behind(strict_client(), *scope)

        assert "<h1>This alert is stopped already</h1>" in page
        assert "No alert of any kind goes to your address since 3 November 2026." in page
        assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_a_reason_can_be_given_afterwards_and_staff_see_it(seeker, keep, admin_client):
    alert = keep(seeker)

    page = press("stop", "alert", alert.pk).content.decode()
    thanks = strict_client().post(path("say_why", "alert", alert.pk), {"reason": "found"}, follow=True)

    listed = admin_client.get(reverse("admin:alerts_unsubscription_changelist")).content.decode()
    assert f'action="{path("say_why", "alert", alert.pk)}"' in page
    assert (thanks.redirect_chain, Unsubscription.objects.get().reason) == (
        [(path("say_why", "alert", alert.pk), 302)],
        "found",
    )
    assert "<h1>Thank you, that helps us.</h1>" in text_of(thanks)
    assert "tell us why" not in text_behind_button("stop", alert)
    assert "I found a job" in listed
    assert seeker.email not in listed


@pytest.mark.parametrize("reason", ["", "x", "found\x00"])
def test_a_reason_that_is_none_is_told_and_kept_out(seeker, keep, reason):
    alert = keep(seeker)
    strict_client().post(path("unsubscribe", "alert", alert.pk))

    answer = strict_client().post(path("say_why", "alert", alert.pk), {"reason": reason})

    assert (answer.status_code, Unsubscription.objects.get().reason) == (200, "")


def test_a_reason_without_a_wish_is_kept_nowhere(seeker, keep):
    alert = keep(seeker)

    answer = strict_client().post(path("say_why", "alert", alert.pk), {"reason": "many"}, follow=True)

    assert Unsubscription.objects.count() == 0
    assert "<h1>Stop this alert?</h1>" in text_of(answer)


def test_from_the_page_of_all_one_can_stop_only_one(subscriber, keep):
    alerts = [keep(subscriber, words=words) for words in ("python", "rust")]

    page = text_behind(strict_client(), "person", subscriber.pk)

    assert [tokens.Scope("alert", alert.pk).url("unsubscribe") in page for alert in alerts] == [True, True]


def test_a_person_is_offered_one_way_to_stop_all_and_told_what_it_does(subscriber, keep):
    for words in ("python", "rust"):
        keep(subscriber, words=words)

    page = text_behind(strict_client(), "person", subscriber.pk)

    stopping_forms = [path(button, "person", subscriber.pk) for button in ("unsubscribe", "stop", "unsubscribe_all")]
    assert [page.count(f'action="{url}"') for url in stopping_forms] == [0, 0, 1]
    assert "no alert mail goes to your address until you allow it again" in page


def test_only_what_would_change_something_is_offered(seeker, keep):
    running = keep(seeker)
    pages = [text_behind(strict_client(), "alert", running.pk)]
    running.change(rhythm=Rhythm.WEEKLY, at=timezone.now())
    pages.append(text_behind(strict_client(), "alert", running.pk))
    running.pause(timezone.now(), by="person", resumes_at=timezone.now() + timedelta(days=3))
    pages.append(text_behind(strict_client(), "alert", running.pk))

    offered = [[name for name in ("Once a week", "Pause for 30 days", "Or get less") if name in page] for page in pages]
    assert offered == [
        ["Once a week", "Pause for 30 days", "Or get less"],
        ["Pause for 30 days", "Or get less"],
        [],
    ]


@pytest.mark.parametrize("button", ["stop", "unsubscribe_all"])
def test_a_person_who_stopped_all_is_told_so(subscriber, keep, button):
    alerts = [keep(subscriber, words=words) for words in ("python", "rust")]

    page = press(button, "person", subscriber.pk)

    assert "<h1>You get no more alerts.</h1>" in text_of(page)
    assert (subscriber.alerts.active().count(), len(alerts), Suppression.objects.count()) == (0, 2, 1)
