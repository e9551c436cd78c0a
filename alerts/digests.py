"""Digests: what is owed to whom, and how far the sending of it has come.

A digest is one message to one person. Its rows hold every promise; workers may stop at any line and start again.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from alerts import tokens
from alerts.alert import Alert
from alerts.rhythm import Rhythm
from alerts.suppressions import Suppression
from jobs.models import Job
from subscriptions.entitlements import plan_of
from subscriptions.plans import FREE

# A worker that holds a digest for longer is taken for dead.
LEASE = timedelta(minutes=5)
# Waits after the first, second … temporary failure; 24 hours after the digest was written we give up.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360)]
# From then on staff are told that a mail isn't through.
LATE_AFTER = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=24)
# After so many tries a digest that can't be written, or whose workers die of it, is set aside for staff.
TRIES_TO_WRITE, TRIES_TO_SURVIVE = 3, 20
SET_ASIDE = "set aside: it can't be written"
# Noted instead of an SMTP code when no answer came at all.
UNREACHED = 0
# So many alerts run on any plan; who has no more need not be asked for theirs.
FEWEST_PLACES = FREE.active_alerts
LEDGER_KEPT_FOR = timedelta(days=400)


class DigestItemQuerySet(models.QuerySet):
    def owed(self, at: datetime):
        """Promised to a running alert and in no digest, with the job open now."""
        return self.current().filter(digest__isnull=True, job__in=Job.objects.open(at).values("pk"))

    def current(self):
        """Found since the alert began to look for what it looks for now."""
        return self.filter(created_at__gte=F("alert__activated_at"))

    def sent(self):
        return self.filter(digest__state=Digest.State.SENT)

    def shown(self):
        """With what a mail says about each job; the newest first."""
        return self.select_related("job__company", "alert__search").order_by(
            "-job__published_at", "-job_id", "alert_id"
        )


class DigestItem(models.Model):
    """One job for one alert, once for ever: the ledger. Without a digest it is owed."""

    pk = models.CompositePrimaryKey("alert_id", "job_id")
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="items", db_index=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    digest = models.ForeignKey("alerts.Digest", models.SET_NULL, null=True, related_name="items")
    created_at = models.DateTimeField(default=timezone.now)

    objects = DigestItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["alert"], name="digestitem_owed", condition=Q(digest__isnull=True)),
            models.Index(fields=["created_at"], name="digestitem_age"),
        ]

    def __str__(self):
        return f"job {self.job_id} for alert {self.alert_id}"


class DigestQuerySet(models.QuerySet):
    def mails(self):
        return self.filter(channel=Digest.Channel.EMAIL)

    def ready(self, at: datetime):
        return self.filter(state=Digest.State.READY, next_attempt_at__lte=at)

    def past_lease(self, state: str, at: datetime):
        return self.filter(state=state, lease_until__lt=at)

    def sent(self):
        return self.filter(state=Digest.State.SENT)

    def late(self, at: datetime):
        """Mails still under way longer than sending ever takes when all is well."""
        under_way = [Digest.State.READY, Digest.State.SENDING, Digest.State.HANDED_OFF]
        return self.mails().filter(state__in=under_way, created_at__lt=at - LATE_AFTER)

    def hurry(self, at: datetime) -> int:
        """The mail server answers again: what could not reach it need not wait for its next try."""
        waiting = self.mails().filter(state=Digest.State.READY, next_attempt_at__gt=at, smtp_code=UNREACHED)
        return waiting.update(next_attempt_at=at)

    def set_aside(self):
        """Mails that can't be written; they keep their jobs until staff try again."""
        return self.mails().filter(state=Digest.State.FAILED, reason=SET_ASIDE)

    @transaction.atomic
    def claim(self, at: datetime) -> "Digest | None":
        """The next mail that is ready: being sent by the caller now, or suppressed when nothing of it holds.

        Looks again at everything that may have changed since it was written.
        """
        ready = self.mails().ready(at).select_related("recipient").order_by("next_attempt_at", "pk")
        digest = ready.select_for_update(skip_locked=True, of=["self"]).first()
        if digest is None:
            return None
        objection = digest.objection(at)
        if objection:
            digest.suppress(objection, at)
        else:
            digest.begin(at)
        return digest


class Digest(models.Model):
    """One message to one person. States: ready → sending → handed off → sent; or failed, or suppressed."""

    class State(models.TextChoices):
        READY = "ready", "Ready"
        SENDING = "sending", "Being sent"
        HANDED_OFF = "handed_off", "Handed to the mail server"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Not sent"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PUSH = "push", "Web push"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="digests")
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL)
    # The slot of the person's calendar it fills, such as 2026-11-23T08; "instant:…" for instant alerts.
    window = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    message_id = models.CharField(max_length=200, unique=True)
    # The address that the last try went to: the person may have another by the time that it bounces.
    sent_to = models.EmailField(max_length=254, blank=True, default="", db_default="")
    # Grows with each try: a worker that comes late finds another number and lets go.
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    smtp_code = models.PositiveSmallIntegerField(null=True)
    smtp_text = models.CharField(max_length=500, blank=True)
    # Why it was suppressed or has failed.
    reason = models.CharField(max_length=120, blank=True)
    job_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    handed_off_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()
    # What claiming found in it.
    wanted: "list[Item] | None" = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "window"], name="digest_one_in_each_window"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(next_attempt_at__isnull=False), name="digest_ready_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "handed_off"]) | Q(lease_until__isnull=False),
                name="digest_under_way_with_a_lease",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="digest_sent_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["channel", "next_attempt_at", "id"], name="digest_ready", condition=Q(state="ready")),
            models.Index(
                fields=["lease_until"], name="digest_under_way", condition=Q(state__in=["sending", "handed_off"])
            ),
            models.Index(fields=["recipient", "-created_at"], name="digest_of_recipient"),
            models.Index(fields=["sent_at"], name="digest_sent", condition=Q(state="sent")),
        ]

    def __str__(self):
        return self.message_id

    @property
    def jobs_url(self) -> str:
        """The page with exactly the jobs of this mail."""
        return tokens.mail_url(self.pk)

    def objection(self, at: datetime) -> str:
        """Why this must not be sent, after letting go of what isn't wanted any more; '' when it may."""
        if self.recipient is None:
            return "the person is gone"
        if not self.recipient.is_active:
            return "the account is closed"
        if Suppression.objects.stops(self.recipient.email):
            return "the address gets no alerts"
        return "" if self.keep_what_is_wanted(at) else "nothing of it is wanted any more"

    def keep_what_is_wanted(self, at: datetime) -> int:
        """Let go of jobs that closed, alerts that stopped and what they look for no more, and count the jobs that stay.

        What is let go is owed again, should its job open and its alert run again; not what an alert looks for no more.
        """
        running, found = running_alerts(self.recipient), self.look_into(at)
        self.wanted = [item for item in found if item.holds and item.alert_id in running]
        if len(self.wanted) < len(found):
            unwanted = set(found) - set(self.wanted)
            self.items.filter(pk__in=[(item.alert_id, item.job_id) for item in unwanted]).update(digest=None)
        self.job_count = len({item.job_id for item in self.wanted})
        return self.job_count

    def look_into(self, at: datetime) -> "list[Item]":
        """All that it holds, in the order of its alerts. One query."""
        open_jobs, params = Job.objects.open(at).values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(CONTENTS_SQL.format(open_jobs=open_jobs), [*params, self.pk])
            return [Item(*row) for row in cursor]

    def contents(self, at: datetime) -> "list[Item]":
        """What it is to tell: for one that was just claimed, what was found then."""
        return self.look_into(at) if self.wanted is None else self.wanted

    def begin(self, at: datetime) -> None:
        self.state = self.State.SENDING
        self.attempt += 1
        self.lease_until = at + LEASE
        self.sent_to = self.recipient.email if self.channel == self.Channel.EMAIL else ""
        self.save(update_fields=["state", "attempt", "lease_until", "sent_to", "job_count"])

    def hand_off(self, at: datetime) -> bool:
        """Note, just before the final dot, that the mail server gets it; False when another worker has it by now."""
        state = {"state": self.State.HANDED_OFF, "handed_off_at": at, "lease_until": at + LEASE}
        return self.move(self.State.SENDING, **state)

    def finish(self, code: int, text: str, at: datetime) -> bool:
        """The mail server took it; also when a reaper, thinking us dead, made the row ready meanwhile."""
        state = {"state": self.State.SENT, "sent_at": at, "ended_at": at, "lease_until": None}
        return self.move(self.State.HANDED_OFF, self.State.READY, smtp_code=code, smtp_text=text[:500], **state)

    def postpone(self, code: int | None, text: str, at: datetime) -> None:
        """Try again later after a temporary failure, or give up after a day."""
        if at - self.created_at >= GIVE_UP_AFTER:
            self.fail("not taken within a day", code, text, at)
            return
        wait = WAITS[min(self.attempt, len(WAITS)) - 1]
        again = {"state": self.State.READY, "next_attempt_at": at + wait, "lease_until": None}
        self.move(self.State.SENDING, self.State.HANDED_OFF, smtp_code=code, smtp_text=text[:500], **again)

    def stumble(self, error: str, at: datetime) -> None:
        """It could not be written: try again later, and after TRIES_TO_WRITE set it aside."""
        if self.attempt < TRIES_TO_WRITE:
            self.postpone(None, error, at)
        else:
            self.put_aside(error, at)

    def put_aside(self, error: str, at: datetime) -> bool:
        """Leave it to staff with the jobs it has: owed again, they would spoil the next digest, too."""
        state = {"state": self.State.FAILED, "reason": SET_ASIDE, "ended_at": at, "lease_until": None}
        return self.move(self.State.SENDING, self.State.HANDED_OFF, smtp_text=error[:500], **state)

    def retry(self, at: datetime) -> bool:
        """Try once more to write what was set aside; its attempts go on counting."""
        again = {"state": self.State.READY, "reason": "", "next_attempt_at": at, "created_at": at, "ended_at": None}
        return Digest.objects.set_aside().filter(pk=self.pk).update(**again) == 1

    @transaction.atomic
    def fail(self, reason: str, code: int | None, text: str, at: datetime) -> None:
        """Give up on this message; its jobs are owed to the next one."""
        state = {"state": self.State.FAILED, "reason": reason, "ended_at": at, "lease_until": None}
        if self.move(self.State.SENDING, self.State.HANDED_OFF, smtp_code=code, smtp_text=text[:500], **state):
            self.owe_again(at)

    def suppress(self, reason: str, at: datetime) -> None:
        self.state, self.reason, self.ended_at = self.State.SUPPRESSED, reason, at
        self.save(update_fields=["state", "reason", "ended_at", "job_count"])
        self.items.update(digest=None)

    def owe_again(self, at: datetime) -> None:
        sleeping = Alert.objects.active().filter(items__digest=self, rhythm=Rhythm.INSTANT).distinct()
        for alert in sleeping:
            alert.wake(at)
        self.items.update(digest=None)

    def release(self, at: datetime) -> bool:
        """Take it back from a worker that is taken for dead; whether it is to be sent again."""
        if self.state == self.State.SENDING and self.attempt >= TRIES_TO_SURVIVE:
            self.put_aside("its workers die", at)
            return False
        again = {"state": self.State.READY, "next_attempt_at": at, "lease_until": None}
        return self.move(self.State.SENDING, self.State.HANDED_OFF, **again)

    def move(self, *states: str, **changes) -> bool:
        """Change the row only while it is in one of these states and this attempt's; say whether it was."""
        ours = Digest.objects.filter(pk=self.pk, attempt=self.attempt, state__in=states)
        moved = ours.update(**changes) == 1
        if moved:
            for field, value in changes.items():
                setattr(self, field, value)
        return moved


class Item(NamedTuple):
    """An item of a digest as its mail needs it; it holds while the job is open and the alert still looks for it."""

    alert_id: int
    job_id: int
    published_at: datetime
    holds: bool


CONTENTS_SQL = """
SELECT item.alert_id, item.job_id, job.published_at,
    open_job.id IS NOT NULL AND coalesce(item.created_at >= alert.activated_at, false)
FROM alerts_digestitem item
JOIN jobs_job job ON job.id = item.job_id
JOIN alerts_alert alert ON alert.id = item.alert_id
LEFT JOIN ({open_jobs}) open_job (id) ON open_job.id = item.job_id
WHERE item.digest_id = %s
ORDER BY item.alert_id, item.job_id
"""


def running_alerts(owner) -> list[int]:
    """The alerts of a person that may speak now: the sender's own look at the plan's cap."""
    running = list(Alert.objects.filter(owner=owner).active().by_use().values_list("pk", flat=True))
    return running if len(running) <= FEWEST_PLACES else running[: plan_of(owner).active_alerts]


def message_id(recipient_id: int, window: str, channel: str = Digest.Channel.EMAIL) -> str:
    """The same for the same person, slot and channel, so that a mail server can tell a repeat; nobody can guess it."""
    name = salted_hmac("alerts.message_id", f"{recipient_id}/{window}/{channel}", algorithm="sha256").hexdigest()[:32]
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"
