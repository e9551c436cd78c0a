"""Staff enter the admin through the site's own login, with a second factor, and daily."""

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD, client_of

ADMIN = "/admin/"


@pytest.fixture
def newcomer(db):
    """One of the staff who has no second factor yet."""
    user = User.objects.create_user("newcomer@example.com", PASSWORD, is_staff=True)
    user.trust_email()
    return user


@pytest.fixture
def helper(newcomer, app_secret):
    """One of the staff with an authenticator app."""
    app_secret(newcomer)
    return newcomer


def test_a_visitor_is_led_to_the_sites_own_login(client, db):
    response = client.get("/admin/accounts/user/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/admin/accounts/user/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admins_own_login_form_is_out_of_use(client, db, method):
    response = getattr(client, method)("/admin/login/", {"username": "x", "password": "x"})

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_a_seeker_is_refused(seeker_client):
    assert seeker_client.get(ADMIN).status_code == 403


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/accounts/user/", "/admin/password_change/", "/admin/no-such-page/"]
)
def test_staff_without_a_second_factor_are_led_to_set_one_up(newcomer, address):
    response = client_of(newcomer).get(address)

    assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/")


def test_being_led_there_says_why(newcomer):
    page = client_of(newcomer).get(ADMIN, follow=True)

    assert "Staff need a passkey or an authenticator app" in page.content.decode()


def test_recovery_codes_alone_are_no_second_factor(newcomer):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    RecoveryCodes.activate(newcomer)

    assert client_of(newcomer).get(ADMIN).status_code == 302


def test_staff_with_a_second_factor_enter(helper):
    assert client_of(helper).get(ADMIN).status_code == 200


def test_staff_cant_turn_off_their_only_second_factor(helper, app_secret):
    client = Client()
    client.force_login(helper)
    page = client.get("/accounts/2fa/totp/deactivate/", follow=True)
    client.post(page.request["PATH_INFO"], {"password": PASSWORD, "next": "/accounts/2fa/totp/deactivate/"})

    page = client.post("/accounts/2fa/totp/deactivate/")

    assert page.context["form"].non_field_errors() == [
        "Staff need an authenticator app or a passkey. Add another one first."
    ]


def visit(client, start, *minutes):
    """The status of the account page at each of the minutes after the start."""
    statuses = []
    for minute in minutes:
        with time_machine.travel(start.replace(hour=8 + minute // 60, minute=minute % 60), tick=False):
            statuses.append(client.get("/account/").status_code)
    return statuses


def test_a_staff_session_ends_after_half_an_hour_without_a_page(helper):
    from datetime import UTC, datetime

    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = client_of(helper)

    assert visit(client, start, 0, 29, 58, 89) == [200, 200, 200, 302]


def test_a_staff_session_ends_after_eight_hours_however_busy(helper):
    from datetime import UTC, datetime

    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = client_of(helper)

    assert visit(client, start, *range(0, 500, 20)) == [200] * 25
    assert visit(client, start, 481) == [302]


def test_a_seekers_session_outlasts_the_day(seeker):
    from datetime import UTC, datetime

    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = client_of(seeker)

    assert visit(client, start, 0, 600, 900) == [200, 200, 200]


def test_staff_who_are_in_already_go_from_the_login_to_the_page_they_asked_for(helper):
    client = client_of(helper)

    answers = [client.get("/admin/login/"), client.get("/admin/login/?next=/admin/jobs/job/")]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, "/admin/"),
        (302, "/admin/jobs/job/"),
    ]
