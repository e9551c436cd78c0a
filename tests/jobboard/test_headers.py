import gzip

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from tests.factories import JobFactory


def test_every_answer_carries_the_strict_policy(client, db):
    response = client.get("/healthz")

    assert response["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_pages_about_oneself_are_kept_by_nobody(seeker_client):
    assert seeker_client.get("/accounts/email/")["Cache-Control"] == "no-store, private"


def test_logging_out_clears_what_the_browser_kept(seeker_client):
    response = seeker_client.post("/accounts/logout/")

    assert response["Clear-Site-Data"] == '"cache"'


def test_pages_are_sent_compressed_and_vary_by_it(client, db):
    plain, small = client.get("/plans/"), client.get("/plans/", headers={"accept-encoding": "gzip"})

    assert (small["Content-Encoding"], "Accept-Encoding" in small["Vary"]) == ("gzip", True)
    assert "Content-Encoding" not in plain
    assert b"<h1>Plans</h1>" in gzip.decompress(small.content)


def test_a_feed_that_did_not_change_is_not_sent_again(client, db):
    JobFactory()
    first = client.get("/jobs/feed/", headers={"accept-encoding": "gzip"})

    again = client.get("/jobs/feed/", headers={"accept-encoding": "gzip", "if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_a_foreign_host_is_refused_in_one_line_of_the_log(client, db, caplog):
    response = client.get("/", headers={"host": "evil.test"})

    assert response.status_code == 400
    assert [(record.name, record.exc_info) for record in caplog.records] == [("django.security.DisallowedHost", None)]


@pytest.fixture
def open_connection(db):
    """Keeps the test's connection, which the end of a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("path", ["/plans/", "/jobs/feed/", "/nowhere/", "/brand/logo", "/alerts/unsubscribe/none/"])
def test_head_is_answered_with_the_headers_of_the_page_and_no_body(open_connection, settings, tmp_path, path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>" * 100)
    settings.SITE_LOGO = str(logo)

    head, get = (answer_of_wsgi(method, path) for method in ("HEAD", "GET"))

    status, length, body = get
    assert (status in ("200 OK", "404 Not Found"), len(body) > 100) == (True, True)
    assert head == (status, length, b"")
    assert length == str(len(body))


def answer_of_wsgi(method, path):
    """Status, Content-Length and body as a server gets them: Django's test client takes a body away by itself."""
    started = []
    environ = RequestFactory().generic(method, path).environ
    response = WSGIHandler()(environ, lambda *said: started.append(said))
    body = b"".join(response)
    response.close()
    [(status, headers)] = started
    return status, dict(headers).get("Content-Length"), body
