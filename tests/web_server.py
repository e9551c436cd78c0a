"""A real HTTP server on loopback that answers as a test says, and the allowance to call it."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class WebServer(ThreadingHTTPServer):
    """`says` maps a path to a status, to (status, headers) or to a function of the handler; `asked` is what came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.says = {}
        self.asked = []
        self.origin = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that hangs up is no error here."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        said = self.server.says.get(self.path, 404)
        if callable(said):
            return said(self)
        status, headers = said if isinstance(said, tuple) else (said, {})
        return self.answer(status, headers)

    do_HEAD = do_GET

    def answer(self, status, headers=(), body=b"hello"):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def web_server():
    server = WebServer()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
