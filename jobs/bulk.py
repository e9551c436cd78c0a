"""Bulk changes of jobs in the admin: a page that says how many and which, then one verb, logged for each job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from jobs import undoing
from jobs.admin_forms import CloseForm, ExtendForm, PublishForm
from jobs.reviews import Review, reviews_of
from jobs.wording import enumerated

LISTED = 50


def address_to_undo(session, *, before: dict, did: str, at: datetime) -> str:
    is_kept = undoing.remember(session, before=before, did=did, at=at)
    return f"{reverse('admin:jobs_job_undo')}?{urlencode({'at': at.isoformat()})}" if is_kept else ""


def address_to_reopen(session, *, at: datetime, **what) -> str:
    """Each job remembers who closed it when, so there is nothing to keep, however many they are."""
    return f"{reverse('admin:jobs_job_reopen')}?{urlencode({'closed_at': at.isoformat()})}"


@dataclass(frozen=True)
class Change:
    """`concerned` and `kept_back` get the chosen jobs and who asks; `apply` the form's answers and the moment, too."""

    action: str
    button: str
    question: str
    done: str
    form: type[forms.Form]
    concerned: Callable[[QuerySet, object], QuerySet]
    apply: Callable[[QuerySet, object, dict, datetime], int]
    logged: Callable[[dict], str]
    # How many of the jobs wait for which review first.
    kept_back: Callable[[QuerySet, object], list[tuple[int, Review]]] = lambda jobs, user: []
    # Those of the jobs that the form's answers suit, and why the others stay as they are.
    suited: Callable[[QuerySet, dict], QuerySet] = lambda jobs, answers: jobs
    unsuited_because: str = ""
    # What was done, as the form's answers make it.
    said: Callable[[dict], str] | None = None
    # What the jobs are that it concerns, such as "2 drafts"; nothing where that makes no difference.
    kinds: Callable[[QuerySet], list[str]] = lambda jobs: []
    # The address of the page that undoes it, by the session, what the jobs were before, and what was done when;
    # "" where nothing can be undone.
    undo: Callable[..., str] = address_to_undo
    most_undone: int | None = undoing.MOST


def publish(jobs, user, answers, at):
    return jobs.publish(by=user, at=answers["publish_at"] or at)


def published(answers) -> str:
    """ "published", or for when it is scheduled."""
    at = answers["publish_at"]
    return f"scheduled for {date_format(at, 'DATETIME_FORMAT')} UTC" if at and at > timezone.now() else "published"


def close(jobs, user, answers, at):
    return jobs.close(by=user, at=at, reason=answers["reason"])


def extend(jobs, user, answers, at):
    return jobs.extend(until=answers["until"])


def publishable(jobs, user):
    return not_open(jobs).exclude(pk__in=jobs.kept_back(by=user).values("pk"))


def kept_back(jobs, user):
    return reviews_of(not_open(jobs), by=user)


def not_open(jobs):
    return jobs.exclude(pk__in=jobs.open(timezone.now()).values("pk"))


def kinds_to_publish(jobs) -> list[str]:
    """Jobs that aren't open, counted by what publishing means for them."""
    now = timezone.now()
    hidden = jobs.filter(hidden_at__isnull=False)
    shown = jobs.filter(hidden_at__isnull=True)
    drafts = shown.drafts()
    scheduled = shown.scheduled(now).exclude(expires_at__lte=now)
    closed = shown.over(now).exclude(pk__in=drafts.values("pk"))
    counts = [
        (drafts.count(), "draft", "drafts"),
        (scheduled.count(), "scheduled job", "scheduled jobs"),
        (closed.count(), "closed job that opens again", "closed jobs that open again"),
        (
            hidden.count(),
            "reported job, which settles its reports as unfounded",
            "reported jobs, which settles their reports as unfounded",
        ),
    ]
    return [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]


def not_closed(jobs, user):
    return jobs.filter(closed_at__isnull=True)


PUBLISH = Change(
    action="publish_jobs",
    button="Publish",
    question="Publish these jobs?",
    done="published",
    form=PublishForm,
    concerned=publishable,
    apply=publish,
    logged=lambda answers: f"{capfirst(published(answers))}.",
    suited=lambda jobs, answers: jobs.outlasting(answers["publish_at"] or timezone.now()),
    unsuited_because="the last day comes before",
    said=published,
    kept_back=kept_back,
    kinds=kinds_to_publish,
)
CLOSE = Change(
    action="close_jobs",
    button="Close",
    question="Close these jobs?",
    done="closed",
    form=CloseForm,
    concerned=not_closed,
    apply=close,
    logged=lambda answers: f"Closed: {answers['reason']}.",
    undo=address_to_reopen,
    most_undone=None,
)
EXTEND = Change(
    action="extend_jobs",
    button="Extend",
    question="Give these jobs a new last day?",
    done="extended",
    form=ExtendForm,
    concerned=not_closed,
    apply=extend,
    logged=lambda answers: f"Extended until {answers['until']:%Y-%m-%d %H:%M} UTC.",
    suited=lambda jobs, answers: jobs.ending_before(answers["until"]),
    unsuited_because="the last day is this one or later already",
)


def asked_or_done(admin, request, chosen: QuerySet, change: Change):
    """The answer to a bulk action: the confirm page, or None when it was confirmed and done."""
    jobs = change.concerned(chosen, request.user)
    ids = list(jobs.order_by("pk").values_list("pk", flat=True))
    if not ids:
        warn_that_none_can(request, chosen, change)
        return None
    form = change.form(request.POST if "confirmed" in request.POST else None)
    if form.is_bound and is_what_was_shown(request, form, ids) and form.is_valid():
        apply_and_tell(admin, request, admin.model.objects.filter(pk__in=ids), change, form.cleaned_data)
        return None
    return confirm_page(admin, request, chosen, jobs, ids, change, form)


def warn_that_none_can(request, chosen: QuerySet, change: Change):
    waiting = ((counted(count), review.why, review.link) for count, review in change.kept_back(chosen, request.user))
    because = format_html_join("", " {}: {}. See {}.", waiting)
    messages.warning(request, format_html("None of the chosen jobs can be {}.{}", change.done, because))


def is_what_was_shown(request, form, ids: list[int]) -> bool:
    """Whether as many jobs are meant as the page said; more may have come in while staff looked at it."""
    if request.POST["confirmed"] == str(len(ids)):
        return True
    form.add_error(None, "The number of jobs has changed meanwhile. Look again and confirm.")
    return False


def apply_and_tell(admin, request, jobs: QuerySet, change: Change, answers: dict):
    at = timezone.now()
    suited = admin.model.objects.filter(pk__in=list(change.suited(jobs, answers).values_list("pk", flat=True)))
    if unsuited := jobs.count() - suited.count():
        stay = "stays as it is" if unsuited == 1 else "stay as they are"
        messages.warning(request, f"{counted(unsuited)} {stay}: {change.unsuited_because}.")
    if not suited:
        return
    log(request.user, suited, change.logged(answers))
    before = undoing.lives(suited)
    done = change.said(answers) if change.said else change.done
    said = f"{counted(change.apply(suited, request.user, answers, at))} {done}."
    if address := change.undo(request.session, before=before, did=change.done, at=at):
        # With the list's filters, to come back to the same list.
        address = "&".join(filter(None, [address, admin.get_preserved_filters(request)]))
        said = format_html('{} <a href="{}">Undo</a>', said, address)
    messages.success(request, said)


def log(user, jobs: QuerySet, what: str):
    named = jobs.select_related("company").only("title", "company__name")
    LogEntry.objects.log_actions(user.pk, named, CHANGE, change_message=what)


def counted(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"


def confirm_page(admin, request, chosen, jobs, ids, change: Change, form) -> TemplateResponse:
    kept_back = change.kept_back(chosen, request.user)
    context = {
        **admin.admin_site.each_context(request),
        "title": change.question,
        "opts": admin.model._meta,
        "change": change,
        "form": form,
        "media": admin.media + form.media,
        "count": len(ids),
        "counted": counted(len(ids)),
        "kinds": enumerated(change.kinds(jobs)),
        "is_for_good": change.most_undone is not None and len(ids) > change.most_undone,
        "kept_back": kept_back,
        "left_out": chosen.count() - len(ids) - sum(count for count, _ in kept_back),
        "listed": jobs.select_related("company").order_by("pk")[:LISTED],
        "more": max(0, len(ids) - LISTED),
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/jobs/job/bulk.html", context)
