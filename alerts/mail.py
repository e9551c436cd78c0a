"""The mail of a digest: text, HTML and headers, made from rows and nothing else."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator

from accounts.characters import isolated
from accounts.mail import Mail, one_line
from accounts.mail_html import render_html
from alerts import tokens
from alerts.alert import Alert
from alerts.attention import MANY_UNREAD, mail_should_ask
from alerts.clicks import opening_url
from alerts.digests import Digest, Item
from jobs import wording
from jobs.models import Job
from jobs.pay import pay_in_words

JOBS_IN_A_MAIL = 10
# Longer names of alerts end in "…": ten of the longest, each named with ten jobs, must leave the mail below what
# Gmail cuts off and people wait for.
LONGEST_NAME = 50
ALERTS_NAMED = 3  # with each job


@dataclass(frozen=True)
class Find:
    """A job in a mail, and which alerts found it. What is said twice, in text and HTML, is made once."""

    job: Job
    alerts: list[Alert]
    at: datetime
    # The message that opening the job is counted for; without one it isn't counted.
    digest_id: int | None = None

    @cached_property
    def url(self) -> str:
        if self.digest_id is None:
            return settings.SITE_URL + self.job.get_absolute_url()
        return opening_url(self.digest_id, self.job)

    @property
    def path(self) -> str:
        return self.url.removeprefix(settings.SITE_URL)

    @cached_property
    def less_path(self) -> str:
        """The form of the first alert that found it, with what could be left out."""
        return reverse("alerts:less", args=[self.alerts[0].pk, self.job.pk])

    @property
    def less_url(self) -> str:
        return settings.SITE_URL + self.less_path

    @cached_property
    def title(self) -> str:
        return one_line(self.job.title)

    @cached_property
    def company(self) -> str:
        return one_line(self.job.company.name)

    @cached_property
    def pay(self) -> str:
        return pay_in_words(self.job) or "Pay not stated"

    @cached_property
    def where(self) -> str:
        return one_line(wording.where(self.job)) or "Place not stated"

    @cached_property
    def who_may_apply(self) -> str:
        return wording.who_may_apply(self.job)

    @cached_property
    def freshness(self) -> str:
        posted = f"Posted {wording.age(self.job.published_at, self.at)}"
        confirmed_at = self.job.last_confirmed_at
        if not confirmed_at or confirmed_at <= self.job.published_at:
            return posted
        return f"{posted}, confirmed open {wording.age(confirmed_at, self.at)}"

    @cached_property
    def found_by(self) -> str:
        named = [quoted(alert) for alert in self.alerts[:ALERTS_NAMED]]
        if others := len(self.alerts) - len(named):
            named.append(f"{others} more")
        return ", and by ".join(named)


@dataclass(frozen=True)
class Speaker:
    """An alert that speaks in a mail, with how many jobs it found and where to go on."""

    alert: Alert
    job_count: int

    @property
    def name(self) -> str:
        return quoted(self.alert)

    @property
    def search_url(self) -> str:
        return settings.SITE_URL + self.alert.search_url

    @cached_property
    def stop_url(self) -> str:
        return tokens.Scope(tokens.ALERT, self.alert.pk).url("unsubscribe")


@dataclass(frozen=True)
class Letter:
    """A mail's words, before it has an envelope."""

    subject: str
    text: str
    html: str


def quoted(alert: Alert) -> str:
    """An alert's name, in quotes unless it brings its own: '“nurse”, Berlin'."""
    name = Truncator(one_line(alert.name)).chars(LONGEST_NAME)
    return name if any(mark in name for mark in '“"') else f"“{name}”"


class Adverts:
    """Jobs with what a mail shows of them, read once for the mails of one run: of a new job many people hear at once.

    What is told of a job is as old as the run at most; whether it is open is asked anew with each mail.
    """

    MOST = 1000

    def __init__(self):
        self.known: dict[int, Job] = {}

    def of(self, pks: list[int]) -> list[Job]:
        """The jobs in this order; one that is gone is left out."""
        if missing := [pk for pk in pks if pk not in self.known]:
            self.read(missing)
        return [self.known[pk] for pk in pks if pk in self.known]

    def read(self, pks: list[int]) -> None:
        if len(self.known) + len(pks) > self.MOST:
            self.known.clear()
        self.known |= Job.objects.for_cards().prefetch_related("regions").in_bulk(pks)


def compose(digest: Digest, at: datetime, adverts: Adverts | None = None) -> Mail:
    """The message of a claimed digest; it has at least one job."""
    items = digest.contents(at)
    speakers = speakers_of(items)
    finds = finds_of(digest, items, speakers, adverts or Adverts(), at)
    scope = scope_of(digest, speakers)
    letter = write(
        finds,
        speakers,
        job_count=digest.job_count,
        person_id=digest.recipient_id,
        jobs_url=digest.jobs_url,
        asks_to_slow_down=mail_should_ask(digest.recipient),
    )
    message = Mail(letter.subject, letter.text, to=[digest.recipient.email], headers=headers(digest, scope, speakers))
    message.attach_alternative(letter.html, "text/html")
    return message


def write(
    finds: list[Find],
    speakers: list[Speaker],
    *,
    job_count: int,
    person_id: int,
    jobs_url: str = "",
    is_test: bool = False,
    asks_to_slow_down: bool = False,
) -> Letter:
    """What a mail of these jobs says; `job_count` counts those, too, that it has no room for and `jobs_url` lists."""
    subject = subject_of(finds[0], others=job_count - 1)
    context = {
        "subject": f"Test: {subject}" if is_test else subject,
        "site_name": settings.SITE_NAME,
        "finds": finds,
        "speakers": speakers,
        "job_count": job_count,
        "more": job_count - len(finds),
        "jobs_url": jobs_url,
        "is_test": is_test,
        "unread": MANY_UNREAD if asks_to_slow_down else 0,
        "stop_all_url": tokens.Scope(tokens.PERSON, person_id).url("unsubscribe"),
        "list_url": settings.SITE_URL + reverse("alerts:list"),
    }
    text = render_to_string("alerts/mail/digest.txt", context).strip() + "\n"
    return Letter(context["subject"], text, render_html("alerts/mail/digest.html", context))


def finds_of(digest: Digest, items: list[Item], speakers: list[Speaker], adverts: Adverts, at: datetime) -> list[Find]:
    """The newest jobs of the digest, each once, with the alerts that found them."""
    speaking = {speaker.alert.pk: speaker.alert for speaker in speakers}
    found_by, published = defaultdict(list), {}
    for item in items:
        found_by[item.job_id].append(item.alert_id)
        published[item.job_id] = item.published_at
    newest = sorted(published, key=lambda pk: (published[pk], pk), reverse=True)[:JOBS_IN_A_MAIL]
    return [Find(job, [speaking[pk] for pk in found_by[job.pk]], at, digest.pk) for job in adverts.of(newest)]


def finds_among(digest: Digest, jobs: list[Job], at: datetime) -> list[Find]:
    """These jobs of the digest with the alerts that found them."""
    alerts = defaultdict(list)
    for item in digest.items.filter(job__in=jobs).select_related("alert").order_by("alert_id"):
        alerts[item.job_id].append(item.alert)
    return [Find(job, alerts[job.pk], at, digest.pk) for job in jobs]


def speakers_of(items: list[Item]) -> list[Speaker]:
    counts = Counter(item.alert_id for item in items)
    alerts = Alert.objects.filter(pk__in=counts).select_related("search").order_by("pk")
    return [Speaker(alert, counts[alert.pk]) for alert in alerts]


def scope_of(digest: Digest, speakers: list[Speaker]) -> tokens.Scope:
    """What one click in the mail program stops: everything this mail speaks for."""
    if len(speakers) == 1:
        return tokens.Scope(tokens.ALERT, speakers[0].alert.pk)
    return tokens.Scope(tokens.PERSON, digest.recipient_id)


def subject_of(find: Find, *, others: int) -> str:
    company, title = Truncator(find.company).chars(60), Truncator(find.title).chars(90)
    more = f" – and {others} more" if others else ""
    return f"{isolated(company)} is hiring: {isolated(title)}{more}"


def headers(digest: Digest, scope: tokens.Scope, speakers: list[Speaker]) -> dict[str, str]:
    """RFC 8058 one-click, RFC 2919 list identity, RFC 3834 "a machine wrote this", and Gmail's Feedback-ID."""
    host = urlsplit(settings.SITE_URL).hostname
    is_of_one_alert = scope.kind == tokens.ALERT
    rhythm = speakers[0].alert.rhythm if is_of_one_alert else "mixed"
    return {
        "Message-ID": digest.message_id,
        "List-Unsubscribe": f"<{scope.url('unsubscribe')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{scope}.alerts.{host}>" if is_of_one_alert else f"<alerts.{host}>",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{rhythm}:digest:alerts:{host}",
    }
