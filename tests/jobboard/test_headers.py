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
