"""A mail server for development: takes every mail and keeps it as a file for the mailbox page."""

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone


class MailSink:
    """An SMTP server on a free port of loopback that keeps the mails it takes in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        from aiosmtpd.controller import Controller  # only `up` and the tests have it installed

        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, data_size_limit=2**20)
        self.controller.start()
        return self

    def __exit__(self, *error):
        self.controller.stop()

    async def handle_DATA(self, server, session, envelope):
        name = f"{timezone.now():%Y%m%d-%H%M%S-%f}"
        recipients = ", ".join(envelope.rcpt_tos)
        partial = self.folder / f"{name}.part"
        partial.write_bytes(f"X-Delivered-To: {recipients}\r\n".encode() + envelope.content)
        partial.rename(self.folder / f"{name}.eml")
        return "250 kept for the mailbox page"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def kept_mails(folder: Path, most: int = 100) -> list[tuple[str, EmailMessage]]:
    """The newest mails, as pairs of name and message."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:most]
    return [(file.stem, read(file)) for file in files]


def read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)
