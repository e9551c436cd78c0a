"""An alert's mail as it arrives: opened in Chromium on a phone, its one-click headers used as mail programs do."""

import re
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from alerts.mail import compose
from alerts.models import Alert, Click, Digest, Suppression, Unsubscription
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from tests.alerts.conftest import find
from tests.alerts.mails import sample_mail
from tests.factories import JobFactory

FORM = "application/x-www-form-urlencoded"
LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.querySelector('.sheet')).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.sheet *')]
    .filter(one => one.innerText?.trim() && !one.closest('.preheader'))
    .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
LOW_LINKS = """() => [...document.querySelectorAll('.job-title a, .job-less a')]
    .filter(link => link.getBoundingClientRect().height < 40).map(link => link.innerText)"""


@pytest.mark.django_db
@pytest.mark.parametrize(("theme", "is_light"), [("light", True), ("dark", False)])
def test_on_a_phone_it_fits_follows_the_theme_and_can_be_touched(chromium, subscriber, theme, is_light):
    page = chromium.new_page(viewport={"width": 360, "height": 800}, color_scheme=theme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.set_content(sample_mail(subscriber).alternatives[0].content)

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert (page.evaluate(LUMINANCE) > 0.5) is is_light
    assert page.evaluate(SMALLEST) >= 16
    assert page.evaluate(LOW_LINKS) == []
    assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
    page.close()


@pytest.fixture
def headers(seeker, keep, live_server):
    """Of a mail of one alert: the address and the body that a mail program posts."""
    alert = keep(seeker, rhythm=Rhythm.INSTANT)
    find(alert, JobFactory())
    for minute in (0, 5):
        plan_digests(timezone.now() + timedelta(minutes=minute))
    digest = Digest.objects.mails().get()
    return compose(digest, timezone.now()).extra_headers


def test_posting_what_the_headers_say_stops_the_alert_at_once(headers, seeker, live_server):
    answer = spoken(live_server, "POST", address_in(headers), body=headers["List-Unsubscribe-Post"].encode())

    alert = seeker.alerts.get()
    assert (status_of(answer), alert.is_active, alert.paused_by) == (200, False, "person")
    assert (b"\r\nSet-Cookie:" in answer, b"\r\nLocation:" in answer) == (False, False)


def test_the_form_may_come_in_parts(headers, seeker, live_server):
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'

    answer = spoken(live_server, "POST", address_in(headers), body=body, kind="multipart/form-data; boundary=x")

    assert (status_of(answer), seeker.alerts.get().is_active) == (200, False)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(headers, live_server, method):
    before = list(Alert.objects.values())

    answer = spoken(live_server, method, address_in(headers))

    assert (status_of(answer), list(Alert.objects.values())) == (200, before)
    assert (Unsubscription.objects.count(), Suppression.objects.count(), Click.objects.count()) == (0, 0, 0)


def test_a_scanner_that_follows_every_link_changes_nothing(seeker, live_server, headers):
    before = list(Alert.objects.values())
    html = compose(Digest.objects.mails().get(), timezone.now()).alternatives[0].content

    answers = [
        status_of(spoken(live_server, "GET", path_of(url))) for url in sorted(set(re.findall(r'href="(.+?)"', html)))
    ]

    assert len(answers) > 4
    assert set(answers) <= {200, 302}
    assert list(Alert.objects.values()) == before
    assert (Unsubscription.objects.count(), Suppression.objects.count(), Click.objects.count()) == (0, 0, 0)


def address_in(headers) -> str:
    return path_of(headers["List-Unsubscribe"].strip("<>"))


def path_of(url: str) -> str:
    parts = urlsplit(url.replace("&amp;", "&"))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def spoken(
    live_server, method: str, path: str, *, body: bytes = b"", kind="application/x-www-form-urlencoded"
) -> bytes:
    """What the web server answers, word for word: no client in between that knows better."""
    server = urlsplit(live_server.url)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if method == "POST" else []
    with socket.create_connection((server.hostname, server.port), timeout=30) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return b"".join(iter(lambda: line.recv(65536), b""))
