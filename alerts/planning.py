"""Writing digests for the people who are due: one message each, of every alert that is due, never an empty one."""

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import User
from alerts import weekends
from alerts.alert import Alert
from alerts.digests import Digest, DigestItem, message_id
from alerts.pushing import write_twins
from alerts.rhythm import GATHERED_FOR, LOOK_BACK, QUIET_TIME, Rhythm, slot_key
from alerts.watermarks import Watermark
from jobs.models import Job
from subscriptions.entitlements import plans_of

logger = logging.getLogger(__name__)

# Their rows are locked meanwhile, some 100 ms: a page on which one of them starts an alert waits so long.
PEOPLE_AT_ONCE = 500
TRY_AGAIN_AFTER = timedelta(hours=1)


def plan_digests(at: datetime) -> int:
    """Write a digest for everybody who is due and has something to hear; returns how many. May run twice at once."""
    wake_instant_alerts(at)
    weekends.put_off(at)
    written = 0
    while (batch := plan_some(at)) is not None:
        written += batch
    return written


@transaction.atomic
def wake_instant_alerts(at: datetime) -> int:
    """Make instant alerts due that have something to tell since the last look: a new job, or one that is open again.

    They gather for GATHERED_FOR, and speak QUIET_TIME after the person's last message at the earliest.
    """
    mark, _ = Watermark.objects.select_for_update().get_or_create(step="wake instant", defaults={"at": at - LOOK_BACK})
    params = {"gathered_at": at + GATHERED_FOR, "since": mark.at - LOOK_BACK, "quiet": QUIET_TIME}
    with connection.cursor() as cursor:
        woken = 0
        for whom in (FOUND_A_JOB, OWED_A_JOB_THAT_IS_BACK):
            cursor.execute(WAKE_SQL.format(whom=whom), params)
            woken += cursor.rowcount
    Watermark.objects.filter(pk=mark.pk, at__lt=at).update(at=at)
    return woken


WAKE_SQL = """
UPDATE alerts_alert alert
SET next_due_at = GREATEST(%(gathered_at)s, (
    SELECT max(digest.created_at) + %(quiet)s
    FROM alerts_digest digest
    WHERE digest.recipient_id = alert.owner_id
))
WHERE alert.rhythm = 'instant' AND alert.slot IS NOT NULL AND alert.next_due_at IS NULL AND {whom}
"""
FOUND_A_JOB = """
alert.search_id IN (SELECT search_id FROM alerts_match WHERE matched_at >= %(since)s)
AND EXISTS (
  SELECT FROM alerts_match found
  WHERE found.search_id = alert.search_id AND found.matched_at >= GREATEST(%(since)s, alert.activated_at)
    AND NOT EXISTS (
      SELECT FROM alerts_digestitem item WHERE item.alert_id = alert.id AND item.job_id = found.job_id
    )
)
"""
# A job that was hidden or closed when the alert spoke; its document is written when it opens.
OWED_A_JOB_THAT_IS_BACK = """
alert.id IN (
  SELECT item.alert_id
  FROM jobs_jobdocument document JOIN alerts_digestitem item ON item.job_id = document.job_id
  WHERE document.written_at >= %(since)s AND item.digest_id IS NULL AND item.created_at >= alert.activated_at
)
"""


def plan_some(at: datetime) -> int | None:
    """Plan one batch of people; None when nobody is due. One whose plan fails is tried again an hour later."""
    try:
        with transaction.atomic():
            people = claim_people(at, most=PEOPLE_AT_ONCE)
            return plan_for(people, at) if people else None
    except Exception:
        logger.exception("A batch of digests could not be planned; now one person at a time.")
        return sum(plan_alone(person, at) for person in due_people(at)[:PEOPLE_AT_ONCE])


def plan_alone(person: User, at: datetime) -> int:
    try:
        with transaction.atomic():
            people = claim_people(at, most=1, among=[person.pk])
            return plan_for(people, at)
    except Exception as error:
        logger.exception("No digest could be planned for person %s.", person.pk)
        Alert.objects.due(at).filter(owner=person).update(
            failed_at=at, failure=repr(error)[:500], next_due_at=at + TRY_AGAIN_AFTER
        )
        return 0


def claim_people(at: datetime, *, most: int, among: list[int] | None = None) -> list[User]:
    """People with an alert that is due, their rows locked: activating, pausing by plan and planning take turns."""
    people = due_people(at) if among is None else due_people(at).filter(pk__in=among)
    return list(people.only("time_zone").select_for_update(skip_locked=True, no_key=True)[:most])


def due_people(at: datetime):
    return User.objects.filter(pk__in=Alert.objects.due(at).values("owner"))


def plan_for(people: list[User], at: datetime) -> int:
    due, over_the_cap = due_alerts(people, at)
    digests = write_digests(due, at)
    merge_waiting(digests, at)
    owe_new_matches(due, digests, at)
    attach_owed(digests, due, at)
    write_twins(digests, at)
    move_on(due, over_the_cap, at)
    return len(digests)


WHAT_DECIDES = ["owner_id", "rhythm", "hour", "weekday", "quiet_weekends", "next_due_at"]


def due_alerts(people: list[User], at: datetime) -> tuple[list[Alert], list[Alert]]:
    """The alerts that are due, and apart those due for which the person's plan has no place.

    An instant alert that is awake comes along with what is due, so that a person gets one message and not two; not
    on a weekend on which it is quiet.
    """
    plans = plans_of([person.pk for person in people], at)
    people_by_pk = {person.pk: person for person in people}
    running: dict[int, int] = defaultdict(int)
    due, awake, over_the_cap = [], [], []
    for alert in Alert.objects.active().filter(owner__in=people_by_pk).by_use().only(*WHAT_DECIDES):
        alert.owner = people_by_pk[alert.owner_id]
        running[alert.owner_id] += 1
        has_place = running[alert.owner_id] <= plans[alert.owner_id].active_alerts
        if alert.is_due(at):
            (due if has_place else over_the_cap).append(alert)
        elif has_place and may_come_along(alert, at):
            awake.append(alert)
    spoken_to = {alert.owner_id for alert in due}
    return due + [alert for alert in awake if alert.owner_id in spoken_to], over_the_cap


def may_come_along(alert: Alert, at: datetime) -> bool:
    """Of one that isn't due yet."""
    return alert.rhythm == Rhythm.INSTANT and alert.next_due_at is not None and not weekends.is_quiet(alert, at)


def owe_new_matches(alerts: list[Alert], digests: list[Digest], at: datetime) -> None:
    """Write what was found since the last look into the ledger and into the owner's digest, where there is one.

    A job that isn't open at the moment is owed: it may have been closed by mistake, or be under review.
    """
    found, params = new_matches(alerts, at)
    with connection.cursor() as cursor:
        cursor.execute(OWE_SQL.format(new_matches=found), [at, *params, [digest.pk for digest in digests]])


def new_matches(alerts: list[Alert], at: datetime) -> tuple[str, list]:
    """SQL for rows of (alert_id, owner_id, job_id, is_open): jobs found since the last look and never owed before."""
    open_jobs, params = Job.objects.open(at).values("pk").query.sql_with_params()
    return NEW_MATCHES_SQL.format(open_jobs=open_jobs), [LOOK_BACK, *params, [alert.pk for alert in alerts]]


NEW_MATCHES_SQL = """
SELECT alert.id AS alert_id, alert.owner_id, match.job_id, open_job.id IS NOT NULL AS is_open
FROM alerts_alert alert
JOIN alerts_match match ON match.search_id = alert.search_id
  AND match.matched_at >= GREATEST(alert.activated_at, COALESCE(alert.planned_at - %s, alert.activated_at))
JOIN jobs_job job ON job.id = match.job_id
LEFT JOIN ({open_jobs}) open_job (id) ON open_job.id = match.job_id
WHERE alert.id = ANY(%s)
  AND NOT EXISTS (SELECT FROM alerts_digestitem item WHERE item.alert_id = alert.id AND item.job_id = match.job_id)
"""

OWE_SQL = """
INSERT INTO alerts_digestitem (alert_id, job_id, created_at, digest_id)
SELECT found.alert_id, found.job_id, %s, digest.id
FROM ({new_matches}) found
LEFT JOIN alerts_digest digest ON found.is_open AND digest.recipient_id = found.owner_id AND digest.id = ANY(%s)
ON CONFLICT DO NOTHING
"""


def write_digests(alerts: list[Alert], at: datetime) -> list[Digest]:
    """A digest for each person who is owed something and has none for this slot yet."""
    of_people = defaultdict(list)
    for alert in alerts:
        of_people[alert.owner_id].append(alert)
    wanted = [new_digest(of_people[owner_id], at) for owner_id in sorted(owners_with_something(alerts, at))]
    Digest.objects.bulk_create(wanted, ignore_conflicts=True)
    names = [digest.message_id for digest in wanted]
    written = dict(Digest.objects.filter(message_id__in=names, created_at=at).values_list("message_id", "pk"))
    for digest in wanted:
        digest.pk = written.get(digest.message_id)
    return [digest for digest in wanted if digest.pk]


def owners_with_something(alerts: list[Alert], at: datetime) -> set[int]:
    """Who has something to hear: new, or owed since a message that failed."""
    owed = set(DigestItem.objects.owed(at).filter(alert__in=alerts).values_list("alert__owner", flat=True))
    found, params = new_matches(alerts, at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT owner_id FROM ({found}) found WHERE is_open", params)
        return owed | {owner_id for (owner_id,) in cursor}


def new_digest(alerts: list[Alert], at: datetime) -> Digest:
    owner_id, window = alerts[0].owner_id, window_of(alerts, at)
    return Digest(
        recipient_id=owner_id,
        window=window,
        message_id=message_id(owner_id, window),
        next_attempt_at=at,
        created_at=at,
    )


def window_of(alerts: list[Alert], at: datetime) -> str:
    """The latest slot among alerts of one person; when all are instant, the hour."""
    slots = [alert.next_due_at for alert in alerts if alert.rhythm != Rhythm.INSTANT]
    return slot_key(max(slots), alerts[0].owner.zone) if slots else f"instant:{at:%Y-%m-%dT%H}"


def merge_waiting(digests: list[Digest], at: datetime) -> None:
    """Take what waits in the same people's earlier mails into these: after an outage of the mail server one message."""
    with connection.cursor() as cursor:
        new, recipients = [digest.pk for digest in digests], [digest.recipient_id for digest in digests]
        cursor.execute(MERGE_SQL, {"at": at, "new": new, "recipients": recipients, "merged": MERGED})


MERGED = "merged into the next"
# A mail that a sender claims meanwhile is ready no more and stays as it is. People are given as an array, whose length
# the planner knows: while ten thousand mails are ready it reads all of them once for each batch (3 ms) and hashes them,
# while two hundred thousand are it looks each person's few up in the index on the recipient.
MERGE_SQL = """
WITH merged AS (
    UPDATE alerts_digest waiting
    SET state = 'suppressed', reason = %(merged)s, ended_at = %(at)s
    FROM unnest(%(new)s::bigint[], %(recipients)s::bigint[]) AS new (id, recipient_id)
    WHERE waiting.recipient_id = new.recipient_id AND waiting.id <> new.id
      AND waiting.channel = 'email' AND waiting.state = 'ready'
    RETURNING waiting.id, new.id AS new_id
)
UPDATE alerts_digestitem item
SET digest_id = merged.new_id
FROM merged
WHERE item.digest_id = merged.id
"""


def attach_owed(digests: list[Digest], alerts: list[Alert], at: datetime) -> None:
    """Put what was owed before into the digests of this batch: after an outage one merged message."""
    open_jobs, params = Job.objects.open(at).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            ATTACH_SQL.format(open_jobs=open_jobs),
            [[digest.pk for digest in digests], [alert.pk for alert in alerts], *params],
        )


ATTACH_SQL = """
UPDATE alerts_digestitem item
SET digest_id = digest.id
FROM alerts_alert alert, alerts_digest digest
WHERE item.alert_id = alert.id AND digest.recipient_id = alert.owner_id
  AND item.digest_id IS NULL AND item.created_at >= alert.activated_at
  AND digest.id = ANY(%s) AND alert.id = ANY(%s) AND item.job_id IN ({open_jobs})
"""


def move_on(alerts: list[Alert], over_the_cap: list[Alert], at: datetime) -> None:
    """Set when each is due next; instant alerts sleep until a job is found, or wait when their slot was taken."""
    still_owed = DigestItem.objects.owed(at).filter(alert__in=alerts).values_list("alert_id", flat=True)
    waiting = dict.fromkeys(still_owed, at + QUIET_TIME)
    moved, planned = [*alerts, *over_the_cap], {alert.pk for alert in alerts}
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE_ON_SQL,
            {
                "at": at,
                "pks": [alert.pk for alert in moved],
                "planned": [alert.pk in planned for alert in moved],
                "zones": [alert.owner.time_zone for alert in moved],
                "next": [alert.slot_after(at) or waiting.get(alert.pk) for alert in moved],
            },
        )


# One array for each column: Django's bulk_update writes a CASE with a branch for each row, which took longer than all
# the rest of planning.
MOVE_ON_SQL = """
UPDATE alerts_alert alert
SET planned_at = CASE WHEN moved.is_planned THEN %(at)s ELSE alert.planned_at END,
    failed_at = CASE WHEN NOT moved.is_planned THEN alert.failed_at END,
    failure = CASE WHEN moved.is_planned THEN '' ELSE alert.failure END,
    due_zone = moved.zone, next_due_at = moved.next_due_at
FROM unnest(%(pks)s::bigint[], %(planned)s::boolean[], %(zones)s::text[], %(next)s::timestamptz[])
    AS moved (id, is_planned, zone, next_due_at)
WHERE alert.id = moved.id
"""
