"""Sending digests one by one, and taking them back from workers that died."""

import logging
import time
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from alerts import mail_log
from alerts.digests import Digest
from alerts.mail import Adverts, compose
from alerts.smtp import LetGo, MailServer, NotTaken, Unclear
from alerts.suppressions import HARD_BOUNCE, SOFT_BOUNCE, Suppression

logger = logging.getLogger(__name__)


def send_digests(*, for_seconds: float = 150) -> int:
    """Send what is ready until nothing is left or the time is over; returns how many mails went out."""
    sent, ends_at, adverts = 0, time.monotonic() + for_seconds, Adverts()
    with MailServer() as server:
        while time.monotonic() < ends_at:
            digest = Digest.objects.claim(timezone.now())
            if digest is None:
                break
            if digest.state == Digest.State.SENDING and send(digest, server, adverts):
                sent += 1
                if sent == 1:
                    Digest.objects.hurry(timezone.now())
    return sent


def send(digest: Digest, server: MailServer, adverts: Adverts | None = None) -> bool:
    """Send one claimed digest. No transaction is open while the mail server is spoken to."""
    try:
        message = compose(digest, timezone.now(), adverts)
        reply = server.deliver(message, before_dot=lambda: digest.hand_off(timezone.now()))
    except NotTaken as refusal:
        refused(digest, refusal)
    except (LetGo, Unclear) as error:
        # Another worker has it by now, or only the mail server knows: the reaper will ask.
        logger.warning("Digest %s was let go: %s", digest.pk, error)
    except (OperationalError, InterfaceError):
        # The database is away, and with it whatever we would write down: the reaper will find the digest.
        raise
    except Exception as error:
        # A digest that can't be written must not keep the others waiting.
        logger.exception("Digest %s could not be written.", digest.pk)
        digest.stumble(repr(error), timezone.now())
    else:
        return digest.finish(reply.code, reply.text, timezone.now())
    return False


def refused(digest: Digest, refusal: NotTaken) -> None:
    reply, at = refusal.reply, timezone.now()
    logger.warning("Digest %s was not taken: %s", digest.pk, refusal)
    if refusal.is_about_recipient:
        score = HARD_BOUNCE if refusal.is_permanent else SOFT_BOUNCE
        Suppression.objects.bounced(digest.sent_to, score=score, at=at)
    if refusal.is_permanent:
        digest.fail("refused by the mail server", reply.code, reply.text, at)
    else:
        digest.postpone(reply.code, reply.text, at)


def reap_digests(at: datetime) -> int:
    """Take digests back from workers whose lease is over; returns how many are to be sent again.

    Of those that were handed off the mail server is asked first. Where nobody knows, rather twice than never.
    """
    unclear = list(Digest.objects.mails().past_lease(Digest.State.HANDED_OFF, at))
    taken = mail_log.taken([digest.message_id for digest in unclear])
    for digest in unclear:
        if digest.message_id in taken:
            digest.finish(250, "found in the mail server's log", at)
    stuck = [digest for digest in unclear if digest.message_id not in taken]
    stuck += Digest.objects.mails().past_lease(Digest.State.SENDING, at)
    return sum(digest.release(at) for digest in stuck)
