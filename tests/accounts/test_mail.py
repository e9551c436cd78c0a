"""Mails about accounts are owed until a mail server has taken them."""

import re
import socket
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from accounts import mail
from accounts.mail import Mail
from accounts.models import TransactionalMail
from accounts.tasks import send_owed_mails

TEMPLATE = "account/email/login_code"


class Sink:
    """A mail server on loopback that keeps what it takes; `answer` is its word to each mail."""

    def __init__(self):
        self.taken, self.answer = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return self.answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def sink(settings):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield sink
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def owe_code(to="seeker@example.com", code="ABC-DEF"):
    return mail.owe(to, TEMPLATE, {"code": code})


def test_a_mail_goes_out_once_in_text_and_html_and_nothing_is_kept(db, sink):
    owe_code()

    counts = [mail.send_due(timezone.now()), mail.send_due(timezone.now())]

    [(recipients, message)] = sink.taken
    assert (counts, recipients, TransactionalMail.objects.count()) == ([1, 0], ["seeker@example.com"], 0)
    assert (message["Subject"], message["Auto-Submitted"]) == ("Your code for Openings", "auto-generated")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all("ABC-DEF" in part.get_content() for part in message.iter_parts())


def test_the_task_sends_what_is_owed(db, sink):
    owe_code()

    send_owed_mails()

    assert len(sink.taken) == 1


def test_a_mail_that_fails_is_tried_again_later_and_later(db, sink):
    sink.answer = "451 Not now"
    owed, now = owe_code(), timezone.now()
    waits = []
    for _ in range(5):
        mail.send_due(now)
        owed.refresh_from_db()
        waits.append((owed.next_attempt_at - now) // timedelta(minutes=1))
        now = owed.next_attempt_at
    sink.answer = "250 OK"

    assert (waits, mail.send_due(now), len(sink.taken)) == ([1, 5, 15, 60, 180], 1, 1)


def test_after_the_last_try_nothing_is_kept(db, sink):
    sink.answer = "451 Not now"
    owe_code()
    TransactionalMail.objects.update(attempts=5)

    mail.send_due(timezone.now())

    assert TransactionalMail.objects.count() == 0


def test_an_address_that_isnt_there_is_not_tried_again_and_holds_up_nobody(db, sink):
    owe_code(to="gone@example.com")
    owe_code()

    mail.send_due(timezone.now())

    assert ([recipients for recipients, _ in sink.taken], TransactionalMail.objects.count()) == (
        [["seeker@example.com"]],
        0,
    )


def test_a_mail_server_that_is_down_fails_no_page(client, db, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    response = client.post("/accounts/signup/", {"email": "new@example.com", "password1": "seven unlikely pelicans"})
    mail.send_due(timezone.now())

    assert (response.status_code, TransactionalMail.objects.get().attempts) == (302, 1)


def test_without_redis_the_page_sends_by_itself(db, dead_redis, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        owe_code()

    assert [message.subject for message in mailoutbox] == ["Your code for Openings"]


def test_a_mail_someone_else_is_sending_is_left_alone(db, mailoutbox):
    owe_code()
    now = timezone.now()
    mail.claim(now)

    assert (mail.send_due(now), mail.send_due(now + mail.LEASE)) == (0, 1)


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("Log in with this code", 1),
        ("", 1),
        ("Zażółć gęślą jaźń", 1),
        ("A plain title with so many words that it goes beyond the seventy-eight characters of a line", 2),
        ("“Krankenpfleger (m/w/d) für die Intensivstation” am Universitätsklinikum Düsseldorf", 2),
        ("日本語の求人" * 42, 16),
        ("x" * 255, 5),
        ("Half a word: =?utf-8?q?x?=", 1),
    ],
)
def test_a_subject_is_folded_from_its_first_line_on_and_read_as_it_was_written(subject, lines):
    raw = Mail(subject, "Text", to=["vera@example.com"]).message().as_bytes(linesep="\r\n")

    [header] = re.findall(rb"^Subject: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*", raw, re.M)
    folded = header.replace(b"\r", b"").decode("ascii").split("\n")
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    assert (len(folded), max(map(len, folded)) <= 78) == (lines, True)
    assert not subject or all(line.strip() not in ("", "Subject:") for line in folded)


def test_a_subject_is_one_line_whatever_it_is_made_of():
    assert mail.one_line("a\x0bb\r\nBcc: c\x00") == "a b Bcc: c"
    assert mail.one_line("\u2068\u202egnp.exe\u2069 is hiring") == "\u2068gnp.exe\u2069 is hiring"


@pytest.mark.parametrize(
    ("paragraph", "part"),
    [
        ("Confirm it:\nhttps://x.example/k", {"kind": "link", "label": "Confirm it", "url": "https://x.example/k"}),
        (
            "Cook\nAcme\nhttps://x.example/1",
            {"kind": "item", "label": "Cook", "text": "Acme", "url": "https://x.example/1"},
        ),
        ("ABC-DEF", {"kind": "code", "text": "ABC-DEF"}),
        ("Welcome.\nRead this:\nnow", {"kind": "text", "text": "Welcome.\nRead this:\nnow"}),
    ],
)
def test_a_paragraph_becomes_a_link_a_code_or_text(paragraph, part):
    assert mail.part_of(paragraph) == part
