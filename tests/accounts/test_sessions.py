import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.templatetags.devices import device
from tests.conftest import PASSWORD

SESSIONS = "/accounts/sessions/"


def log_in_elsewhere(user, times=1):
    for _ in range(times):
        Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})


@pytest.mark.parametrize("others", [2, 29])
def test_the_list_costs_the_same_for_few_and_many_sessions(member, member_client, others, django_assert_num_queries):
    for number in range(others):
        client = Client()
        client.force_login(member)
        UserSession.objects.create(
            user=member, ip="127.0.0.1", session_key=client.session.session_key, user_agent=f"{number}"
        )

    with django_assert_num_queries(4):
        page = member_client.get(SESSIONS)

    assert len(page.context["sessions"]) == others + 1


def test_sessions_that_are_over_are_not_listed(member, member_client):
    log_in_elsewhere(member, times=2)
    first, second, _here = UserSession.objects.order_by("-created_at")
    Session.objects.get(session_key=first.session_key).delete()
    Session.objects.filter(session_key=second.session_key).update(expire_date="2020-01-01T00:00Z")

    sessions = member_client.get(SESSIONS).context["sessions"]

    assert [session.session_key for session in sessions] == [member_client.session.session_key]


def test_sessions_from_before_a_new_password_are_not_listed(member, login):
    log_in_elsewhere(member)
    member.set_password("seven unlikely pelicans")
    member.save()

    sessions = login(member, "seven unlikely pelicans").get(SESSIONS).context["sessions"]

    assert len(sessions) == 1


def test_a_stranger_keeps_their_sessions(member, member_client, stranger):
    stranger.trust_email()
    log_in_elsewhere(stranger)

    member_client.post(SESSIONS)

    assert UserSession.objects.filter(user=stranger).count() == 1


def test_a_visitor_is_asked_to_log_in(client, db):
    assert client.get(SESSIONS)["Location"] == "/accounts/login/?next=/accounts/sessions/"


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/131.0.0.0", "Edge on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        ("curl/8.5", "curl/8.5"),
        ("", "Unknown browser"),
    ],
)
def test_a_session_is_called_what_people_call_the_thing(user_agent, words):
    assert device(user_agent) == words
