"""The admin's front page: what needs somebody now, and how the board is doing. A fixed number of queries."""

from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Count, Q
from django.db.models.functions import Least, TruncDate
from django.urls import reverse
from django.utils import timezone

from alerts import figures
from jobboard.charts import Chart, Series
from jobs.admin import EXPIRING_WITHIN
from jobs.models import Job
from jobs.reports import JobReport
from sources.models import ImportRun

DAYS = 30


def front_page(user) -> dict:
    """Boxes and charts that this person may see."""
    now = timezone.now()
    return {"boxes": boxes(user, now), "charts": charts(user, now)}


def boxes(user, now) -> list[dict]:
    found = []
    if user.has_perm("jobs.view_jobreport"):
        waiting = JobReport.objects.waiting().count()
        found.append(box("Reports waiting", waiting, "jobs_jobreport", "reviewed_at__isempty=1", is_urgent=True))
    if user.has_perm("sources.view_importrun"):
        found += import_boxes()
    if user.has_perm("jobs.view_job"):
        found += job_boxes(now)
    if user.has_perm("alerts.view_digest"):
        found.append(box("Alert mails not through yet", sum(figures.waiting_digests().values()), "alerts_digest", ""))
    return found


def box(label: str, count: int, model: str, query: str, *, is_urgent: bool = False) -> dict:
    url = f"{reverse(f'admin:{model}_changelist')}?{query}"
    return {"label": label, "count": count, "url": url, "is_urgent": is_urgent and count > 0}


def import_boxes() -> list[dict]:
    counts = ImportRun.objects.aggregate(
        failed=Count("pk", filter=Q(failed_at__isnull=False)),
        waiting=Count("pk", filter=Q(pk__in=ImportRun.objects.waiting().values("pk"))),
    )
    return [
        box("Failed imports", counts["failed"], "sources_importrun", "state=failed", is_urgent=True),
        box("Imports to confirm", counts["waiting"], "sources_importrun", "state=waiting"),
    ]


def job_boxes(now) -> list[dict]:
    states = {
        "hidden": Job.objects.hidden(),
        "expiring": Job.objects.expiring(now, until=now + EXPIRING_WITHIN),
        "draft": Job.objects.drafts(),
        "scheduled": Job.objects.scheduled(now),
    }
    counts = Job.objects.aggregate(
        **{name: Count("pk", filter=Q(pk__in=of.values("pk"))) for name, of in states.items()}
    )
    return [
        box("Jobs hidden by reports", counts["hidden"], "jobs_job", "state=hidden", is_urgent=True),
        box("Jobs expiring in 7 days", counts["expiring"], "jobs_job", "state=expiring"),
        box("Drafts", counts["draft"], "jobs_job", "state=draft"),
        box("Scheduled jobs", counts["scheduled"], "jobs_job", "state=scheduled"),
    ]


def charts(user, now) -> list[Chart]:
    today = now.date()
    drawn = [live_jobs(today, now), expiring_jobs(today, now)] if user.has_perm("jobs.view_job") else []
    return [*drawn, alert_mails(today, now)] if user.has_perm("alerts.view_digest") else drawn


def live_jobs(today: date, now) -> Chart:
    """Open jobs at the end of each of the last days: all that were published so far less all that were over."""
    first = today - timedelta(days=DAYS - 1)
    jobs = Job.objects.filter(published_at__lte=now).annotate(over_at=Least("closed_at", "expires_at"))
    began = by_day(jobs, "published_at", from_day=first)
    ended = by_day(jobs.filter(over_at__lte=now), "over_at", from_day=first)
    days = [first + timedelta(days=n) for n in range(DAYS)]
    live = accumulate(began.get(day, 0) - ended.get(day, 0) for day in days)
    return Chart(
        name="live",
        title="Open jobs, last 30 days",
        first=first,
        days=DAYS,
        series=[Series("Open jobs", dict(zip(days, live, strict=True)))],
        none="No job has been published yet.",
    )


def expiring_jobs(today: date, now) -> Chart:
    jobs = Job.objects.expiring(now, until=now + timedelta(days=DAYS))
    return Chart(
        name="expiring",
        title="Jobs whose last day comes, next 30 days",
        first=today,
        days=DAYS + 1,
        series=[Series("Jobs expiring", by_day(jobs, "expires_at", from_day=today))],
        none="No open job has its last day in the next 30 days.",
    )


def alert_mails(today: date, now) -> Chart:
    return Chart(
        name="alerts",
        title="Alert mails and unsubscribing, last 30 days",
        first=today - timedelta(days=DAYS - 1),
        days=DAYS,
        series=[
            Series("Mails sent", dict(figures.sent_by_day(now, DAYS))),
            Series("Unsubscribed", dict(figures.unsubscribed_by_day(now, DAYS))),
        ],
        none="No alert mail has been sent in the last 30 days.",
    )


def by_day(jobs, moment: str, *, from_day: date) -> dict[date, int]:
    """How many jobs have their moment on each day (UTC); what was before `from_day` counts on that day."""
    rows = jobs.annotate(day=TruncDate(moment)).order_by().values_list("day").annotate(Count("pk"))
    counts: dict[date, int] = {}
    for day, count in rows:
        counts[max(day, from_day)] = counts.get(max(day, from_day), 0) + count
    return counts
