"""Mails about an account: written down first, then sent by a worker, so that no page waits for the mail server."""

import logging
import re
import smtplib
from datetime import datetime, timedelta
from email.header import Header

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.characters import TURNING
from accounts.mail_html import render_html
from accounts.models import TransactionalMail

logger = logging.getLogger(__name__)

# How long a sender may take with one mail before another sender may try it.
LEASE = timedelta(minutes=2)
# One that fits a line of 78 characters beside "Subject: ".
LONGEST_PLAIN_WORD = 68


class Mail(EmailMultiAlternatives):
    """A mail whose subject is folded so that its first line fits beside the header's name.

    Django folds it without thinking of the name; Python then puts all of it on the next line and leaves the first
    empty, which RFC 5322 allows and some readers of mail show as no subject.
    """

    def message(self):
        message = super().message()
        charset = None if can_stand_plain(self.subject) else "utf-8"
        message.replace_header("Subject", Header(self.subject, charset, header_name="Subject"))
        return message


def can_stand_plain(subject: str) -> bool:
    """Whether a header holds it as it is: only ASCII that looks like no encoded word, with spaces to fold at."""
    return subject.isascii() and "=?" not in subject and max(map(len, subject.split()), default=0) < LONGEST_PLAIN_WORD


def owe(to: str, template: str, context: dict) -> TransactionalMail:
    """Write down the mail made of TEMPLATE_subject.txt and TEMPLATE_message.txt; it is sent after the commit."""
    context = {"site_name": settings.SITE_NAME, "site_contact": settings.SITE_CONTACT, "email": to} | context
    subject = one_line(render_to_string(f"{template}_subject.txt", context))
    text = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    html = render_html("mail/account.html", {"subject": subject, "parts": parts_of(text)})
    return owe_written(to, subject, text, html)


def owe_written(to: str, subject: str, text: str, html: str) -> TransactionalMail:
    """Write down a mail that has its words already."""
    mail = TransactionalMail.objects.create(to=to, subject=subject, text=text, html=html)
    transaction.on_commit(nudge)
    return mail


def one_line(subject: str) -> str:
    """Control characters make a header that can't be sent; overrides of direction turn the rest of it round."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", TURNING.sub("", subject)).split())[:255]


def parts_of(text: str) -> list[dict]:
    """The paragraphs of a plain mail, so that its HTML twin says the same.

    "Confirm the address:\\nhttps://…" becomes a button with those words, "Cook\\nAcme\\nhttps://…" one of several links
    with what is to be said of it, a line of a code alone a large code.
    """
    return [part_of(paragraph.strip()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]


def part_of(paragraph: str) -> dict:
    if link := re.fullmatch(r"(?P<label>[^\n]+):\n(?P<url>https?://\S+)", paragraph):
        return {"kind": "link", **link.groupdict()}
    if link := re.fullmatch(r"(?P<label>[^\n]+)\n(?P<text>[^\n]+)\n(?P<url>https?://\S+)", paragraph):
        return {"kind": "item", **link.groupdict()}
    if re.fullmatch(r"[A-Z0-9]{3,6}(-[A-Z0-9]{3,6})?|\d{6,8}", paragraph):
        return {"kind": "code", "text": paragraph}
    return {"kind": "text", "text": paragraph}


def nudge() -> None:
    """Ask a worker to send now. Without Redis the page sends itself: a login code must not wait for it."""
    from accounts.tasks import send_owed_mails  # the task calls this module

    try:
        send_owed_mails.delay()
    except OperationalError:
        logger.warning("The queue can't be reached; mails are sent by the web process.")
        send_due(timezone.now())


def send_due(at: datetime) -> int:
    """Send what is owed and due; returns how many mails went out."""
    sent = 0
    while mail := claim(at):
        sent += send(mail, at)
    return sent


@transaction.atomic
def claim(at: datetime) -> TransactionalMail | None:
    mail = (
        TransactionalMail.objects.due(at).order_by("next_attempt_at", "pk").select_for_update(skip_locked=True).first()
    )
    if mail:
        mail.next_attempt_at = at + LEASE
        mail.save(update_fields=["next_attempt_at"])
    return mail


def send(mail: TransactionalMail, at: datetime) -> bool:
    try:
        message_of(mail).send()
    except smtplib.SMTPRecipientsRefused:
        logger.warning("Mail %s was refused for good.", mail.pk)
        mail.delete()
        return False
    except OSError as error:  # smtplib's errors and the network's
        will_retry = mail.postpone(at)
        logger.warning("Mail %s failed (%s), %s.", mail.pk, type(error).__name__, "later" if will_retry else "given up")
        return False
    mail.delete()
    return True


def message_of(mail: TransactionalMail) -> Mail:
    message = Mail(mail.subject, mail.text, to=[mail.to], headers={"Auto-Submitted": "auto-generated"})
    message.attach_alternative(mail.html, "text/html")
    return message
