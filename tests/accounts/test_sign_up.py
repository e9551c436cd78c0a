import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User

SIGN_UP = "/accounts/signup/"
PASSWORD = "seven unlikely pelicans"


def token_on(page) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


def link_in(message):
    return re.search(r"https?://[^/]+(/\S+)", message.body)[1]


def test_someone_signs_up_confirms_by_mail_and_is_where_they_wanted_to_go(client, db, post):
    answer = client.post(SIGN_UP, {"email": "New@Example.com", "password1": PASSWORD, "next": "/plans/"})
    [message] = post()
    confirmed = client.post(link_in(message))

    user = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    assert (message.to, message.subject) == (["new@example.com"], "Confirm your address for Openings")
    assert (user.email, user.emailaddress_set.get().verified) == ("new@example.com", True)
    assert (confirmed["Location"], int(client.session["_auth_user_id"])) == ("/plans/", user.pk)


def test_a_mail_scanner_that_follows_the_link_confirms_nothing(client, db, post):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})
    [message] = post()

    page = Client().get(link_in(message))

    assert (page.status_code, EmailAddress.objects.get().verified) == (200, False)
    assert "Yes, confirm" in page.content.decode()


def test_confirming_in_a_second_tab_says_what_happened_and_leads_on(db, post):
    client = Client(enforce_csrf_checks=True)
    answers = {"email": "new@example.com", "password1": PASSWORD}
    client.post(SIGN_UP, answers | {"csrfmiddlewaretoken": token_on(client.get(SIGN_UP))})
    [message] = post()
    link = link_in(message)
    one_tab, other_tab = token_on(client.get(link)), token_on(client.get(link))

    client.post(link, {"csrfmiddlewaretoken": one_tab})
    second = client.post(link, {"csrfmiddlewaretoken": other_tab})
    page = client.get(link).content.decode()

    assert second.status_code == 403
    assert "You may have logged in or out in another tab" in second.content.decode()
    assert f'href="{link}"' in second.content.decode()
    assert "You are logged in." in page
    assert 'href="/accounts/email/"' in page


def test_an_unconfirmed_account_is_not_let_in(client, db, post):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})

    answer = Client().post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(client, member, post):
    new = client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})
    known = Client().post(SIGN_UP, {"email": member.email, "password1": PASSWORD})
    messages = post()

    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    assert [(message.to, message.subject) for message in messages] == [
        (["new@example.com"], "Confirm your address for Openings"),
        ([member.email], "You have an account at Openings"),
    ]
    assert Client().get(known["Location"]).content == Client().get(new["Location"]).content
    assert "that sends you a new link" in Client().get(new["Location"]).content.decode()


def test_logging_in_unconfirmed_sends_a_new_link_after_a_while(client, db, post):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        Client().post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD})
        messages = post()

    assert [message.subject for message in messages] == ["Confirm your address for Openings"] * 2


def test_a_known_address_costs_as_much_hashing_as_a_new_one(client, member, monkeypatch):
    hashed = []
    from django.contrib.auth.hashers import Argon2PasswordHasher

    encode = Argon2PasswordHasher.encode
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))

    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})
    for_a_new_one = len(hashed)
    Client().post(SIGN_UP, {"email": member.email, "password1": PASSWORD})

    assert (for_a_new_one, len(hashed) - for_a_new_one) == (1, 1)


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "a",
        "a@",
        "@b",
        "a@b@c",
        "x" * 250 + "@a.co",
        "a@b.co\r\nBcc: v@x.y",
        "jo\u200d@example.com",
        "jo@exam\u200dple.com",
        "jo\u00a0hn@example.com",
    ],
)
def test_what_is_no_address_is_refused_at_the_field_and_kept_in_it(client, db, post, address):
    page = client.post(SIGN_UP, {"email": address, "password1": PASSWORD})

    assert (page.status_code, "email" in page.context["form"].errors, User.objects.count(), post()) == (
        200,
        True,
        0,
        [],
    )
    assert page.context["form"]["email"].value() == address


@pytest.mark.parametrize("address", [" New@example.com ", "ne\u200bw@example.com\u00a0", "new@ＥXAMPLE.com"])
def test_spellings_of_one_address_are_one_account(client, db, address):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD})

    Client().post(SIGN_UP, {"email": address, "password1": PASSWORD})

    assert [user.email for user in User.objects.all()] == ["new@example.com"]


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short", "too short"),
        ("xy" * 65, "at most 128"),
        ("xy" * 2048, "at most 128"),
        (" " * 12, "more than spaces"),
        ("\u200b" * 12, "more than spaces"),
        ("aaaaaaaaaaaa", "more than one character"),
        ("a a a a a a a ", "more than one character"),
        ("nul in the \0 middle", "Null characters"),
        ("password1234", "too common"),
        ("123456789012345", "entirely numeric"),
        ("new@example.com", "too similar"),
    ],
)
def test_a_bad_password_is_refused_at_the_field(client, db, password, complaint):
    page = client.post(SIGN_UP, {"email": "new@example.com", "password1": password})

    assert complaint in str(page.context["form"].errors["password1"])
    assert User.objects.count() == 0


@pytest.mark.parametrize("password", ["x y " * 32, "🦩🐊" * 64, "ünïcödé and spaces  "])
def test_a_long_password_is_kept_whole(client, db, password):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": password})

    user = User.objects.get()
    assert (user.check_password(password), user.check_password(password[:-1])) == (True, False)
    assert user.password.startswith("argon2")


def test_a_robot_that_fills_the_hidden_field_gets_the_same_answer_and_nothing_else(client, db, post):
    person = client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD, "homepage": ""})
    robot = Client().post(SIGN_UP, {"email": "bot@example.com", "password1": PASSWORD, "homepage": "http://x"})

    assert (robot.status_code, robot["Location"]) == (person.status_code, person["Location"])
    assert [message.to for message in post()] == [["new@example.com"]]
    assert not User.objects.filter(email="bot@example.com").exists()


@pytest.mark.parametrize(
    ("zone", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("../../x", "UTC"), ("Etc/GMT+99", "UTC")]
)
def test_the_browsers_time_zone_is_taken_when_there_is_such_a_one(client, db, zone, kept):
    client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD, "time_zone": zone})

    assert User.objects.get().time_zone == kept


@pytest.mark.django_db(transaction=True)
def test_fifty_sign_ups_of_one_address_six_at_once_make_one_account_and_no_error():
    def sign_up(number):
        client = Client(raise_request_exception=False, REMOTE_ADDR=f"10.0.0.{number}")
        status = client.post(SIGN_UP, {"email": "new@example.com", "password1": PASSWORD}).status_code
        connections.close_all()
        return status

    with ThreadPoolExecutor(max_workers=6) as threads:
        statuses = list(threads.map(sign_up, range(50)))

    assert (User.objects.count(), statuses) == (1, [302] * 50)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_a_dead_link_to_confirm_is_not_found_and_leads_on(method):
    page = getattr(Client(), method)("/accounts/confirm-email/xx/")

    main = page.content.decode().split("<main")[1]
    assert page.status_code == 404
    assert "<h1>This link is not valid any more</h1>" in main
    assert 'href="/accounts/login/">Log in</a>' in main


def test_a_dead_link_to_confirm_leads_somebody_logged_in_to_their_address(seeker_client):
    page = seeker_client.get("/accounts/confirm-email/xx/")

    assert page.status_code == 404
    assert 'href="/accounts/email/">Your e-mail address</a>' in page.content.decode()
