"""Whether anybody reads the mails, as far as we can tell: by links opened and by visits. Mails hold no picture.

When many in a row seem unread we ask whether to slow down. Nothing is ever switched off for it.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, models

from alerts.alert import Alert
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
    unread = mails_since(person, LAST_CLICK, LAST_ANSWER, LAST_VISIT, LAST_LOGIN)
    return unread >= MANY_UNREAD and unread % MANY_UNREAD == 0 and may_slow_down(person)


def page_should_ask(person) -> bool:
    """Whether the person's own page asks: nothing of the last ten mails was opened."""
    return mails_since(person, LAST_CLICK, LAST_ANSWER) >= MANY_UNREAD and may_slow_down(person)


def mails_since(person, *signs: str) -> int:
    """How many mails were sent since the latest of these moments; those that never were don't count."""
    with connection.cursor() as cursor:
        cursor.execute(MAILS_SINCE.format(signs=", ".join(signs)), {"person": person.pk})
        return cursor.fetchone()[0]


# Asked for each mail that goes out, so it is written down: building it anew took longer than its answer.
MAILS_SINCE = """
SELECT count(*) FROM alerts_digest mail
WHERE mail.recipient_id = %(person)s AND mail.channel = 'email' AND mail.state = 'sent'
  AND mail.sent_at > GREATEST('-infinity'::timestamptz, {signs})
"""
LAST_CLICK = """(SELECT max(click.clicked_at) FROM alerts_click click
    JOIN alerts_alert alert ON alert.id = click.alert_id WHERE alert.owner_id = %(person)s)"""
LAST_ANSWER = "(SELECT answered_at FROM alerts_keptpace WHERE owner_id = %(person)s)"
LAST_VISIT = "(SELECT max(last_seen_at) FROM usersessions_usersession WHERE user_id = %(person)s)"
LAST_LOGIN = "(SELECT last_login FROM accounts_user WHERE id = %(person)s)"


def may_slow_down(person) -> bool:
    return Alert.objects.active().filter(owner=person).exclude(rhythm=Rhythm.WEEKLY).exists()
