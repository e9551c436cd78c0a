"""What only a browser can show: passkeys, the guessed time zone, and pages without JavaScript."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect, sync_playwright

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def page(browser, live_server, settings, complaints):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    context = browser.new_context(base_url=live_server.url, timezone_id="Europe/Vienna")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture
def device(page):
    """A device with a fingerprint reader, as far as the browser knows."""
    protocol = page.context.new_cdp_session(page)
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


def log_in(page, user, then="/account/"):
    page.goto(f"/accounts/login/?next={then}")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in", exact=True).click()


def test_a_passkey_is_added_and_logs_in_by_itself(page, device, seeker, complaints):
    seeker.trust_email()
    log_in(page, seeker)
    page.get_by_role("link", name="Passkeys and codes").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("Phone")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/plans/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/plans/")

    assert (len(device()), Authenticator.objects.get(type="webauthn").wrap().name) == (1, "Phone")
    expect(page.get_by_text("seeker@example.com")).to_have_count(1)
    assert complaints == []


def test_a_passkey_is_the_second_step_and_the_proof_before_a_change(page, device, seeker, complaints):
    seeker.trust_email()
    log_in(page, seeker, then="/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Log in with it alone").uncheck()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, seeker)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/account/")
    page.goto("/account/deletion/")
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Use my passkey").click()

    expect(page.get_by_role("button", name="Delete my account")).to_be_visible()
    assert complaints == []


def test_staff_are_led_to_a_passkey_and_then_into_the_admin(page, device, staff):
    log_in(page, staff, then="/admin/")
    expect(page.get_by_text("Staff need a passkey or an authenticator app")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.goto("/admin/")

    assert page.url.endswith("/admin/")


def test_a_cancelled_passkey_says_so_and_can_be_tried_again(page, seeker):
    page.goto("/accounts/login/")
    page.evaluate(
        "() => { navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
    )

    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_role("alert")).to_have_text("That was cancelled or took too long. Try again.")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_enabled()


def test_the_browsers_time_zone_is_offered_at_sign_up(page):
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail address").fill("new@example.com")
    page.get_by_label("Password").fill("seven unlikely pelicans")

    page.get_by_role("button", name="Make account").click()
    page.wait_for_url("**/confirm-email/")

    assert User.objects.get().time_zone == "Europe/Vienna"


def test_without_javascript_one_signs_up_and_logs_in_with_a_password(browser, live_server, seeker):
    seeker.trust_email()
    page = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()

    log_in(page, seeker)
    theme = page.locator("html").get_attribute("data-theme")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save profile").click()

    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    assert (theme, page.locator("html").get_attribute("data-theme")) == (None, "dark")
    assert User.objects.get().theme == "dark"


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/plans/", "/accounts/password/reset/"])
def test_no_page_is_wider_than_a_phone(browser, live_server, address):
    page = browser.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}).new_page()

    page.goto(address)

    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_login_form_is_reached_and_sent_by_keyboard(page, seeker):
    seeker.trust_email()
    page.goto("/accounts/login/?next=/plans/")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(seeker.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)

    page.keyboard.press("Enter")

    page.wait_for_url("**/plans/")
