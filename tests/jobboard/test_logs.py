import json
import logging

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
