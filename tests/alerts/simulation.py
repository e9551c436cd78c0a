"""A month of a board in minutes: people in twenty time zones, jobs that come and go, alerts that are changed at random.

Time is moved by hand, from one moment at which something happens to the next, and what the mails say is held against
what the simulation itself did. It uses nothing of what plans and sends but its two doors.
"""

import random
import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.core import mail
from django.db import transaction

from alerts.alert import Alert, AlreadyKept, CapReached
from alerts.digests import Digest
from alerts.housekeeping import keep_house
from alerts.models import Match
from alerts.planning import plan_digests
from alerts.sending import reap_digests, send_digests
from jobs.models import Job
from subscriptions.entitlements import back_to_free, plan_of
from subscriptions.models import ComplimentaryPlus
from tests.alerts.conftest import search_for
from tests.factories import CompanyFactory, JobFactory, UserFactory

ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Havana",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Lisbon",
    "Europe/Chisinau",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOCKS = [ZoneInfo(name) for name in ZONES]
JOB_IN_MAIL = re.compile(r"/alerts/opened/\d+/(\d+)/")


@dataclass
class Month:
    """What happened, and what went wrong."""

    people: list
    start: datetime
    days: int
    seed: int
    faults: list[str] = field(default_factory=list)
    mails: int = 0
    # (person, job) pairs that were mailed; (found at, job) by the search that finds it.
    told: set = field(default_factory=set)
    found: dict = field(default_factory=lambda: defaultdict(list))
    # What the last step owed, and the alerts as they ran then.
    owed: set = field(default_factory=set)
    seen: dict = field(default_factory=dict)

    def __post_init__(self):
        self.chance = random.Random(self.seed)
        self.before = self.start - HOUR
        self.company = CompanyFactory()
        self.searches = []
        self.by_email = {person.email: person for person in self.people}

    def run(self) -> "Month":
        with time_machine.travel(self.start, tick=False) as clock:
            self.begin()
            end = self.start + timedelta(days=self.days)
            at = self.start
            while at < end:
                step = HOUR if clocks_change_around(at) else 2 * HOUR
                if at < end - 6 * HOUR:
                    for _ in range(step // HOUR):
                        self.live(at)
                self.deliver(at)
                self.before, at = at, at + step
                clock.move_to(at)
            self.faults += [f"job {job} is lost to person {pk}" for pk, job in self.missed_at_the_end(at)]
        return self

    def begin(self) -> None:
        self.searches = [search_for(f"simulated{number}") for number in range(6)]
        for person in self.people:
            if self.chance.random() < 0.5:
                ComplimentaryPlus.objects.create(user=person, reason="simulated", started_at=self.start)
            for _ in range(self.chance.choice([1, 2, 3])):
                self.keep_alert(person, self.start)

    def live(self, at: datetime) -> None:
        """Something of what people, employers and staff do in an hour."""
        for happening, share in HAPPENINGS.items():
            if self.chance.random() < share:
                with transaction.atomic():
                    happening(self, at)
        if self.chance.random() < 0.1:
            keep_house(at)

    def keep_alert(self, person, at: datetime) -> None:
        wanted = self.chance.choice(self.searches)
        if person.alerts.kept().filter(search=wanted).exists():
            return
        rhythm = self.chance.choice(["instant", "daily", "daily", "weekly"])
        hours = {"hour": self.chance.randrange(24), "weekday": self.chance.randrange(7)}
        Alert.objects.keep(person, search=wanted, name=f"s{wanted.pk}", rhythm=rhythm, at=at, **hours)

    def publish(self, at: datetime) -> None:
        for wanted in self.chance.sample(self.searches, self.chance.choice([1, 1, 2])):
            job = JobFactory(published_at=at, company=self.company)
            Match.objects.create(search=wanted, job=job, matched_at=at)
            self.found[wanted.pk].append((at, job.pk))

    def close(self, at: datetime) -> None:
        if pks := sorted(open_at(at)):
            Job.objects.get(pk=self.chance.choice(pks)).close(by=None, at=at, reason=Job.CloseReason.FILLED)

    def reopen(self, at: datetime) -> None:
        """Somebody takes back that a job was closed, hours or weeks later."""
        if pks := list(Job.objects.filter(closed_at__isnull=False).order_by("pk").values_list("pk", flat=True)):
            Job.objects.filter(pk=self.chance.choice(pks)).reopen()

    def edit(self, at: datetime) -> None:
        if pks := sorted(open_at(at)):
            job = Job.objects.get(pk=self.chance.choice(pks))
            job.title = f"Edited {at:%d %H:%M}"
            job.save()

    def pause(self, at: datetime) -> None:
        if alert := self.some_alert(Alert.objects.active()):
            alert.pause(at, by=Alert.PausedBy.PERSON)

    def resume(self, at: datetime) -> None:
        if alert := self.some_alert(Alert.objects.kept().filter(paused_at__isnull=False)):
            with suppress(CapReached):
                alert.activate(at)

    def discard(self, at: datetime) -> None:
        if alert := self.some_alert(Alert.objects.kept()):
            alert.discard(at)

    def ask_for_another(self, at: datetime) -> None:
        self.keep_alert(self.chance.choice(self.people), at)

    def change_rhythm(self, at: datetime) -> None:
        if alert := self.some_alert(Alert.objects.kept()):
            alert.change(
                rhythm=self.chance.choice(["instant", "daily", "weekly"]), hour=self.chance.randrange(24), at=at
            )

    def change_search(self, at: datetime) -> None:
        if alert := self.some_alert(Alert.objects.kept()):
            with suppress(AlreadyKept):
                alert.change(search=self.chance.choice(self.searches), at=at)

    def change_plan(self, at: datetime) -> None:
        person = self.chance.choice(self.people)
        if plan_of(person).key == "free":
            ComplimentaryPlus.objects.create(user=person, reason="simulated", started_at=at)
        else:
            back_to_free(person, at)

    def move_house(self, at: datetime) -> None:
        person = self.chance.choice(self.people)
        person.time_zone = self.chance.choice(ZONES)
        person.save(update_fields=["time_zone"])

    def some_alert(self, alerts) -> Alert | None:
        pks = list(alerts.order_by("pk").values_list("pk", flat=True))
        return Alert.objects.get(pk=self.chance.choice(pks)) if pks else None

    def deliver(self, at: datetime) -> None:
        """What the workers do, and a look at each mail that came of it.

        What must be told is asked for a step later: where the clocks skip past an alert's hour, it may be that late.
        """
        alerts, open_jobs = running(), open_at(at)
        unchanged = self.unchanged(alerts)
        owed_since, self.owed = self.owed, self.owing(alerts, unchanged, open_jobs, at)
        mail.outbox.clear()
        if plan_digests(at) or at.hour % 6 == 0:
            reap_digests(at)
            send_digests()
        for message in mail.outbox:
            self.look_at(message, at)
        for person, job, alert in owed_since:
            if (person, job) not in self.told and job in open_jobs and alert in unchanged:
                self.faults.append(f"{at}: job {job} is lost to person {person}")
        self.seen = {alert.pk: state_of(alert) for alert in alerts}

    def look_at(self, message, at: datetime) -> None:
        person = self.by_email[message.to[0]]
        jobs = self.jobs_in(message)
        self.mails += 1
        if not jobs:
            self.faults.append(f"{at}: an empty mail to person {person.pk}")
        if closed := jobs - set(Job.objects.open(at).filter(pk__in=jobs).values_list("pk", flat=True)):
            self.faults.append(f"{at}: closed jobs {closed} to person {person.pk}")
        if again := {job for job in jobs if (person.pk, job) in self.told}:
            self.faults.append(f"{at}: jobs {again} again to person {person.pk}")
        speaking = Digest.objects.get(message_id=message.extra_headers["Message-ID"]).items.values("alert").distinct()
        if speaking.count() > plan_of(person).active_alerts:
            self.faults.append(f"{at}: {speaking.count()} alerts speak to person {person.pk}")
        if self.active(person).count() > plan_of(person).active_alerts:
            self.faults.append(f"{at}: too many alerts of person {person.pk} run")
        self.told |= {(person.pk, job) for job in jobs}

    def jobs_in(self, message) -> set[int]:
        """All jobs of a mail: those it names, or with more than ten those of its page."""
        named = {int(pk) for pk in JOB_IN_MAIL.findall(message.body)}
        if "See all" not in message.body:
            return named
        digest = Digest.objects.get(message_id=message.extra_headers["Message-ID"])
        return set(digest.items.values_list("job", flat=True))

    def active(self, person):
        return Alert.objects.active().filter(owner=person)

    def owing(self, alerts: list[Alert], unchanged: set[int], open_jobs: set[int], at: datetime) -> set:
        """(person, job, alert) of what a mail must tell now: the alert's hour has struck, the job is new and open."""
        return {
            (alert.owner_id, job, alert.pk)
            for alert in alerts
            if alert.pk in unchanged and self.has_struck(alert, at)
            for found_at, job in self.found[alert.search_id]
            if alert.activated_at <= found_at and job in open_jobs
        }

    def unchanged(self, alerts: list[Alert]) -> set[int]:
        """Those that ran at the last step as they do now, and know their owner's time zone."""
        settled = [alert for alert in alerts if alert.due_zone == alert.owner.time_zone]
        return {alert.pk for alert in settled if self.seen.get(alert.pk) == state_of(alert)}

    def has_struck(self, alert: Alert, at: datetime) -> bool:
        """Whether the alert's hour passed on its owner's wall clock since the last step."""
        now, before = (moment.astimezone(alert.owner.zone).replace(tzinfo=None) for moment in (at, self.before))
        slot = now.replace(hour=alert.hour, minute=0)
        is_its_day = alert.rhythm == "daily" or (alert.rhythm == "weekly" and alert.weekday == now.weekday())
        return is_its_day and before < slot <= now

    def missed_at_the_end(self, at: datetime) -> set:
        """(person, job) of open jobs that instant alerts found and, hours later, have not told."""
        alerts, open_jobs = running(), open_at(at)
        unchanged = self.unchanged(alerts)
        return {
            (alert.owner_id, job)
            for alert in alerts
            if alert.rhythm == "instant" and alert.pk in unchanged
            for found_at, job in self.found[alert.search_id]
            if alert.activated_at <= found_at and job in open_jobs
        } - self.told


def clocks_change_around(at: datetime) -> bool:
    """Whether some zone's clocks change within a day: then each hour is looked at, else every other."""
    return any((at - DAY).astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset() for zone in CLOCKS)


def open_at(at: datetime) -> set[int]:
    return set(Job.objects.open(at).values_list("pk", flat=True))


def running() -> list[Alert]:
    return list(Alert.objects.active().select_related("owner"))


def state_of(alert: Alert) -> tuple:
    """All that decides when it speaks; its zone is another than its owner's until keep_house has noticed a move."""
    zones = alert.owner.time_zone, alert.due_zone
    return alert.rhythm, alert.hour, alert.weekday, alert.activated_at, alert.search_id, *zones


HAPPENINGS = {
    Month.publish: 0.12,
    Month.close: 0.06,
    Month.reopen: 0.04,
    Month.edit: 0.05,
    Month.pause: 0.03,
    Month.resume: 0.04,
    Month.discard: 0.01,
    Month.ask_for_another: 0.03,
    Month.change_rhythm: 0.02,
    Month.change_search: 0.01,
    Month.change_plan: 0.02,
    Month.move_house: 0.01,
}


def people(n: int, *, first_zone: int = 0) -> list:
    """Each in the next zone of the list; some of them move to another during the month."""
    return [UserFactory(time_zone=ZONES[(first_zone + number) % len(ZONES)]) for number in range(n)]
