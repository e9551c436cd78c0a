"""A real Chromium whose every request is answered by Django itself, inside the test's own transaction."""

import contextvars
import gzip
import mimetypes
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ORIGIN = "http://localhost"
# Milliseconds that a page may take on a machine that is busy with the rest of the suite.
PATIENCE = 180_000
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")


@dataclass
class Visit:
    """What one page asked for and complained about; sizes are bytes as a compressing server sends them."""

    client: Client
    # Playwright answers in another context than the test's, where Django would open another connection.
    here: contextvars.Context = field(default_factory=contextvars.copy_context)
    sizes: dict[str, int] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def answer(self, route):
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != ORIGIN:
            self.strangers.append(route.request.url)
            return route.abort()
        status, headers, body = self.here.run(self.look_up, url, route.request)
        self.sizes[route.request.url] = size_of(body, headers.get("Content-Type", ""))
        if status >= (500 if route.request.resource_type == "document" else 400):
            self.broken.append(f"{status} {route.request.url}")
        return route.fulfill(status=status, headers=headers, body=body)

    def look_up(self, url, request) -> tuple[int, dict, bytes]:
        if url.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            return static_file(url.path)
        address = f"{url.path}?{url.query}" if url.query else url.path
        # A redirect that this answered would be followed on the network, so it is followed here.
        options = {"follow": True, "HTTP_ACCEPT": request.headers.get("accept", "")}
        if request.method == "POST":
            kind = request.headers["content-type"]
            response = self.client.post(address, request.post_data_buffer, content_type=kind, **options)
        else:
            response = self.client.get(address, **options)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return response.status_code, dict(response.headers), body

    def complain(self, message):
        """Keep what the browser warns of; that something is missing is known from `broken`."""
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def bytes_of(self, extension: str) -> int:
        return sum(size for url, size in self.sizes.items() if urlsplit(url).path.endswith(extension))


def static_file(path: str) -> tuple[int, dict, bytes]:
    found = finders.find(path.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))
    if not found:
        return 404, {"Content-Type": "text/plain"}, b"no such file"
    return 200, {"Content-Type": mimetypes.guess_type(path)[0] or "text/plain"}, Path(found).read_bytes()


def size_of(body: bytes, content_type: str) -> int:
    return len(gzip.compress(body, 6)) if content_type.startswith(COMPRESSIBLE) else len(body)


def open_page(browser, client: Client, path: str, *, theme="light", width=1280, **options):
    """The page at `path` as `client` sees it, and the record of the visit."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", **options
    )
    page, visit = context.new_page(), Visit(client)
    page.route("**/*", visit.answer)
    page.on("console", visit.complain)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto(ORIGIN + path)
    return page, visit
