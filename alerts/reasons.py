"""Why an alert found a job or didn't, condition by condition, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef

from alerts.alert import Alert
from alerts.digests import Digest, DigestItem
from alerts.forms import kept_search
from alerts.searches import Match, Matching
from jobs import wording
from jobs.models import Job
from jobs.pay import pay_in_words
from jobs.search import JobSearch
from jobs.search.wanted import LISTS
from jobs.words import STOP_WORDS

FACETS = {
    "category": "Category",
    "region": "Place",
    "type": "Employment type",
    "level": "Level",
    "workplace": "Workplace",
    "country": "Country",
    "company": "Company",
    "not_company": "Company",
}


@dataclass(frozen=True)
class Condition:
    """One thing that an alert asks for, what the job says about it, and whether that fits; None when unknown."""

    wanted: str
    said: str
    holds: bool | None
    # Words are looked for in the whole advert; a fact is stated or not.
    asks_for_a_fact: bool


@dataclass(frozen=True)
class Verdict:
    """`fits` is None for a job that isn't open any more: its text can't be compared then."""

    alert: Alert
    fits: bool | None
    conditions: list[Condition]
    history: str

    @property
    def failing(self) -> int:
        return sum(condition.holds is False for condition in self.conditions)


def verdict_of(alert: Alert, job: Job, at: datetime) -> Verdict:
    """Of an alert with its search and a published job with its company, category and regions."""
    parts = parts_of(kept_search(alert))
    holds = held([search for _, _, search in parts], job, at)
    conditions = [
        Condition(wanted, said_by(job, name), one, asks_for_a_fact=name != "q")
        for (name, wanted, _), one in zip(parts, holds, strict=True)
    ]
    fits = None if None in holds else all(holds)
    return Verdict(alert, fits, conditions, history_of(alert, job, fits, at))


def parts_of(search: JobSearch) -> list[tuple[str, str, JobSearch]]:
    """Parameter, words and a search of its own for each condition."""
    parts = [("q", wanted, JobSearch(keywords=keywords)) for wanted, keywords in keyword_parts(search.web_query)]
    for name, field in LISTS.items():
        if getattr(search, field):
            alone = replace(JobSearch(), **{field: getattr(search, field)})
            parts.append((name, f"{FACETS[name]}: {alone.in_words()}", alone))
    if search.pay_min:
        alone = JobSearch(pay_min=search.pay_min, pay_currency=search.pay_currency, pay_period=search.pay_period)
        parts.append(("pay", f"Pay: {search.pay_in_words()}", alone))
    return parts


def keyword_parts(query: str) -> list[tuple[str, str]]:
    """(in words, keywords) of each condition; words joined by "or" are one."""
    parts = re.findall(r'-?"[^"]*"|\S+', query)
    if "or" in parts:
        return [(f"The words: {query}", query)]
    return [(keyword_in_words(part), part) for part in parts if set(part.strip('-"').split()) - STOP_WORDS]


def keyword_in_words(part: str) -> str:
    """'The word “python”', 'The phrase “machine learning”', 'Without the word “senior”'."""
    plain = part.strip('-"')
    kind = "phrase" if " " in plain else "word"
    return f"{'Without the' if part.startswith('-') else 'The'} {kind} “{plain}”"


def held(searches: list[JobSearch], job: Job, at: datetime) -> list[bool | None]:
    """For each search whether it finds the job, in one query; None for each when the job isn't open."""
    wanted = [condition_on(search) for search in searches]
    columns = ", ".join(["true", *[sql for sql, _ in wanted]])
    params = [value for _, values in wanted for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM jobs_jobdocument"  # noqa: S608 -- no value is in the SQL
            " WHERE job_id = %s AND (expires_at IS NULL OR expires_at > %s)",
            [*params, job.pk, at],
        )
        row = cursor.fetchone()
    return [None] * len(searches) if row is None else list(row[1:])


def condition_on(search: JobSearch) -> tuple[str, list]:
    """SQL on a row of JobDocument and its parameters, as jobs.search.sql has them."""
    parts, params = ["true"], []
    if query := search.tsquery_sql():
        parts.append(f"doc @@ {query[0]}")
        params += query[1]
    if (pay_min := search.pay_min_yearly()) is not None:
        parts.append("coalesce(pay_yearly >= %s, false)")
        params.append(pay_min)
    return " AND ".join(parts), params


def said_by(job: Job, name: str) -> str:
    """What the job says about a parameter of a search."""
    match name:
        case "category":
            return job.category.name
        case "type":
            return wording.employment_types(job)
        case "level":
            return job.get_level_display()
        case "workplace":
            return job.get_workplace_display()
        case "region" | "country":
            return wording.who_may_apply(job)
        case "company" | "not_company":
            return job.company.name
        case "pay":
            return pay_in_words(job)
    return ""


def history_of(alert: Alert, job: Job, fits: bool | None, at: datetime) -> str:
    """What became of the two, in one sentence."""
    item = DigestItem.objects.filter(alert=alert, job=job).select_related("digest").first()
    if item:
        return history_of_item(item, alert)
    if not job.is_open(at):
        return "The job isn't open any more, and a job that has closed is not sent."
    matched_at, was_found = what_matching_did(alert, job)
    if not fits and not was_found:
        return "So the alert leaves it out."
    if matched_at is None:
        return "It has only just appeared: alerts are compared with it within a minute."
    if alert.activated_at is None or matched_at < alert.activated_at:
        return f"It appeared on {day(matched_at, alert)}, before the alert began to look for what it looks for now."
    if not was_found:
        return (
            f"When it appeared on {day(matched_at, alert)} it didn't fit yet. "
            "A job is compared once, so that a change of it is never sent as new."
        )
    if not alert.is_active:
        return "The alert is paused, so nothing of it is sent."
    if not fits:
        return "It fitted when it appeared, and a job is compared once: it comes with the alert's next message."
    return "It comes with the alert's next message."


def what_matching_did(alert: Alert, job: Job) -> tuple[datetime | None, bool]:
    """When the job was compared with all searches, None when it wasn't yet, and whether the alert's search found it."""
    found = Match.objects.filter(search=alert.search, job=OuterRef("job"), matched_at=OuterRef("matched_at"))
    looked = Matching.objects.filter(job=job).values_list("matched_at", Exists(found))
    return looked.first() or (None, False)


def history_of_item(item: DigestItem, alert: Alert) -> str:
    digest = item.digest
    if digest is None:
        return history_of_owed(item, alert)
    match digest.state:
        case Digest.State.SENT:
            return f"It was sent on {day(digest.sent_at, alert)}. A job is sent once, never again."
        case Digest.State.FAILED:
            return "It was found, and is in a message that could not be written. Our staff know, and may try again."
        case Digest.State.SUPPRESSED:
            return f"It was found, and was in a message that was not sent: {digest.reason}."
    if digest.smtp_code is not None:
        return "It was found, and is in a message that could not be handed over yet. That is tried again for a day."
    return "It was found, and is in a message that is about to be sent."


def history_of_owed(item: DigestItem, alert: Alert) -> str:
    if not alert.is_active:
        return "It was found. The alert is paused, so nothing of it is sent."
    if item.created_at < alert.activated_at:
        found_on = day(item.created_at, alert)
        return f"It was found on {found_on}, before the alert was changed or started again, so it is not sent."
    return "It was found, and comes with the alert's next message if it is open then."


def day(moment: datetime, alert: Alert) -> str:
    local = moment.astimezone(alert.owner.zone)
    return f"{local.day} {local:%B %Y}"


def fitting(alerts: list[Alert], job: Job, at: datetime) -> dict[int, bool | None]:
    """By the alert's pk whether it fits the job as a whole, in one query; None for each when the job isn't open."""
    holds = held([kept_search(alert) for alert in alerts], job, at)
    return {alert.pk: one for alert, one in zip(alerts, holds, strict=True)}
