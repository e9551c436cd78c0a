import re
from html import unescape

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client, RequestFactory
from django.urls import path
from django.views.defaults import server_error

from jobboard import errors, urls
from tests.conftest import PASSWORD


def refuse(request):
    raise PermissionDenied


def garble(request):
    raise BadRequest


def burst(request):
    raise RuntimeError("something of ours broke")


urlpatterns = [
    *urls.urlpatterns,
    path("refused/", refuse),
    path("garbled/", garble),
    path("burst/", burst),
    path("gone/", errors.gone),
    path("often/", errors.too_many_requests),
]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/garbled/", 400, "That request can’t be read"),
        ("/refused/", 403, "You may not open this page"),
        ("/nowhere/", 404, "There is no such page"),
        ("/gone/", 410, "This page is gone for good"),
        ("/often/", 429, "That was too often"),
        ("/burst/", 500, "Something broke on our side"),
    ],
)
@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_what_goes_wrong_is_said_with_its_status_and_a_next_step(address, status, heading):
    answer = Client(raise_request_exception=False).get(address)

    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert 'class="button" href="/' in answer.content.decode()


def test_the_page_for_our_own_failures_needs_no_context():
    answer = server_error(RequestFactory().get("/"))

    assert (answer.status_code, b"{{" in answer.content) == (500, False)


@pytest.mark.parametrize(
    ("method", "address", "heading", "allowed"),
    [
        ("get", "/alerts/mail/weekly/", "This is no page to open", "POST"),
        ("post", "/jobs/", "Nothing can be sent here", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_said_on_a_page(
    method, address, heading, allowed, visitor_client, db
):
    answer = getattr(visitor_client, method)(address, headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert 'href="/">Go to the home page</a>' in answer.content.decode()
    assert "script-src" in answer.headers["Content-Security-Policy"]


def test_a_program_is_told_the_methods_alone(visitor_client, db):
    answer = visitor_client.get("/alerts/mail/weekly/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "POST", b"")


@pytest.mark.django_db
def test_a_form_without_its_token_gets_our_page():
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.com"})

    assert answer.status_code == 403
    assert "<h1>We didn’t act on that form</h1>" in answer.content.decode()
    assert "Open the page again" not in answer.content.decode()


OURS = {"Origin": "http://testserver"}


@pytest.fixture
def old_tab(seeker):
    """A browser that has logged in since the form was opened, and the form's token."""
    seeker.trust_email()
    browser = Client(enforce_csrf_checks=True)
    old, log_in = hidden_fields(browser.get("/alerts/new/")), hidden_fields(browser.get("/accounts/login/"))
    browser.post("/accounts/login/", log_in | {"login": seeker.email, "password": PASSWORD})
    return browser, {"csrfmiddlewaretoken": old["csrfmiddlewaretoken"]}


def hidden_fields(page) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode().split("<main")[1])
    return {name: unescape(value) for name, value in fields}


def test_a_form_from_before_a_log_in_in_another_tab_can_be_sent_again(old_tab, seeker):
    browser, token = old_tab
    wish = {"q": 'python "web" & <more>', "email": "vera@example.com", "rhythm": "daily", "hour": "8", "weekday": "0"}

    refused = browser.post("/alerts/new/", token | wish, headers=OURS)
    kept = hidden_fields(refused)
    again = browser.post("/alerts/new/", kept, headers=OURS)

    assert (refused.status_code, kept.keys() ^ token.keys()) == (403, wish.keys())
    assert {name: kept[name] for name in wish} == wish
    assert "send it again now, as seeker@example.com." in refused.content.decode()
    assert 'action="/alerts/new/"' in refused.content.decode()
    assert (again.status_code, seeker.alerts.count()) == (302, 1)


def test_a_form_whose_cookie_is_gone_can_be_sent_again(old_tab, seeker):
    browser, token = old_tab
    del browser.cookies["csrf"]
    wish = {"q": "python", "rhythm": "daily", "hour": "8", "weekday": "0"}

    refused = browser.post("/alerts/new/", token | wish, headers=OURS)
    again = browser.post("/alerts/new/", hidden_fields(refused), headers=OURS)

    assert "Should this page come back, allow cookies for this site." in refused.content.decode()
    assert (refused.status_code, again.status_code, seeker.alerts.count()) == (403, 302, 1)


@pytest.mark.parametrize(
    ("sent", "origin"),
    [
        ({"q": "python"}, "http://evil.example"),
        ({"q": "python"}, "null"),
        ({"q": "python"}, ""),
        ({"email": "a@example.com", "password1": "correct horse"}, "http://testserver"),
    ],
    ids=["another site", "hidden site", "unnamed site", "password"],
)
def test_no_other_sites_form_and_no_password_is_kept_to_be_sent_again(old_tab, sent, origin):
    browser, token = old_tab

    refused = browser.post("/alerts/new/", token | sent, headers={"Origin": origin} if origin else {})

    assert (refused.status_code, hidden_fields(refused)) == (403, {})
    assert "Go back, reload the page and send it again." in refused.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_too_many_requests_say_when_to_come_back(visitor_client):
    answer = visitor_client.get("/often/")

    assert answer.headers["Retry-After"] == "300"
