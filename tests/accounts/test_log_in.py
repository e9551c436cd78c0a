import re

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

LOG_IN = "/accounts/login/"


def test_a_member_logs_in_and_goes_on_where_they_were(client, member):
    response = client.post(LOG_IN, {"login": "Seeker@Example.com ", "password": PASSWORD, "next": "/plans/"})

    assert (response.status_code, response["Location"]) == (302, "/plans/")
    assert int(client.session["_auth_user_id"]) == member.pk


@pytest.fixture
def zoe(db, post):
    """Has signed up with a domain in letters of her own and confirmed the address."""
    client = Client()
    client.post("/accounts/signup/", {"email": "zoe@exämple.de", "password1": PASSWORD})
    client.post(re.search(r"/accounts/confirm-email/\S+", post().pop().body)[0])
    return User.objects.get()


AS_TYPED = ["zoe@exämple.de", " Zoe@EXÄMPLE.de ", "zoe@xn--exmple-cua.de"]


@pytest.mark.parametrize("address", AS_TYPED)
def test_an_address_with_a_domain_in_other_letters_logs_in_as_it_is_typed(client, zoe, address):
    client.post(LOG_IN, {"login": address, "password": PASSWORD})

    assert int(client.session["_auth_user_id"]) == zoe.pk


def test_an_account_made_on_the_server_has_the_same_spelling(client, db):
    User.objects.create_user("Zoe@exämple.de", PASSWORD).trust_email()

    client.post(LOG_IN, {"login": "zoe@exämple.de", "password": PASSWORD})

    assert client.get("/account/").context["user"].email == "zoe@xn--exmple-cua.de"


@pytest.mark.parametrize("address", AS_TYPED)
@pytest.mark.parametrize(
    ("page", "subject"),
    [("/accounts/login/code/", "Your code"), ("/accounts/password/reset/", "Choose a new password")],
)
def test_an_address_with_a_domain_in_other_letters_is_mailed_as_it_is_typed(client, zoe, post, page, subject, address):
    client.post(page, {"email": address})

    assert [(message.to, message.subject.split(" for ")[0]) for message in post()] == [([zoe.email], subject)]


def test_people_log_in_while_redis_is_away(client, member, dead_redis):
    answer = client.post(LOG_IN, {"login": member.email, "password": PASSWORD})

    assert (answer.status_code, int(client.session["_auth_user_id"])) == (302, member.pk)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https:///evil",
        "/\\evil",
        "javascript:alert(1)",
        "\t//evil",
        "https://us@evil",
        "https://evil.example/",
    ],
)
def test_nobody_is_led_to_another_site(client, member, elsewhere):
    response = client.post(LOG_IN, {"login": member.email, "password": PASSWORD, "next": elsewhere})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_going_on_to_the_logout_page_logs_nobody_out(client, member):
    client.post(LOG_IN, {"login": member.email, "password": PASSWORD, "next": "/accounts/logout/"})

    client.get("/accounts/logout/")

    assert int(client.session["_auth_user_id"]) == member.pk


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client, member):
    wrong = client.post(LOG_IN, {"login": member.email, "password": "not this one, no"})
    unknown = client.post(LOG_IN, {"login": "nobody@example.com", "password": "not this one, no"})

    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert wrong.context["form"].non_field_errors() == ["The e-mail address or the password is not right."]
    assert wrong.context["form"]["login"].value() == member.email


def test_after_five_wrong_passwords_from_anywhere_even_the_right_one_waits(member):
    for number in range(5):
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(LOG_IN, {"login": member.email, "password": "wrong one, sorry"})

    early = Client(REMOTE_ADDR="10.0.1.1").post(LOG_IN, {"login": member.email, "password": PASSWORD})
    with time_machine.travel("2100-01-01"):
        late = Client(REMOTE_ADDR="10.0.1.1").post(LOG_IN, {"login": member.email, "password": PASSWORD})

    assert early.context["form"].non_field_errors() == ["That was too many tries. Wait five minutes and try again."]
    assert late.status_code == 302


def test_a_forged_forwarding_header_makes_no_new_visitor(client, db):
    statuses = [
        client.post(
            LOG_IN, {"login": "x", "password": "x"}, headers={"x-forwarded-for": f"10.9.{number}.1"}
        ).status_code
        for number in range(31)
    ]

    assert statuses == [200] * 30 + [429]


def test_behind_one_proxy_only_its_own_word_counts(client, db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    statuses = [
        client.post(
            LOG_IN, {"login": "x", "password": "x"}, headers={"x-forwarded-for": f"1.2.3.{number}, 8.8.8.8"}
        ).status_code
        for number in range(31)
    ]

    assert statuses[-1] == 429


def test_a_session_planted_by_someone_else_is_replaced(client, member):
    client.get(LOG_IN)
    client.session["planted"] = True
    session = client.session
    session.save()
    planted = session.session_key

    client.post(LOG_IN, {"login": member.email, "password": PASSWORD})

    assert client.session.session_key != planted


def test_a_closed_account_is_told_so(client, member):
    member.is_active = False
    member.save()

    response = client.post(LOG_IN, {"login": member.email, "password": PASSWORD}, follow=True)

    assert (response.request["PATH_INFO"], "_auth_user_id" in client.session) == ("/accounts/inactive/", False)


def code_in(message) -> str:
    return re.search(r"^[A-Z]+-[A-Z]+$", message.body, re.M)[0]


def test_a_code_from_a_mail_logs_in(client, member, post):
    asked = client.post("/accounts/login/code/", {"email": member.email, "next": "/plans/"}, follow=True)
    [message] = post()
    entered = client.post("/accounts/login/code/confirm/", {"code": code_in(message), "next": "/plans/"})

    assert (asked.request["PATH_INFO"], message.to) == ("/accounts/login/code/confirm/", [member.email])
    assert (entered.status_code, entered["Location"]) == (302, "/plans/")
    assert int(client.session["_auth_user_id"]) == member.pk


def test_asking_for_a_code_doesnt_tell_who_has_an_account(member, post):
    known, unknown = Client(), Client()

    answers = [
        client.post("/accounts/login/code/", {"email": address}, follow=True)
        for client, address in ((known, member.email), (unknown, "nobody@example.com"))
    ]

    assert [answer.redirect_chain for answer in answers] == [[("/accounts/login/code/confirm/", 302)]] * 2
    assert [len(message.to) for message in post()] == [1, 1]
    pages = [re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode()) for answer in answers]
    assert pages[0].replace(member.email, "nobody@example.com") == pages[1]


def test_five_wrong_codes_end_the_try_and_each_says_how_many_are_left(client, member):
    client.post("/accounts/login/code/", {"email": member.email})

    answers = [client.post("/accounts/login/code/confirm/", {"code": "AAAA-BBBB"}) for _ in range(5)]
    page = client.get(answers[-1].url).content.decode()

    said = [answer.context["form"].errors["code"] for answer in answers[:-1]]
    assert said == [
        ["This code is not right. 4 tries are left."],
        ["This code is not right. 3 tries are left."],
        ["This code is not right. 2 tries are left."],
        ["This code is not right. 1 try is left."],
    ]
    assert (answers[-1].status_code, answers[-1].url) == (302, "/accounts/login/code/")
    assert "That was the last try with this code. Ask for a new one here." in page


def test_after_the_last_try_a_new_code_can_be_asked_for_at_once(client, member, post):
    client.post("/accounts/login/code/", {"email": member.email})
    for _ in range(5):
        client.post("/accounts/login/code/confirm/", {"code": "AAAA-BBBB"})

    client.post("/accounts/login/code/", {"email": member.email})
    entered = client.post("/accounts/login/code/confirm/", {"code": code_in(post()[-1])})

    assert (entered.status_code, int(client.session["_auth_user_id"])) == (302, member.pk)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter the code from the mail."),
        (" ", "Enter the code from the mail."),
        ("\x00", "Enter the code from the mail."),
        ("BCDF\x00", "A code has eight letters, such as BCDF-GHJK."),
        ("BCDF-GHJ", "A code has eight letters, such as BCDF-GHJK."),
        ("12345678", "A code has eight letters, such as BCDF-GHJK."),
        ("ÄÖÜẞ-ÄÖÜẞ", "A code has eight letters, such as BCDF-GHJK."),
        ("B" * 5000, "A code has eight letters, such as BCDF-GHJK."),
    ],
)
def test_what_can_be_no_code_is_told_at_the_field_and_costs_no_try(client, member, post, typed, said):
    client.post("/accounts/login/code/", {"email": member.email})

    answers = [client.post("/accounts/login/code/confirm/", {"code": typed}) for _ in range(6)]
    entered = client.post("/accounts/login/code/confirm/", {"code": f" {code_in(post()[-1]).lower()} "})

    assert [answer.context["form"].errors for answer in answers] == [{"code": [said]}] * 6
    assert (entered.status_code, int(client.session["_auth_user_id"])) == (302, member.pk)


def test_logging_out_needs_a_post_and_clears_what_the_browser_keeps(member_client):
    asked = member_client.get("/accounts/logout/")
    done = member_client.post("/accounts/logout/")

    assert (asked.status_code, done.status_code, done["Location"]) == (200, 302, "/")
    assert (done["Clear-Site-Data"], "_auth_user_id" in member_client.session) == ('"cache"', False)


def test_account_pages_stay_out_of_caches_and_search_engines(member_client):
    response = member_client.get("/account/")

    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "same-origin")
    assert "no-store" in response["Cache-Control"]


def test_logging_out_elsewhere_ends_the_other_sessions_only(client, member, login):
    here, there = login(member), Client()
    there.post(LOG_IN, {"login": member.email, "password": PASSWORD}, headers={"user-agent": "Firefox on Windows"})

    page = here.get("/accounts/sessions/")
    here.post("/accounts/sessions/")

    assert len(page.context["sessions"]) == 2
    assert "Firefox on Windows" in page.content.decode()
    assert [client.get("/account/").status_code for client in (here, there)] == [200, 302]


@pytest.mark.parametrize(
    ("https", "session", "csrf"), [(True, "__Host-session", "__Host-csrf"), (False, "session", "csrf")]
)
def test_cookies_are_bound_to_the_host_when_there_is_https(https, session, csrf):
    import os
    import subprocess
    import sys

    address = "https://jobs.example.org" if https else "http://localhost:8000"
    code = (
        "from jobboard import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    )

    output = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"SITE_URL": address}, capture_output=True, check=True
    )

    assert output.stdout.decode().split() == [session, csrf, str(https)]
