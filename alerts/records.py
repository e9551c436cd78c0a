"""What each alert has brought lately, for its card."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Value

from alerts.clicks import Click
from alerts.digests import Digest, DigestItem
from alerts.searches import Match
from jobs.models import Job

SPAN = timedelta(days=30)
# Of jobs that wait for an alert's next mail so many are counted, in some 20 ms; a hundred thousand would take a second.
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
    for pk, jobs in jobs_to_come([alert for alert in alerts if alert.is_active], at).items():
        records[pk].found += min(jobs, MOST_COUNTED)
        records[pk].found_more = jobs > MOST_COUNTED
    clicks = Click.objects.filter(alert__in=records, clicked_at__gt=at - SPAN)
    for pk, opened in clicks.values_list("alert").annotate(Count("job")).order_by():
        records[pk].opened = opened
    return records


def jobs_to_come(alerts, at: datetime) -> Counter:
    """By the alert's pk how many open jobs its search matched since the last look; counting ends above the most.

    The alerts must run, so that a person has ten at most. One query.
    """
    found = [found_since_the_last_look(alert, at)[: MOST_COUNTED + 1] for alert in alerts]
    return Counter(pk for (pk,) in found[0].union(*found[1:], all=True)) if found else Counter()


def found_since_the_last_look(alert, at: datetime):
    """What planning would write into the ledger now, in the order of an index, which the planner then takes.

    Left free it reads all matches of everybody where it thinks that the first thousand come soon.
    """
    in_the_ledger = DigestItem.objects.filter(alert=alert.pk, job=OuterRef("job"))
    found = Match.objects.filter(~Exists(in_the_ledger), search=alert.search_id, matched_at__gte=alert.looked_until)
    still_open = found.filter(job__in=Job.objects.open(at).values("pk"))
    return still_open.order_by("matched_at").values_list(Value(alert.pk))
