"""What the links in an alert mail can do: stop, or ask for less. Never more, and the same any number of times."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from alerts import tokens
from alerts.alert import Alert
from alerts.rhythm import Rhythm
from alerts.suppressions import Suppression

BREAK = timedelta(days=30)
# How long after asking for less a reason still belongs to it.
TIME_TO_SAY_WHY = timedelta(days=1)
STARTS_LATER = models.Q(paused_by=Alert.PausedBy.PLAN) | models.Q(resumes_at__isnull=False)


class Unsubscription(models.Model):
    """That somebody asked for less by a link in a mail, for the figures of staff."""

    class Wish(models.TextChoices):
        STOP = "stop", "Stop one alert"
        ALL = "all", "Stop all"
        WEEKLY = "weekly", "Weekly instead"
        BREAK = "break", "A break of 30 days"

    class Reason(models.TextChoices):
        FOUND = "found", "I found a job"
        MANY = "many", "Too many mails"
        UNFIT = "unfit", "The jobs don’t fit"
        ELSEWHERE = "elsewhere", "I look elsewhere"
        OTHER = "other", "Something else"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    wish = models.CharField(max_length=6, choices=Wish)
    # Told afterwards, if at all.
    reason = models.CharField(max_length=9, choices=Reason, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return self.get_wish_display()


def alerts_in(scope: tokens.Scope):
    kept = Alert.objects.kept()
    return kept.filter(pk=scope.pk) if scope.kind == tokens.ALERT else kept.filter(owner=scope.pk)


def alerts_named_by(scope: tokens.Scope):
    """What the page behind a link speaks of, those that run first; also an alert that was deleted."""
    alerts = Alert.objects.filter(pk=scope.pk) if scope.kind == tokens.ALERT else alerts_in(scope)
    return alerts.order_by(models.F("slot").asc(nulls_last=True), "pk")


def owner_of(scope: tokens.Scope) -> User | None:
    if scope.kind == tokens.PERSON:
        return User.objects.filter(pk=scope.pk).first()
    return User.objects.filter(alerts=scope.pk).first()


def is_anything_to_come(scope: tokens.Scope) -> bool:
    """Whether there is an alert behind the link that runs or will start by itself, so that less can be asked for."""
    return any(alert.stopped_at is None for alert in alerts_in(scope))


def end_of_break(scope: tokens.Scope) -> datetime | None:
    """When the first alert starts again, in its owner's time zone; None when one runs or none has a break."""
    going_on = alerts_in(scope).exclude(paused_by=Alert.PausedBy.PLAN).select_related("owner")
    alerts = [alert for alert in going_on if alert.stopped_at is None]
    if not alerts or not all(alert.resumes_at for alert in alerts):
        return None
    return min(alert.resumes_at.astimezone(alert.owner.zone) for alert in alerts)


def is_stopped(scope: tokens.Scope) -> bool:
    """Whether there are alerts behind the link and none of them runs or will start by itself."""
    return alerts_in(scope).exists() and not is_anything_to_come(scope)


def are_all_stopped(scope: tokens.Scope) -> bool:
    """Whether no alert of the person runs or will, and no alert mail goes to the address."""
    owner = owner_of(scope)
    if owner is None or not Suppression.objects.stops(owner.email):
        return False
    return not is_anything_to_come(tokens.Scope(tokens.PERSON, owner.pk))


def is_weekly(scope: tokens.Scope) -> bool:
    return is_anything_to_come(scope) and not alerts_in(scope).exclude(rhythm=Rhythm.WEEKLY).exists()


def stop(scope: tokens.Scope, at: datetime) -> None:
    """What one click in a mail program asks for: the alert off, or with a person's token all of them."""
    if scope.kind == tokens.PERSON:
        stop_all(scope, at)
    else:
        changed = switch_off(alerts_in(scope), at)
        note(scope, Unsubscription.Wish.STOP, changed)


@transaction.atomic
def stop_all(scope: tokens.Scope, at: datetime) -> None:
    """Every alert of the person off, and no alert mail to the address until the person wants it again."""
    owner = owner_of(scope)
    if owner is None:
        return
    changed = switch_off(Alert.objects.kept().filter(owner=owner), at)
    changed += not Suppression.objects.stops(owner.email)
    Suppression.objects.add(owner.email, reason=Suppression.Reason.UNSUBSCRIBED, at=at)
    note(scope, Unsubscription.Wish.ALL, changed)


def to_come(alerts):
    """Those that run, and those that will start by themselves: at the end of a break, or once there is a place."""
    return alerts.kept().filter(models.Q(slot__isnull=False) | STARTS_LATER)


def switch_off(alerts, at: datetime, *, by: str = Alert.PausedBy.PERSON) -> int:
    """Pause what runs, and let what waits for a place or for the end of a break not start by itself."""
    waiting = alerts.filter(STARTS_LATER).update(paused_by=by, resumes_at=None)
    return waiting + alerts.pause(at, by=by)


def weekly_instead(scope: tokens.Scope, at: datetime) -> None:
    changed = alerts_in(scope).slow_down(at)
    note(scope, Unsubscription.Wish.WEEKLY, changed)


def take_a_break(scope: tokens.Scope, at: datetime) -> None:
    changed = alerts_in(scope).pause(at, by=Alert.PausedBy.PERSON, resumes_at=at + BREAK)
    note(scope, Unsubscription.Wish.BREAK, changed)


def note(scope: tokens.Scope, wish: str, changed: int) -> None:
    if changed:
        Unsubscription.objects.create(owner=owner_of(scope), wish=wish)


def latest_wish(scope: tokens.Scope, at: datetime) -> Unsubscription | None:
    """What the person last asked for, while a reason still belongs to it."""
    owner = owner_of(scope)
    asked = Unsubscription.objects.filter(owner=owner, created_at__gt=at - TIME_TO_SAY_WHY)
    return asked.order_by("-created_at", "-pk").first() if owner else None


def say_why(scope: tokens.Scope, reason: str, at: datetime) -> None:
    """Put the reason beside what the person last asked for; what asked for nothing has none."""
    if wish := latest_wish(scope, at):
        wish.reason = reason
        wish.save(update_fields=["reason"])
