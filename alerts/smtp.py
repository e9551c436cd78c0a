"""The mail server, spoken to in two halves: everything up to the final dot, and the dot.

Between the two the caller writes down that the message is handed off. So a crash before the note has sent nothing, and
a crash after it leaves a row that says "ask the mail server", instead of a mail that is sent twice or never.
"""

import re
import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

ACCEPTED, START_INPUT = 250, 354
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
# Refusals that are about us and not about the person or the message: authentication, relaying, no service.
OURS = {421, 450, 451, 452, 454, 500, 501, 502, 503, 504, 530, 534, 535, 538}


@dataclass(frozen=True)
class Reply:
    code: int
    text: str


class NotTaken(Exception):
    """The mail server said no, or could not be reached; nothing was sent."""

    def __init__(self, reply: Reply, *, is_permanent: bool = False, is_about_recipient: bool = False):
        super().__init__(f"{reply.code} {reply.text}")
        self.reply = reply
        self.is_permanent = is_permanent
        self.is_about_recipient = is_about_recipient


class Unclear(Exception):
    """The connection broke after the dot: only the mail server knows whether it has the message."""


class LetGo(Exception):
    """The caller didn't want the dot any more; nothing was sent."""


class MailServer:
    """One connection for several messages; use it as a context manager."""

    def __init__(self):
        self.backend = get_connection()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.hang_up()

    def deliver(self, message: EmailMessage, *, before_dot: Callable[[], bool]) -> Reply:
        """Send one message to its one recipient. `before_dot` says whether to go through with it.

        Raises NotTaken, Unclear, LetGo.
        """
        if not isinstance(self.backend, EmailBackend):
            return self.deliver_whole(message, before_dot)
        try:
            return self.speak(message, before_dot)
        except NotTaken:  # said in order, so that the connection can go on
            raise
        except BaseException:  # a database that went away, say: what has no dot yet must never get one
            self.drop()
            raise

    def speak(self, message: EmailMessage, before_dot: Callable[[], bool]) -> Reply:
        try:
            smtp = self.connected()
            self.envelope(smtp, message)
            self.body(smtp, message)
        except OSError as error:  # smtplib's errors and the network's
            self.drop()
            raise NotTaken(Reply(getattr(error, "smtp_code", 0), text_of(error))) from error
        if not before_dot():
            raise LetGo
        return self.dot(smtp)

    def deliver_whole(self, message: EmailMessage, before_dot: Callable[[], bool]) -> Reply:
        """For mail back-ends that aren't SMTP and know no dot."""
        if not before_dot():
            raise LetGo
        self.backend.send_messages([message])
        return Reply(ACCEPTED, "taken by the mail back-end")

    def connected(self) -> smtplib.SMTP:
        """The connection, opened again when the server has closed it since the last message."""
        if self.backend.connection and not self.is_alive():
            self.drop()
        if self.backend.open():
            self.backend.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.backend.connection.ehlo_or_helo_if_needed()
        return self.backend.connection

    def is_alive(self) -> bool:
        try:
            return self.backend.connection.rset()[0] == ACCEPTED
        except OSError:
            return False

    def envelope(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        encoding = message.encoding or "utf-8"
        self.expect(ACCEPTED, smtp.mail(sanitize_address(message.from_email, encoding)))
        code, text = smtp.rcpt(sanitize_address(message.to[0], encoding))
        if code not in (ACCEPTED, 251):
            raise self.refusal(code, text, is_about_recipient=True)

    def body(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        """The data without its end: the server waits for the dot."""
        content = message.message().as_bytes(linesep="\r\n")
        self.expect(START_INPUT, smtp.docmd("data"))
        smtp.send(LEADING_DOT.sub(b"..", content).removesuffix(b"\r\n") + b"\r\n")

    def dot(self, smtp: smtplib.SMTP) -> Reply:
        try:
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
        except Exception as error:  # whatever it is, Celery's time limit too: the dot may have arrived
            raise Unclear(text_of(error)) from error
        self.expect(ACCEPTED, (code, text))
        return Reply(code, decoded(text))

    def expect(self, wanted: int, answer: tuple[int, bytes]) -> None:
        code, text = answer
        if code != wanted:
            raise self.refusal(code, text)

    def refusal(self, code: int, text: bytes, *, is_about_recipient: bool = False) -> NotTaken:
        if code == 421:
            self.drop()
        is_permanent = code >= 500 and code not in OURS
        return NotTaken(Reply(code, decoded(text)), is_permanent=is_permanent, is_about_recipient=is_about_recipient)

    def hang_up(self) -> None:
        """End politely; a server that is gone already is no loss."""
        try:
            self.backend.close()
        except OSError:
            self.drop()

    def drop(self) -> None:
        """Cut the line: what had no dot is thrown away by the server."""
        if connection := getattr(self.backend, "connection", None):
            connection.close()
            self.backend.connection = None


def text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
