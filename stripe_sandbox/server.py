"""The HTTP server: the API, the pages and the controls on one port of this machine."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from stripe_sandbox import answering, control
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages import dashboard
from stripe_sandbox.pages import routes as pages
from stripe_sandbox.pages.html import Response
from stripe_sandbox.sandbox import Sandbox

LONGEST_BODY = 1_000_000
STYLE = (Path(__file__).parent / "pages" / "style.css").read_bytes()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int):
        super().__init__(("127.0.0.1", port), Handler)
        self.sandbox: Sandbox | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Clients go away, and so do we on purpose: nothing to print."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_request(self) -> None:
        self.sandbox = self.server.sandbox
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length") or "0"
        body = self.rfile.read(min(int(length) if length.isdigit() else 0, LONGEST_BODY)).decode(errors="replace")
        if not self.is_at_home():
            self.send(421, {"Content-Type": "text/plain"}, b"The sandbox answers at 127.0.0.1 and localhost only.")
        elif self.comes_from_elsewhere():
            self.send(403, {"Content-Type": "text/plain"}, b"Another site's page sent this.")
        elif parts.path.startswith(("/v1/", "/v2/")):
            self.answer_api(parts.path, parts.query, body)
        elif parts.path == "/_sandbox/style.css":
            self.send(200, {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=3600"}, STYLE)
        elif parts.path.startswith("/_sandbox/"):
            status, answered = control.answer(self.sandbox, self.command, parts.path, body)
            self.send(status, {"Content-Type": "application/json"}, json.dumps(answered).encode())
        else:
            self.answer_page(parts.path, body)

    do_GET = do_POST = do_DELETE = do_HEAD = handle_request

    def is_at_home(self) -> bool:
        """Else a page from elsewhere could have its own name point at this machine."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in ("127.0.0.1", "localhost")

    def comes_from_elsewhere(self) -> bool:
        """Whether a browser says that a page of another site sent the form."""
        return self.command == "POST" and self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")

    # --- The API ---

    def answer_api(self, path: str, query: str, body: str) -> None:
        key = self.headers.get("Idempotency-Key") if self.command == "POST" else None
        with self.sandbox.in_flight(key) as alone:
            if alone:
                self.answer_or_fail(path, query, body)
            else:
                self.send_answer(answering.KEY_IN_USE)

    def answer_or_fail(self, path: str, query: str, body: str) -> None:
        fault = self.sandbox.faults.take(self.command, path)
        kind = fault.kind if fault else None
        if kind == "refuse":
            self.reset_connection()
            return
        if kind == "hang":
            self.sandbox.faults.ended.wait(fault.seconds)
        if kind == "drop_before":
            self.drop()
            return
        if kind == "error":
            words = "An error occurred with our connection to Stripe (a fault of the sandbox, as asked)."
            answered = answering.Answer(500, {"error": {"type": "api_error", "message": words}})
        else:
            self.sandbox.tick()
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = answering.Request(self.command, path, query, headers, body)
            answered = answering.answer(self.sandbox.account, request, self.sandbox.requests, self.sandbox.differences)
        if kind == "drop_after":
            self.drop()
            return
        self.send_answer(answered)

    def send_answer(self, answered: answering.Answer) -> None:
        self.send(answered.status, {"Content-Type": "application/json"} | answered.headers, answered.as_bytes())

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def reset_connection(self) -> None:
        """RST instead of FIN, as from a port where nobody listens any more."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    # --- The pages ---

    def answer_page(self, path: str, body: str) -> None:
        typed = dict(parse_qsl(body, keep_blank_values=True))
        self.sandbox.tick()
        with self.sandbox.account.lock:
            try:
                if own := dashboard.PAGES.get((self.command, path)):
                    answered = own(self.sandbox, typed)
                else:
                    answered = pages.answer(self.sandbox.account, self.command, path, typed)
            except ApiError as error:
                answered = pages.trouble(error)
        self.send_response_of(answered)

    def send_response_of(self, answered: Response) -> None:
        self.send(answered.status, {"Content-Type": answered.kind} | answered.headers, answered.body)

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words) -> None:
        """Quiet: GET /_sandbox/requests tells what was asked."""


def serve(server: Server, stop: threading.Event) -> None:
    """Until told to stop, with what falls due on the way."""
    keeper = threading.Thread(target=server.sandbox.keep_time_and_file, args=[stop], name="keeper")
    keeper.start()
    threading.Thread(target=server.serve_forever, args=[0.1], daemon=True, name="server").start()
    stop.wait()
    server.shutdown()
    server.server_close()
    keeper.join()
