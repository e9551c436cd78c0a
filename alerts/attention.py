"""Whether anybody reads the mails, as far as we can tell: by links opened and by visits. Mails hold no picture.

When many in a row seem unread we ask whether to slow down. Nothing is ever switched off for it.
"""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import models
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Greatest

from alerts.alert import Alert
from alerts.clicks import Click
from alerts.digests import Digest
from alerts.rhythm import Rhythm

# So many mails in a row without a sign are reason to ask, and to ask again after as many more.
MANY_UNREAD = 10


class KeptPaceQuerySet(models.QuerySet):
    def answer(self, owner, at: datetime) -> None:
        """The person has said that all may stay as it is."""
        self.update_or_create(owner=owner, defaults={"answered_at": at})


class KeptPace(models.Model):
    """When somebody last answered the question whether to slow down."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    answered_at = models.DateTimeField()

    objects = KeptPaceQuerySet.as_manager()

    def __str__(self):
        return f"{self.owner_id} at {self.answered_at}"


def mail_should_ask(person) -> bool:
    """Whether the next mail asks: nothing opened and nobody here during the last ten, twenty … mails."""
    unread = mails_since(person, last_click(), last_answer(), last_visit(), last_login())
    return unread >= MANY_UNREAD and unread % MANY_UNREAD == 0 and may_slow_down(person)


def page_should_ask(person) -> bool:
    """Whether the person's own page asks: nothing of the last ten mails was opened."""
    return mails_since(person, last_click(), last_answer()) >= MANY_UNREAD and may_slow_down(person)


def mails_since(person, *signs) -> int:
    """How many mails were sent since the latest of these moments; those that never were don't count."""
    # Greatest wants two expressions, and leaves out what is null.
    sent = Digest.objects.mails().sent().filter(recipient=person).alias(sign=Greatest(*signs))
    return sent.filter(models.Q(sign=None) | models.Q(sent_at__gt=models.F("sign"))).count()


def last_click():
    clicks = Click.objects.filter(alert__owner=OuterRef("recipient")).order_by().values("alert__owner")
    return Subquery(clicks.annotate(latest=Max("clicked_at")).values("latest"))


def last_answer():
    return Subquery(KeptPace.objects.filter(owner=OuterRef("recipient")).values("answered_at"))


def last_visit():
    sessions = UserSession.objects.filter(user=OuterRef("recipient")).order_by("-last_seen_at")
    return Subquery(sessions.values("last_seen_at")[:1])


def last_login():
    return models.F("recipient__last_login")


def may_slow_down(person) -> bool:
    return Alert.objects.active().filter(owner=person).exclude(rhythm=Rhythm.WEEKLY).exists()
