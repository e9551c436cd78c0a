"""How alerts do, for the front page of the admin."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from alerts.alert import Alert
from alerts.digests import Digest
from alerts.stopping import Unsubscription

DAYS = 30


def sent_by_day(at: datetime, days: int = DAYS) -> list[tuple[date, int]]:
    """Alert mails sent on each of the last days, oldest first, today included."""
    return by_day(Digest.objects.mails().sent(), "sent_at", at, days)


def unsubscribed_by_day(at: datetime, days: int = DAYS) -> list[tuple[date, int]]:
    """How often people stopped alerts by a link in a mail on each of the last days, oldest first."""
    stops = Unsubscription.objects.filter(wish__in=[Unsubscription.Wish.STOP, Unsubscription.Wish.ALL])
    return by_day(stops, "created_at", at, days)


def active_alerts() -> int:
    return Alert.objects.active().count()


def by_day(rows, field: str, at: datetime, days: int) -> list[tuple[date, int]]:
    first = at.date() - timedelta(days=days - 1)
    recent = rows.filter(**{f"{field}__date__gte": first})
    counts = Counter(dict(recent.values_list(TruncDate(field)).annotate(Count("pk")).order_by()))
    return [(day, counts[day]) for day in (first + timedelta(days=n) for n in range(days))]
