import json

import pyotp
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD

SECOND = "/accounts/2fa/authenticate/"


def halfway(user):
    client = Client()
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, "next": "/plans/"})
    assert response["Location"].startswith(SECOND)
    return client


def is_logged_in(client):
    return "_auth_user_id" in client.session


def test_an_app_is_set_up_with_its_code_and_gives_recovery_codes(sure_client, post, django_capture_on_commit_callbacks):
    page = sure_client.get("/accounts/2fa/totp/activate/")
    code = pyotp.TOTP(page.context["form"].secret).now()

    with django_capture_on_commit_callbacks(execute=True):
        answer = sure_client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)

    assert answer.redirect_chain == [("/accounts/2fa/recovery-codes/", 302)]
    assert len(answer.context["unused_codes"]) == 10
    assert [message.subject for message in post()] == ["Authenticator app set up at Openings"]


def test_the_picture_to_scan_holds_the_key_and_needs_no_inline_style(sure_client):
    page = sure_client.get("/accounts/2fa/totp/activate/")

    assert page.context["form"].secret in page.context["totp_url"]
    assert '<svg class="qr"' in page.content.decode()


def test_a_wrong_code_is_refused_at_the_field_and_the_key_stays(sure_client):
    key = sure_client.get("/accounts/2fa/totp/activate/").context["form"].secret

    page = sure_client.post("/accounts/2fa/totp/activate/", {"code": "000000"})

    assert page.context["form"].errors == {"code": ["This code is not right, or it has been used."]}
    assert page.context["form"].secret == key


def test_the_password_alone_lets_nobody_in(member, app_secret):
    app_secret(member)

    client = halfway(member)

    assert (is_logged_in(client), client.get("/account/").status_code) == (False, 302)


def test_the_apps_code_completes_the_login_where_one_wanted_to_go(member, app_secret):
    secret = app_secret(member)
    client = halfway(member)

    answer = client.post(SECOND, {"code": pyotp.TOTP(secret).now()})

    assert (answer["Location"], is_logged_in(client)) == ("/plans/", True)


def test_an_apps_code_works_once(member, app_secret):
    secret = app_secret(member)
    with time_machine.travel(timezone.now().replace(second=5), tick=False):
        code = pyotp.TOTP(secret).now()
        first, second = halfway(member), halfway(member)
        first.post(SECOND, {"code": code})

        page = second.post(SECOND, {"code": code})

    assert (is_logged_in(first), is_logged_in(second)) == (True, False)
    assert page.context["form"].errors == {"code": ["This code is not right, or it has been used."]}


def test_a_recovery_code_works_once(member, app_secret):
    app_secret(member)
    code = RecoveryCodes.activate(member).generate_codes()[0]
    first, second = halfway(member), halfway(member)

    first.post(SECOND, {"code": code})
    second.post(SECOND, {"code": code})

    assert (is_logged_in(first), is_logged_in(second)) == (True, False)


def test_recovery_codes_are_shown_once(sure_client, member, app_secret):
    app_secret(member)

    made = sure_client.post("/accounts/2fa/recovery-codes/generate/", follow=True)
    code = made.context["unused_codes"][0]
    again = Client()
    again.cookies = sure_client.cookies
    RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).mark_as_viewed()

    assert code in made.content.decode()
    assert code not in sure_client.get("/accounts/2fa/recovery-codes/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
        "/account/deletion/",
        "/account/export/",
    ],
)
def test_what_matters_asks_for_the_password_again(member_client, address):
    response = member_client.get(address)

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")


def test_secrets_are_encrypted_at_rest(member, app_secret):
    secret = app_secret(member)
    RecoveryCodes.activate(member)

    kept = list(Authenticator.objects.values_list("data", flat=True))

    assert secret not in str(kept)
    assert all("gAAAA" in str(data) for data in kept)


def test_secrets_outlive_a_change_of_the_secret_key(member, app_secret, settings):
    secret = app_secret(member)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    client = halfway(member)

    client.post(SECOND, {"code": pyotp.TOTP(secret).now()})

    assert is_logged_in(client)


def test_five_wrong_codes_lock_the_second_step(member, app_secret):
    secret = app_secret(member)
    client = halfway(member)
    for _ in range(5):
        client.post(SECOND, {"code": "000000"})

    page = client.post(SECOND, {"code": pyotp.TOTP(secret).now()})

    assert page.context["form"].errors == {"code": ["That was too many tries. Wait five minutes and try again."]}


ID = "AAAA"
FORGED = [
    "",
    "null",
    "[]",
    "{}",
    '{"id": "x"}',
    '{"response": {"userHandle": "!!"}}',
    "\0",
    "{" * 500,
    json.dumps({"id": ID, "rawId": ID, "type": "public-key", "response": {}}),
    json.dumps(
        {
            "id": ID,
            "rawId": ID,
            "type": "public-key",
            "response": dict.fromkeys(["clientDataJSON", "authenticatorData", "signature", "userHandle"], ID),
        }
    ),
    json.dumps({"id": 7, "rawId": [], "type": None, "response": {"clientDataJSON": {}, "attestationObject": 7}}),
]


@pytest.mark.parametrize("credential", FORGED)
def test_a_forged_passkey_logs_nobody_in_and_makes_no_error(db, credential):
    response = Client(raise_request_exception=False).post("/accounts/2fa/webauthn/login/", {"credential": credential})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")


@pytest.mark.parametrize("credential", FORGED)
def test_a_forged_passkey_is_not_added(sure_client, member, credential):
    sure_client.get("/accounts/2fa/webauthn/add/")

    page = sure_client.post("/accounts/2fa/webauthn/add/", {"name": "Phone", "credential": credential})

    assert (page.status_code, bool(page.context["form"].errors), Authenticator.objects.count()) == (200, True, 0)
    assert page.context["form"]["name"].value() == "Phone"
