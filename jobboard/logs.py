"""Logs as one JSON object a line, each with the id of the request that it belongs to and no personal data."""

import json
import logging
import re
import uuid
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
# An id that a proxy in front may have given; anything else could forge a log line.
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Whoever reads the log must not be able to use the link that somebody was mailed.
TOKEN_IN_ADDRESS = re.compile(
    r"(/alerts/confirmation/|/alerts/unsubscribe/[\w-]+/|/alerts/opened/\d+/\d+/|/alerts/mails/\d+/"
    r"|/alerts/feed/\d+/|/guides/preview/"
    r"|/accounts/confirm-email/|/accounts/password/reset/key/)[^/\s?]+"
)


class RequestIdMiddleware:
    """Gives each request an id, found in its log lines and in the answer's X-Request-ID."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.request_id = request_id.get()
        return True


class OneLineFilter(logging.Filter):
    """For what strangers bring about, such as a Host that isn't ours: nobody needs its traceback."""

    def filter(self, record):
        record.exc_info = None
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": without_tokens(record.getMessage()),
            "request": record.request_id,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def without_tokens(message: str) -> str:
    return TOKEN_IN_ADDRESS.sub(r"\1…", message)
