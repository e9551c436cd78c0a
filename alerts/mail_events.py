"""What a mail provider tells us afterwards: delivered, bounced, complained. Each event counts once, by its id."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from alerts.alert import Alert
from alerts.digests import Digest
from alerts.stopping import switch_off
from alerts.suppressions import HARD_BOUNCE, SOFT_BOUNCE, Suppression

# Mail servers try for five days; what is said of an older mail is not believed.
BELIEVED_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=90)


class MailEvent(models.Model):
    """One event, kept so that the same one sent again changes nothing."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        BOUNCED = "bounced", "Came back for good"
        SOFT_BOUNCED = "soft_bounced", "Came back for now"
        COMPLAINED = "complained", "Reported as spam"

    key = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind)
    # Null when the event names no mail of ours, or one too old to be believed.
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="events")
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return f"{self.key}: {self.get_kind_display()}"


class Malformed(Exception):
    """An event that isn't one; says why."""


@dataclass(frozen=True)
class Event:
    key: str
    kind: str
    message_id: str

    @classmethod
    def read(cls, given: object) -> "Event":
        """From decoded JSON {"id": …, "type": …, "message_id": …}. Raises Malformed."""
        if not isinstance(given, dict):
            raise Malformed("An event is an object.")
        words = [given.get(name) for name in ("id", "type", "message_id")]
        if not all(isinstance(word, str) and 0 < len(word) <= 200 and word.isprintable() for word in words):
            raise Malformed("An event has an id, a type and a message_id, each a text of up to 200 characters.")
        key, kind, message_id = words
        if kind not in MailEvent.Kind.values:
            raise Malformed(f"A type is one of {', '.join(MailEvent.Kind.values)}.")
        return cls(key, kind, f"<{message_id.strip('<>')}>")


@transaction.atomic
def take(event: Event, at: datetime) -> bool:
    """Do what the event asks for; False when it was taken before. What names no mail of ours is only noted."""
    believed = Digest.objects.mails().filter(created_at__gt=at - BELIEVED_FOR).select_related("recipient")
    digest = believed.filter(message_id=event.message_id).first()
    # Two at once: the second insert waits for the first, and finds it there.
    noted = {"kind": event.kind, "digest": digest, "received_at": at}
    _, is_new = MailEvent.objects.get_or_create(key=event.key, defaults=noted)
    if is_new and digest:
        heed(event.kind, digest, at)
    return is_new


def heed(kind: str, digest: Digest, at: datetime) -> None:
    if kind == MailEvent.Kind.DELIVERED:
        digest.finish(250, "delivered, the provider says", at)
    elif digest.recipient:
        # Digests begun before addresses were noted have none.
        heed_trouble(kind, digest.sent_to or digest.recipient.email, digest.recipient, at)


def heed_trouble(kind: str, address: str, person: User, at: datetime) -> None:
    """Held against the address that the mail went to; what somebody else says of an old one ends nothing."""
    match kind:
        case MailEvent.Kind.BOUNCED:
            Suppression.objects.bounced(address, score=HARD_BOUNCE, at=at)
        case MailEvent.Kind.SOFT_BOUNCED:
            Suppression.objects.bounced(address, score=SOFT_BOUNCE, at=at)
        case MailEvent.Kind.COMPLAINED:
            Suppression.objects.complained(address, at=at)
            if address == person.email:
                leave_alone(person, at)


def leave_alone(person: User, at: datetime) -> None:
    switch_off(Alert.objects.kept().filter(owner=person), at)
    User.objects.filter(pk=person.pk).update(wants_news=False, wants_reminders=False)
