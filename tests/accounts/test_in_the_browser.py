"""What only a browser can show: passkeys, the guessed time zone, and pages without JavaScript."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def tab(chromium, live_server, settings, complaints):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    context = chromium.new_context(base_url=live_server.url, timezone_id="Europe/Vienna")
    tab = context.new_page()
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    context.close()


@pytest.fixture
def device(tab):
    """A device with a fingerprint reader, as far as the browser knows."""
    protocol = tab.context.new_cdp_session(tab)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return lambda: protocol.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]


@pytest.fixture
def staff(db):
    user = User.objects.create_user("editor@example.com", PASSWORD, is_staff=True)
    user.trust_email()
    return user


def log_in(tab, user, then="/account/"):
    tab.goto(f"/accounts/login/?next={then}")
    tab.get_by_label("E-mail address").fill(user.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.locator("main").get_by_role("button", name="Log in", exact=True).click()


def test_a_passkey_is_added_and_logs_in_by_itself(tab, device, seeker, complaints):
    seeker.trust_email()
    log_in(tab, seeker)
    tab.get_by_role("link", name="Passkeys and codes").click()
    tab.get_by_role("link", name="Add a passkey").click()
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_label("Name").fill("Phone")
    tab.get_by_role("button", name="Add passkey").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()

    tab.context.clear_cookies()
    tab.goto("/accounts/login/?next=/plans/")
    tab.get_by_role("button", name="Log in with a passkey").click()
    tab.wait_for_url("**/plans/")

    assert (len(device()), Authenticator.objects.get(type="webauthn").wrap().name) == (1, "Phone")
    expect(tab.get_by_text("seeker@example.com")).to_have_count(1)
    assert complaints == []


def test_a_passkey_is_the_second_step_and_the_proof_before_a_change(tab, device, seeker, complaints):
    seeker.trust_email()
    log_in(tab, seeker, then="/accounts/2fa/webauthn/add/")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_label("Log in with it alone").uncheck()
    tab.get_by_role("button", name="Add passkey").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
    tab.context.clear_cookies()

    log_in(tab, seeker)
    tab.get_by_role("button", name="Use my passkey").click()
    tab.wait_for_url("**/account/")
    tab.goto("/account/deletion/")
    tab.get_by_role("link", name="Use a security key").click()
    tab.get_by_role("button", name="Use my passkey").click()

    expect(tab.get_by_role("button", name="Delete my account")).to_be_visible()
    assert complaints == []


def test_staff_are_led_to_a_passkey_and_then_into_the_admin(tab, device, staff):
    log_in(tab, staff, then="/admin/")
    expect(tab.get_by_text("Staff need a passkey or an authenticator app")).to_be_visible()
    tab.get_by_role("link", name="Add a passkey").click()
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_role("button", name="Add passkey").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()

    tab.goto("/admin/")

    assert tab.url.endswith("/admin/")


def test_a_cancelled_passkey_says_so_and_can_be_tried_again(tab, seeker):
    tab.goto("/accounts/login/")
    tab.evaluate(
        "() => { navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
    )

    tab.get_by_role("button", name="Log in with a passkey").click()

    expect(tab.get_by_role("alert")).to_have_text("That was cancelled or took too long. Try again.")
    expect(tab.get_by_role("button", name="Log in with a passkey")).to_be_enabled()


def test_the_browsers_time_zone_is_offered_at_sign_up(tab):
    tab.goto("/accounts/signup/")
    tab.get_by_label("E-mail address").fill("new@example.com")
    tab.get_by_label("Password").fill("seven unlikely pelicans")

    tab.get_by_role("button", name="Make account").click()
    tab.wait_for_url("**/confirm-email/")

    assert User.objects.get().time_zone == "Europe/Vienna"


def test_without_javascript_one_signs_up_and_logs_in_with_a_password(chromium, live_server, seeker):
    seeker.trust_email()
    tab = chromium.new_context(base_url=live_server.url, java_script_enabled=False).new_page()

    log_in(tab, seeker)
    theme = tab.locator("html").get_attribute("data-theme")
    tab.get_by_label("Dark").check()
    tab.get_by_role("button", name="Save profile").click()

    expect(tab.get_by_text("Your profile is saved.")).to_be_visible()
    assert (theme, tab.locator("html").get_attribute("data-theme")) == (None, "dark")
    assert User.objects.get().theme == "dark"


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/plans/", "/accounts/password/reset/"])
def test_no_page_is_wider_than_a_phone(chromium, live_server, address):
    tab = chromium.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}).new_page()

    tab.goto(address)

    assert tab.evaluate("document.documentElement.scrollWidth") == 320


def test_the_login_form_is_reached_and_sent_by_keyboard(tab, seeker):
    seeker.trust_email()
    tab.goto("/accounts/login/?next=/plans/")
    tab.get_by_label("E-mail address").focus()
    tab.keyboard.type(seeker.email)
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)

    tab.keyboard.press("Enter")

    tab.wait_for_url("**/plans/")


def test_after_a_log_in_in_another_tab_a_form_is_sent_again_with_what_was_typed(tab, seeker):
    seeker.trust_email()
    tab.goto("/alerts/new/?q=python")
    log_in(tab.context.new_page(), seeker)
    expect(tab.context.pages[-1]).to_have_url(re.compile("/account/$"))
    tab.get_by_label("Your e-mail address").fill("vera@example.com")

    tab.get_by_role("button", name="Keep alert").click()
    tab.get_by_role("button", name="Send it again").click()

    expect(tab).to_have_url(re.compile("/alerts/$"))
    assert "python" in seeker.alerts.get().name
