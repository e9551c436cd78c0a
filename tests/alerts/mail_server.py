"""A real SMTP server on loopback that keeps what it takes and can be told to refuse."""

from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from jobboard.mail_sink import free_port


class Mailroom:
    """`mails` are (recipients, message) pairs; `refuse["RCPT"] = "550 unknown"` answers a command so."""

    def __init__(self):
        self.mails = []
        self.refuse = {}

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.refuse.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" not in self.refuse:
            envelope.rcpt_tos.append(address)
        return self.refuse.get("RCPT", "250 OK")

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 kept"


@contextmanager
def mailroom(settings):
    """Opens the server and points the test's `settings` (the fixture) at it.

    What is set through the fixture goes back when the test ends, in whatever order the test sets more of it.
    """
    room = Mailroom()
    controller = Controller(room, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    try:
        yield room
    finally:
        controller.stop()
