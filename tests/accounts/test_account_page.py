import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from subscriptions.models import ComplimentaryPlus
from tests.conftest import waiting_for_a_lock
from tests.workers import wait_until

ACCOUNT = "/account/"
PROFILE = {
    "name": "Sina",
    "time_zone": "Europe/Vienna",
    "country": "AT",
    "locale": "de-AT",
    "theme": "dark",
    "wants_news": "on",
}
KEPT = ["name", "time_zone", "country", "locale", "theme", "wants_news", "wants_reminders"]


def test_a_visitor_is_asked_to_log_in(client, db):
    assert client.get(ACCOUNT)["Location"] == "/accounts/login/?next=/account/"


def test_the_profile_is_kept(seeker_client, seeker):
    response = seeker_client.post(ACCOUNT, PROFILE, follow=True)

    kept = User.objects.values(*KEPT).get(pk=seeker.pk)
    assert kept == PROFILE | {"wants_news": True, "wants_reminders": False}
    assert "Your profile is saved." in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "../../x"),
        ("time_zone", "Etc/GMT+99"),
        ("time_zone", ""),
        ("locale", "../../x"),
        ("locale", "xx-YY"),
        ("country", "ZZ"),
        ("country", "at"),
        ("theme", "pink"),
        ("name", "x" * 121),
    ],
)
def test_what_cant_be_kept_is_refused_at_its_field_and_the_rest_stays_typed(seeker_client, seeker, field, value):
    page = seeker_client.post(ACCOUNT, PROFILE | {"country": "DE"} | {field: value})

    assert (page.status_code, list(page.context["form"].errors)) == (200, [field])
    assert page.context["form"]["locale" if field != "locale" else "name"].value() in ("de-AT", "Sina")
    assert User.objects.get().name == "Sina Seeker"


def test_a_zone_kept_under_an_older_name_stays(seeker_client, seeker):
    User.objects.update(time_zone="US/Eastern")

    seeker_client.post(ACCOUNT, PROFILE | {"time_zone": "US/Eastern"})

    assert User.objects.get().time_zone == "US/Eastern"


def test_the_page_links_everything_about_the_account(seeker_client):
    page = seeker_client.get(ACCOUNT).content.decode()

    for address in (
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/alerts/",
        "/plans/",
        "/account/deletion/",
    ):
        assert f'href="{address}"' in page


def test_the_page_costs_two_queries(seeker_client, django_assert_num_queries):
    with django_assert_num_queries(2):
        seeker_client.get(ACCOUNT)


def test_someone_takes_their_data_away(sure_client, member, stranger):
    ComplimentaryPlus.objects.create(user=member, reason="wrote a guide", started_at=timezone.now())
    ComplimentaryPlus.objects.create(user=stranger, reason="someone else", started_at=timezone.now())

    response = sure_client.get("/account/export/")

    data = json.loads(response.content)
    assert response["Content-Disposition"] == 'attachment; filename="my-account.json"'
    assert data["account"]["email"] == "seeker@example.com"
    assert data["account"]["addresses"] == [{"email": "seeker@example.com", "verified": True, "primary": True}]
    assert [session["ip"] for session in data["account"]["sessions"]] == ["127.0.0.1"]
    assert [grant["reason"] for grant in data["complimentary_plus"]] == ["wrote a guide"]
    assert "password" not in response.content.decode()
    assert stranger.email not in response.content.decode()


def test_deleting_an_account_leaves_nothing_and_tells_its_owner(sure_client, member, post):
    ComplimentaryPlus.objects.create(user=member, reason="wrote a guide", started_at=timezone.now())
    session = sure_client.session.session_key

    response = sure_client.post("/account/deletion/", {"sure": "on"}, follow=True)

    assert (User.objects.count(), ComplimentaryPlus.objects.count(), UserSession.objects.count()) == (0, 0, 0)
    assert not Session.objects.filter(session_key=session).exists()
    assert "Your account is deleted." in response.content.decode()
    assert [(message.to, message.subject) for message in post()] == [
        (["seeker@example.com"], "Your account at Openings is deleted")
    ]


@pytest.mark.django_db(transaction=True)
def test_three_clicks_at_once_delete_once_and_send_one_mail(sure_client, member, post):
    def click(number):
        client = Client(raise_request_exception=False)
        client.cookies = sure_client.cookies.copy()
        answer = client.post("/account/deletion/", {"sure": "on"})
        connection.close()
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(3) as threads:
        with transaction.atomic():
            User.objects.select_for_update().get()
            answers = threads.map(click, range(3))
            wait_until(lambda: waiting_for_a_lock() == 3)
        assert list(answers) == [(302, "/")] * 3

    assert User.objects.count() == 0
    assert [message.subject for message in post()] == ["Your account at Openings is deleted"]


def test_nothing_is_deleted_by_a_click_alone(sure_client, member):
    response = sure_client.post("/account/deletion/")

    assert (response.status_code, User.objects.count()) == (200, 1)
    assert response.context["form"].errors == {"sure": ["Tick this to delete the account."]}


def test_looking_at_the_page_deletes_nothing(sure_client, member):
    sure_client.get("/account/deletion/")

    assert User.objects.count() == 1


def test_the_grant_given_by_someone_deleted_stays_with_its_owner(sure_client, member, stranger):
    grant = ComplimentaryPlus.objects.create(user=stranger, granted_by=member, reason="x", started_at=timezone.now())

    sure_client.post("/account/deletion/", {"sure": "on"})

    grant.refresh_from_db()
    assert (grant.user, grant.granted_by) == (stranger, None)


def test_the_only_superuser_stays(sure_client, member):
    User.objects.update(is_superuser=True, is_staff=True)

    response = sure_client.post("/account/deletion/", {"sure": "on"}, follow=True)

    assert User.objects.count() == 1
    assert "Nobody else is a superuser. Make someone else one first." in response.content.decode()


def test_one_of_two_superusers_may_go(sure_client, member, stranger):
    User.objects.update(is_superuser=True)

    sure_client.post("/account/deletion/", {"sure": "on"})

    assert list(User.objects.all()) == [stranger]


@pytest.mark.parametrize("providers", [{}, {"github": {}}])
def test_connected_accounts_have_a_place_when_there_is_something_to_connect(seeker_client, settings, providers):
    settings.SOCIALACCOUNT_PROVIDERS = providers

    page = seeker_client.get(ACCOUNT).content.decode()

    assert ("/accounts/3rdparty/" in page) == bool(providers)
