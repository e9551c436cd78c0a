"""What each alert has brought lately, for its card."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from alerts.clicks import Click
from alerts.digests import Digest, DigestItem
from alerts.planning import new_matches

SPAN = timedelta(days=30)
# Of jobs that wait for an alert's next mail so many are counted, in some 10 ms; a hundred thousand would take a second.
MOST_COUNTED = 1000


@dataclass
class Record:
    """Jobs found, sent and opened in the last 30 days, and the last mail with how many jobs of this alert it had."""

    found: int = 0
    # Whether it found more than that.
    found_more: bool = False
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
    """By the alert's pk; three queries for all.

    Found is what is in the ledger, and what the next look of an alert that runs would write into it now.
    """
    records = {alert.pk: Record() for alert in alerts}
    items = DigestItem.objects.filter(alert__in=records, created_at__gt=at - SPAN)
    rows = items.values_list("alert", "digest", "digest__state", "digest__sent_at").annotate(jobs=Count("job"))
    for pk, _, state, sent_at, jobs in rows.order_by():
        records[pk].add(state, sent_at, jobs)
    for pk, jobs in jobs_to_come([alert for alert in alerts if alert.is_active], at):
        records[pk].found += min(jobs, MOST_COUNTED)
        records[pk].found_more = jobs > MOST_COUNTED
    clicks = Click.objects.filter(alert__in=records, clicked_at__gt=at - SPAN)
    for pk, opened in clicks.values_list("alert").annotate(Count("job")).order_by():
        records[pk].opened = opened
    return records


def jobs_to_come(alerts, at: datetime) -> list[tuple[int, int]]:
    """(alert's pk, open jobs that its search matched since the last look), asked as planning asks; ends above the most.

    The alerts must run, so that a person has ten at most.
    """
    asked = [new_matches([alert], at) for alert in alerts]
    counts = [f"SELECT alert_id FROM ({found}) found WHERE is_open LIMIT {MOST_COUNTED + 1}" for found, _ in asked]  # noqa: S608
    if not counts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT alert_id, count(*) FROM (({') UNION ALL ('.join(counts)})) counted GROUP BY alert_id",  # noqa: S608
            [value for _, params in asked for value in params],
        )
        return cursor.fetchall()
