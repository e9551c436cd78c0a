"""What happens to alerts by the passing of time."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from django.db.models import F

from alerts.alert import Alert
from alerts.clicks import Click
from alerts.digests import LEDGER_KEPT_FOR, Digest, DigestItem
from alerts.mail_events import KEPT_FOR, MailEvent
from alerts.requests import AlertRequest


def keep_house(at: datetime) -> None:
    resume_after_breaks(at)
    follow_time_zones(at)
    forget_what_is_old(at)


def resume_after_breaks(at: datetime) -> None:
    """Start alerts whose pause was to end by now; one without a free place waits for it."""
    for alert in Alert.objects.resuming(at):
        alert.end_break(at)


def follow_time_zones(at: datetime) -> None:
    """Reckon the next slot anew for alerts whose owner has moved to another time zone.

    Not of what is due by now: planning it does that, and the slot must not be passed over.
    """
    moved = Alert.objects.active().exclude(due_zone=F("owner__time_zone")).exclude(next_due_at__lte=at)
    for alert in moved.select_related("owner"):
        # Where there is no such zone planning says so of this alert; the others go on.
        with suppress(ZoneInfoNotFoundError, ValueError):
            alert.follow_time_zone(at)


def forget_what_is_old(at: datetime) -> None:
    """Deleted alerts after their time to be undone, requests nobody confirmed, and ledgers past their use."""
    Alert.objects.past_undoing(at).delete()
    AlertRequest.objects.past_keeping(at).delete()
    DigestItem.objects.filter(created_at__lt=at - LEDGER_KEPT_FOR).delete()
    Click.objects.filter(clicked_at__lt=at - LEDGER_KEPT_FOR).delete()
    Digest.objects.filter(created_at__lt=at - LEDGER_KEPT_FOR).delete()
    MailEvent.objects.filter(received_at__lt=at - KEPT_FOR).delete()
