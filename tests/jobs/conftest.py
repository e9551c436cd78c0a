"""A company that hires; a real Chromium before a real server that answers inside the test's own transaction."""

import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections

from jobs.models import Company


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def company():
    return Company.objects.create(name="Acme GmbH")


@pytest.fixture
def board(db):
    """The address of the site; its server borrows the test's connection, so that it sees what the test wrote."""
    of_the_test = connections["default"]
    application = StaticFilesHandler(WSGIHandler())

    def answer(environ, start_response):
        connections["default"] = of_the_test
        return application(environ, start_response)

    of_the_test.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    server = make_server("localhost", 0, answer, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    of_the_test.dec_thread_sharing()


@pytest.fixture
def open_page(chromium, board):
    """Opens a path as somebody's client sees it; the page keeps in `complaints` what the browser said."""
    contexts = []

    def open_it(path, *, client=None, width=1280, **options):
        context = chromium.new_context(
            base_url=board, viewport={"width": width, "height": 900}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        if client:
            cookies = [{"name": name, "value": one.value, "url": board} for name, one in client.cookies.items()]
            context.add_cookies(cookies)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
