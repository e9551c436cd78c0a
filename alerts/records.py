"""What each alert has brought lately, for its card."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from alerts.clicks import Click
from alerts.digests import Digest, DigestItem

SPAN = timedelta(days=30)


@dataclass
class Record:
    """Jobs found, sent and opened in the last 30 days, and the last mail with how many jobs of this alert it had."""

    found: int = 0
    sent: int = 0
    opened: int = 0
    last_sent_at: datetime | None = None
    last_count: int = 0

    def add(self, state: str | None, sent_at: datetime | None, jobs: int) -> None:
        self.found += jobs
        if state == Digest.State.SENT:
            self.sent += jobs
            if not self.last_sent_at or sent_at > self.last_sent_at:
                self.last_sent_at, self.last_count = sent_at, jobs


def records_of(alerts, at: datetime) -> dict[int, Record]:
    """By the alert's pk; two queries for all."""
    records = {alert.pk: Record() for alert in alerts}
    items = DigestItem.objects.filter(alert__in=records, created_at__gt=at - SPAN)
    rows = items.values_list("alert", "digest", "digest__state", "digest__sent_at").annotate(jobs=Count("job"))
    for pk, _, state, sent_at, jobs in rows.order_by():
        records[pk].add(state, sent_at, jobs)
    clicks = Click.objects.filter(alert__in=records, clicked_at__gt=at - SPAN)
    for pk, opened in clicks.values_list("alert").annotate(Count("job")).order_by():
        records[pk].opened = opened
    return records
