import gzip

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
