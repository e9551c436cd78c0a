import json
import logging

import pytest

from jobboard.logs import JsonFormatter, RequestIdFilter


def test_an_answer_carries_the_id_that_a_proxy_gave(client, db):
    response = client.get("/healthz", headers={"X-Request-ID": "abc-12345678"})

    assert response["X-Request-ID"] == "abc-12345678"


def test_an_id_that_could_forge_a_line_is_replaced(client, db):
    response = client.get("/healthz", headers={"X-Request-ID": "x y {}"})

    assert len(response["X-Request-ID"]) == 32


def test_a_line_is_one_json_object():
    record = logging.LogRecord("jobs", logging.WARNING, "", 0, "line one\nline %s", ("two",), None)
    RequestIdFilter().filter(record)

    line = JsonFormatter().format(record)

    assert json.loads(line) | {"at": ""} == {
        "at": "",
        "level": "WARNING",
        "logger": "jobs",
        "message": "line one\nline two",
        "request": "",
    }
    assert "\n" not in line


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/alerts/confirmation/s3cr3t-_/", "/alerts/confirmation/…/"),
        ("/alerts/unsubscribe/alert-7/s3cr3t-_/weekly/", "/alerts/unsubscribe/alert-7/…/weekly/"),
        ("/alerts/feed/7/s3cr3t-_/atom/", "/alerts/feed/7/…/atom/"),
        ("/alerts/opened/7/8/s3cr3t-_/", "/alerts/opened/7/8/…/"),
        ("/alerts/mails/7/s3cr3t-_/", "/alerts/mails/7/…/"),
        ("/guides/preview/Nw:1xV:s3cr3t-_/", "/guides/preview/…/"),
        ("/accounts/confirm-email/Nw:1xV:s3cr3t-_/", "/accounts/confirm-email/…/"),
        ("/accounts/password/reset/key/1-s3cr3t/", "/accounts/password/reset/key/…/"),
        ("/jobs/7/engineer/", "/jobs/7/engineer/"),
    ],
)
def test_the_token_of_a_mailed_link_is_not_logged(address, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden: %s", (address,), None)
    RequestIdFilter().filter(record)

    line = json.loads(JsonFormatter().format(record))

    assert line["message"] == f"Forbidden: {logged}"
