"""No page of allauth is shown in allauth's own template, and each can be posted by a real browser."""

import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

OURS = str(settings.BASE_DIR / "templates")

# Pages that only pass on, or that answer with something else than a page.
NO_PAGE = {
    "mfa_login_webauthn": "answers with JSON, or redirects to the login page",
    "mfa_download_recovery_codes": "is a text file",
    "socialaccount_signup": "needs an answer from another site",
    "account_set_password": "redirects those who have a password",
    "mfa_deactivate_totp": "needs an app",
    "mfa_reauthenticate": "needs an app",
    "mfa_reauthenticate_webauthn": "needs a real passkey: see test_passkeys.py",
}
FOR_VISITORS = {"account_login", "account_signup", "account_request_login_code"}
HALF_LOGGED_IN = {"account_confirm_login_code", "mfa_authenticate"}


def allauth_names():
    [patterns] = [part for part in get_resolver().url_patterns if str(part.pattern) == "accounts/"]
    return sorted(set(names_in(patterns.url_patterns)))


def names_in(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name
        else:
            yield from names_in(pattern.url_patterns)


def arguments(name, user):
    if name == "account_confirm_email":
        address = EmailAddress.objects.create(user=user, email="next@example.com")
        return [EmailConfirmationHMAC(address).key]
    if name == "account_reset_password_from_key":
        return ["1", "no-key"]
    if name == "mfa_view_recovery_codes":
        RecoveryCodes.activate(user)
    if name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        return [passkey(user).pk]
    return []


def passkey(user):
    data = {"name": "Phone", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def is_our_page(response):
    names = [template.name for template in response.templates if template.name]
    origins = [get_template(name).origin.name for name in names]
    return "base.html" in names and all(Path(origin).is_relative_to(OURS) or "/forms/" in origin for origin in origins)


@pytest.mark.parametrize("name", [name for name in allauth_names() if name not in NO_PAGE.keys() | HALF_LOGGED_IN])
def test_every_page_of_allauth_is_ours(name, member, sure_client):
    client = Client() if name in FOR_VISITORS else sure_client

    response = client.get(reverse(name, args=arguments(name, member)))

    status = {"socialaccount_login_error": 401, "account_reset_password_from_key": 404}.get(name, 200)
    assert (response.status_code, is_our_page(response)) == (status, True)


def test_the_page_for_a_login_code_is_ours(client, member):
    response = client.post("/accounts/login/code/", {"email": member.email}, follow=True)

    assert (response.request["PATH_INFO"], is_our_page(response)) == ("/accounts/login/code/confirm/", True)


def test_the_page_for_a_second_factor_is_ours(client, member, app_secret, login):
    app_secret(member)

    response = login(member).get("/accounts/2fa/authenticate/")

    assert (response.status_code, is_our_page(response)) == (200, True)


@pytest.mark.parametrize("name", ["mfa_deactivate_totp", "mfa_reauthenticate"])
def test_the_pages_of_an_authenticator_app_are_ours(name, member, sure_client, app_secret):
    app_secret(member)

    response = sure_client.get(reverse(name))

    assert (response.status_code, is_our_page(response)) == (200, True)


def test_the_page_to_set_a_first_password_is_ours(member, sure_client):
    member.set_unusable_password()
    member.save()
    sure_client.force_login(member)

    response = sure_client.get("/accounts/password/set/")

    assert (response.status_code, is_our_page(response)) == (200, True)


def test_too_many_tries_are_refused_on_a_page_of_ours(client, db):
    for _ in range(31):
        response = client.post("/accounts/login/", {"login": "x", "password": "x"})

    assert (response.status_code, is_our_page(response)) == (429, True)


@pytest.mark.parametrize("name", [name for name in allauth_names() if name not in NO_PAGE.keys() | HALF_LOGGED_IN])
def test_every_form_carries_its_token_and_no_page_has_inline_style_or_script(name, member, sure_client):
    client = Client() if name in FOR_VISITORS else sure_client

    page = client.get(reverse(name, args=arguments(name, member))).content.decode()

    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.S)
    assert all("csrfmiddlewaretoken" in form for form in forms)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page)
    assert not [
        script
        for script in re.findall(r"<script[^>]*>", page)
        if "src=" not in script and "application/json" not in script
    ]


def test_every_mail_of_allauth_has_words_of_ours():
    folder = Path(__import__("allauth").__file__).parent / "templates"
    unused = {"password_reset_code", "email_confirm"}  # we mail links for these

    for stock in folder.glob("*/email/*_message.txt"):
        name = stock.relative_to(folder)
        if stock.name.removesuffix("_message.txt") in unused | {"base"}:
            continue
        for part in (str(name), str(name).replace("_message", "_subject")):
            assert get_template(part).origin.name.startswith(OURS), part


def test_every_message_of_allauth_has_words_of_ours():
    folder = Path(__import__("allauth").__file__).parent / "templates"

    for stock in folder.glob("*/messages/*.txt"):
        if "phone" not in stock.name:
            assert get_template(str(stock.relative_to(folder))).origin.name.startswith(OURS), stock.name
