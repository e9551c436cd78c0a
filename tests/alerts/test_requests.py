"""Alerts for visitors: nothing starts before the address is confirmed, and nobody is bombed or found out."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import TransactionalMail, User
from alerts import stopping, tokens
from alerts.models import Alert, AlertRequest, Suppression

NEW = reverse("alerts:new")
WISH = {"q": "python", "rhythm": "daily", "hour": "8", "weekday": "0", "time_zone": "Europe/Berlin"}
REQUESTED = reverse("alerts:requested")


@pytest.fixture(autouse=True)
def keep_owed_mails(monkeypatch):
    """Leave the mails in their table, where the test reads them."""
    monkeypatch.setattr("accounts.mail.nudge", lambda: None)


def ask(client, email="vera@example.com", **changes):
    return client.post(NEW, WISH | {"email": email} | changes)


def links():
    """The links that were mailed, oldest first."""
    texts = TransactionalMail.objects.order_by("pk").values_list("text", flat=True)
    return [next(line for line in text.splitlines() if "/confirmation/" in line).split("8000")[-1] for text in texts]


def text(response) -> str:
    return response.content.decode()


def test_a_visitor_gets_one_mail_and_no_alert_yet(visitor_client, db):
    response = ask(visitor_client)

    mail = TransactionalMail.objects.get()
    assert (response.status_code, response.url) == (302, REQUESTED)
    assert (mail.to, mail.subject) == ("vera@example.com", "Start your alert: “python”")
    assert (Alert.objects.count(), User.objects.count()) == (0, 0)


def test_the_link_alone_starts_nothing(visitor_client, db):
    ask(visitor_client)

    page = visitor_client.get(links()[0])

    assert "Start this alert?" in text(page)
    assert (Alert.objects.count(), AlertRequest.objects.get().confirmed_at) == (0, None)


def test_the_hour_is_promised_in_the_time_zone_in_which_it_will_be_kept(visitor_client, db):
    ask(visitor_client, time_zone="Asia/Kathmandu")
    without_account = text(visitor_client.get(links()[0]))
    User.objects.create_user("vera@example.com", None, time_zone="Europe/Berlin")

    with_account = text(visitor_client.get(links()[0]))

    assert "Every day at 8:00 (Asia/Kathmandu), to vera@example.com.</p>" in without_account
    assert "Every day at 8:00 (Europe/Berlin), to vera@example.com. The hour is read in your account’s" in with_account


def test_the_button_makes_the_account_and_starts_the_alert(visitor_client, db):
    ask(visitor_client)

    response = visitor_client.post(links()[0])

    user = User.objects.get()
    alert = user.alerts.get()
    assert response.url == reverse("alerts:finish_account")
    assert (user.email, user.has_usable_password(), user.time_zone) == ("vera@example.com", False, "Europe/Berlin")
    assert (alert.is_active, alert.search.query_string, alert.hour) == (True, "q=python", 8)
    assert EmailAddress.objects.values("user", "email", "verified", "primary").get() == {
        "user": user.pk,
        "email": "vera@example.com",
        "verified": True,
        "primary": True,
    }


def test_the_account_is_finished_on_the_spot(visitor_client, db):
    ask(visitor_client)

    page = text(visitor_client.post(links()[0], follow=True))
    response = visitor_client.post(reverse("alerts:finish_account"), {"password": "a long enough phrase"})

    user = User.objects.get()
    assert "Choose a password, and you have an account" in page
    assert (response.url, user.check_password("a long enough phrase")) == (reverse("alerts:list"), True)
    page = text(visitor_client.get(reverse("alerts:list")))
    assert "“python”" in page


def test_the_account_can_be_finished_once_only(visitor_client, db):
    ask(visitor_client)
    visitor_client.post(links()[0])
    visitor_client.post(reverse("alerts:finish_account"), {"password": "a long enough phrase"})
    visitor_client.logout()

    response = visitor_client.post(reverse("alerts:finish_account"), {"password": "another long phrase"})

    assert (response.url, User.objects.get().check_password("another long phrase")) == (reverse("alerts:list"), False)


def test_another_browser_cannot_finish_the_account(visitor_client, db):
    ask(visitor_client)
    visitor_client.post(links()[0])

    response = Client().post(reverse("alerts:finish_account"), {"password": "a long enough phrase"})

    assert (response.url, User.objects.get().has_usable_password()) == (reverse("alerts:list"), False)


def test_after_an_hour_the_account_is_finished_by_the_reset_only(visitor_client, db, time_machine):
    time_machine.move_to("2026-11-23T12:00+00:00")
    ask(visitor_client)
    visitor_client.post(links()[0])

    time_machine.move_to("2026-11-23T13:01+00:00")
    visitor_client.post(reverse("alerts:finish_account"), {"password": "a long enough phrase"})

    assert User.objects.get().has_usable_password() is False


@pytest.mark.parametrize("password", ["", "short", "xy" * 100, "123456789012", " " * 12, "a" * 12])
def test_a_bad_password_is_told_at_its_field(visitor_client, db, password):
    ask(visitor_client)
    visitor_client.post(links()[0])

    response = visitor_client.post(reverse("alerts:finish_account"), {"password": password})

    assert (response.status_code, "error-summary" in text(response)) == (200, True)
    assert User.objects.get().has_usable_password() is False


def test_an_account_that_is_there_gets_the_alert_and_keeps_its_password(visitor_client, seeker):
    EmailAddress.objects.create(user=seeker, email=seeker.email, verified=True, primary=True)
    ask(visitor_client, seeker.email)

    page = text(visitor_client.post(links()[0], follow=True))

    seeker.refresh_from_db()
    assert (seeker.alerts.get().is_active, seeker.check_password("correct horse battery")) == (True, True)
    assert "Choose a password" not in page


def test_a_password_set_before_the_address_was_proved_stops_working(visitor_client, stranger):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=False, primary=True)
    ask(visitor_client, stranger.email)

    visitor_client.post(links()[0])

    stranger.refresh_from_db()
    assert (stranger.has_usable_password(), stranger.emailaddress_set.get().verified) == (False, True)


def test_an_account_at_its_cap_keeps_the_alert_waiting(visitor_client, seeker, keep):
    keep(seeker, words="rust")
    ask(visitor_client, seeker.email)

    page = text(visitor_client.post(links()[0], follow=True))

    assert "The alert is kept and waits" in page
    assert seeker.alerts.get(search__query_string="q=python").is_waiting is True


def test_who_confirms_an_alert_after_stopping_all_gets_mail_again(visitor_client, seeker):
    ask(visitor_client, seeker.email)
    stopping.stop_all(tokens.Scope(tokens.PERSON, seeker.pk), timezone.now())

    page = text(visitor_client.post(links()[0], follow=True))

    assert (seeker.alerts.get().is_active, Suppression.objects.stops(seeker.email)) == (True, False)
    assert "none is sent to you" not in page


def test_who_confirms_an_alert_for_an_address_that_bounces_is_told(visitor_client, seeker):
    ask(visitor_client, seeker.email)
    Suppression.objects.add(seeker.email, reason="bounced", at=timezone.now())

    page = text(visitor_client.post(links()[0], follow=True))

    assert f"We can’t mail alerts to {seeker.email} any more (mails came back)." in page


def test_a_link_works_once(visitor_client, db):
    ask(visitor_client)
    visitor_client.post(links()[0])
    Alert.objects.get().discard(timezone.now())

    again = visitor_client.post(links()[0])

    assert "This alert was started before" in text(again)
    assert Alert.objects.kept().count() == 0


@pytest.mark.parametrize(
    ("token", "status"), [("x", 404), ("0" * 43, 404), ("%00", 400), ("ünï", 404), ("a" * 5000, 404)]
)
def test_a_wrong_link_is_told_kindly(visitor_client, db, token, status):
    response = visitor_client.get(f"/alerts/confirmation/{token}/")

    assert response.status_code == status


def test_a_link_is_over_after_seven_days(visitor_client, db):
    ask(visitor_client)
    AlertRequest.objects.update(created_at=timezone.now() - timedelta(days=7, seconds=1))

    response = visitor_client.post(links()[0])

    assert (response.status_code, Alert.objects.count()) == (404, 0)


def test_only_a_hash_of_the_token_is_kept(visitor_client, db):
    ask(visitor_client)

    token = links()[0].split("/")[-2]

    assert token not in str(list(AlertRequest.objects.values()))


def test_the_answer_is_the_same_whatever_the_address(db, seeker):
    Suppression.objects.add("stopped@example.com", reason="complained", at=timezone.now())

    answers = [ask(Client(), email) for email in (seeker.email, "nobody@example.com", "stopped@example.com")]

    assert {(answer.status_code, answer.url, answer.content) for answer in answers} == {(302, REQUESTED, b"")}
    assert list(TransactionalMail.objects.order_by("pk").values_list("to", flat=True)) == [
        seeker.email,
        "nobody@example.com",
    ]


def test_one_confirmation_a_day_and_three_until_confirmed(db):
    at = timezone.now()
    from tests.alerts.conftest import search_for

    def mailed(after):
        _, token = AlertRequest.objects.ask(
            "Vera@Example.com", search=search_for("python"), name="x", rhythm="daily", hour=8, weekday=0, at=at + after
        )
        return bool(token)

    hours = [0, 1, 23, 24, 47, 48, 72, 1000]
    assert [mailed(timedelta(hours=hour)) for hour in hours] == [True, False, False, True, False, True, False, False]


def test_a_second_click_changes_the_request_that_waits_and_makes_no_other(visitor_client, db):
    ask(visitor_client)

    ask(Client(), "Vera@Example.com", rhythm="weekly", weekday="2")
    visitor_client.post(links()[0])

    assert (AlertRequest.objects.count(), TransactionalMail.objects.count()) == (1, 1)
    assert Alert.objects.values_list("search__query_string", "rhythm", "weekday").get() == ("q=python", "weekly", 2)


def test_a_request_that_waited_without_a_mail_gets_the_next_days(db, time_machine):
    time_machine.move_to("2026-11-23T12:00+00:00")
    ask(Client(), q="rust")
    ask(Client())
    waiting = AlertRequest.objects.get(search__query_string="q=python")

    time_machine.move_to("2026-11-24T12:01+00:00")
    ask(Client())

    assert AlertRequest.objects.count() == 2
    assert AlertRequest.objects.by_token(links()[1].split("/")[-2]).get() == waiting


def test_confirming_one_of_two_mails_about_the_same_leaves_nothing_to_confirm(db, time_machine):
    time_machine.move_to("2026-11-23T12:00+00:00")
    ask(Client())
    time_machine.move_to("2026-11-24T12:01+00:00")
    ask(Client())
    Client().post(links()[1])
    Alert.objects.get().discard(timezone.now())

    again = Client().post(links()[0])

    assert "This alert was started before" in text(again)
    assert Alert.objects.kept().count() == 0


def test_after_a_confirmation_there_are_mails_again(visitor_client, db):
    ask(visitor_client)
    visitor_client.post(links()[0])
    AlertRequest.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    AlertRequest.objects.update(confirmed_at=timezone.now())

    ask(Client(), q="rust")

    assert TransactionalMail.objects.count() == 2


def test_what_was_asked_for_meanwhile_is_offered_at_the_confirmation(visitor_client, db):
    ask(visitor_client)
    ask(visitor_client, q="rust")
    other = AlertRequest.objects.get(search__query_string="q=rust")

    page = text(visitor_client.get(links()[0]))
    visitor_client.post(links()[0], {"also": [str(other.pk), "999999", "x"]})

    assert ("“rust”" in page, len(links())) == (True, 1)
    assert sorted(Alert.objects.values_list("search__query_string", flat=True)) == ["q=python", "q=rust"]


def test_five_requests_an_hour_from_one_place(db):
    answers = [ask(Client(), f"victim{n}@example.com") for n in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 2
    assert TransactionalMail.objects.count() == 5
    assert 'value="victim6@example.com"' in text(answers[6])


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a b@example.com", "a@exa\u200dmple.com", "a@example.com\r\nBcc: v@x.test", "é" * 300]
)
def test_a_bad_address_is_told_at_its_field(visitor_client, db, email):
    response = ask(visitor_client, email)

    assert (response.status_code, AlertRequest.objects.count()) == (200, 0)
    assert 'href="#id_email"' in text(response)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 500])
def test_a_time_zone_that_is_none_is_utc(visitor_client, db, zone):
    response = ask(visitor_client, time_zone=zone)

    assert (response.status_code, AlertRequest.objects.get().time_zone) == (302, "UTC")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Mars/X", "We don’t know your browser’s time zone, “Mars/X”, so the alert’s hour is UTC’s."),
        ("<b>" * 50, "“" + "&lt;b&gt;" * 19 + "&lt;b…”, so the alert’s hour is UTC’s."),
    ],
)
def test_a_time_zone_that_we_do_not_know_is_told(visitor_client, db, zone, said):
    page = text(visitor_client.post(NEW, WISH | {"email": "vera@example.com", "time_zone": zone}, follow=True))

    assert said in page


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_of_a_time_zone_that_is_one_or_isnt_there_nothing_is_said(visitor_client, db, zone):
    page = text(visitor_client.post(NEW, WISH | {"email": "vera@example.com", "time_zone": zone}, follow=True))

    assert "time zone" not in page


def test_another_site_cannot_press_the_button(visitor_client, db):
    ask(visitor_client)

    response = visitor_client.post(links()[0], headers={"sec-fetch-site": "cross-site"})

    assert (response.status_code, Alert.objects.count()) == (403, 0)


def test_the_button_works_under_no_referrer(db):
    ask(Client())

    response = Client(enforce_csrf_checks=True).post(links()[0], headers={"origin": "null"})

    assert (response.status_code, Alert.objects.count()) == (302, 1)


def test_a_token_page_leaks_nothing(visitor_client, db):
    ask(visitor_client)

    response = visitor_client.get(links()[0])

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in response.headers["Cache-Control"]
    assert 'src="http' not in text(response)


def test_a_closed_account_gets_no_alert(visitor_client, seeker):
    User.objects.filter(pk=seeker.pk).update(is_active=False)
    ask(visitor_client, seeker.email)

    response = visitor_client.post(links()[0])

    assert (response.status_code, Alert.objects.count(), AlertRequest.objects.get().confirmed_at) == (403, 0, None)
