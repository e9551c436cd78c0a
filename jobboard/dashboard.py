"""The admin's front page: what waits for somebody, and how the board is doing. A fixed number of queries."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Case, Count, F, Sum, When
from django.db.models.functions import Least, TruncDate
from django.utils import timezone

from accounts.models import User
from alerts import figures
from jobboard.charts import Chart, Series
from jobboard.waiting import overdue_reviews, waiting_for
from jobs.applying import ApplyClick
from jobs.models import Job
from jobs.reports import JobReport
from subscriptions.models import ComplimentaryPlus, Subscription

DAYS = 30


def front_page(user) -> dict:
    """What this person may see."""
    now = timezone.now()
    charts = [draw(now) for permission, draw in CHARTS if user.has_perm(permission)]
    return {
        "overdue": overdue_reviews(user),
        "waiting": waiting_for(user),
        "charts": [chart for chart in charts if not chart.is_empty],
        "empty_charts": [chart for chart in charts if chart.is_empty],
    }


def live_jobs(now) -> Chart:
    """Open jobs at the end of each of the last days: all that were published so far less all that were over."""
    jobs = Job.objects.filter(published_at__lte=now).annotate(over_at=Least("closed_at", "expires_at"))
    live = running_total(
        by_day(jobs, "published_at", from_day=first_day(now)),
        by_day(jobs.filter(over_at__lte=now), "over_at", from_day=first_day(now)),
        first_day(now),
    )
    return last_days(
        now,
        name="live",
        title="Open jobs",
        figure=live[now.date()],
        about="now",
        series=[Series("Open jobs", live)],
        none="No job has been published yet.",
    )


def expiring_jobs(now) -> Chart:
    jobs = Job.objects.expiring(now, until=now + timedelta(days=DAYS))
    days = by_day(jobs, "expires_at", from_day=now.date())
    return Chart(
        name="expiring",
        title="Jobs expiring",
        figure=sum(days.values()),
        about=f"in the next {DAYS} days",
        first=now.date(),
        days=DAYS + 1,
        series=[Series("Jobs expiring", days)],
        none="No open job has its last day in the next 30 days.",
    )


def applications(now) -> Chart:
    """Clicks on “Apply”: what happens on the employer's site isn't known."""
    clicks = ApplyClick.objects.filter(hour_at__gte=since(now), hour_at__lte=now)
    return happened(now, "applications", "Applications started", by_day(clicks, "hour_at", from_day=first_day(now)))


def reports(now) -> Chart:
    filed = JobReport.objects.filter(reported_at__gte=since(now), reported_at__lte=now)
    return happened(now, "reports", "Jobs reported", by_day(filed, "reported_at", from_day=first_day(now)))


def sign_ups(now) -> Chart:
    joined = User.objects.filter(joined_at__gte=since(now), joined_at__lte=now)
    return happened(now, "sign-ups", "Sign-ups", by_day(joined, "joined_at", from_day=first_day(now)))


def subscribers(now) -> Chart:
    """People who paid for Plus, and grants of it, that ran at the end of each of the last days."""
    grants = ComplimentaryPlus.objects.filter(started_at__lte=now).annotate(over_at=Least("ended_at", "until"))
    given = running_total(
        by_day(grants, "started_at", from_day=first_day(now)),
        by_day(grants.filter(over_at__lte=now), "over_at", from_day=first_day(now)),
        first_day(now),
    )
    paying = paid_total(now, Count("pk"))
    return last_days(
        now,
        name="subscribers",
        title="Subscribers on Plus",
        figure=paying[now.date()] + given[now.date()],
        about=f"now, {paying[now.date()]:,} of them paying",
        series=[Series("Paying", paying), Series("Given", given)],
        none="Nobody has Plus yet.",
    )


def paid_total(now, measure) -> dict[date, int]:
    """The measure of the subscriptions that had begun and hadn't ended at the end of each of the last days."""
    began = Subscription.objects.begun().filter(started_at__lte=now)
    return running_total(
        by_day(began, "started_at", from_day=first_day(now), measure=measure),
        by_day(began.filter(ended_at__lte=now), "ended_at", from_day=first_day(now), measure=measure),
        first_day(now),
    )


def churn(now) -> Chart:
    """Subscriptions that ended, and what share that is of those that ran when the days began."""
    ended = Subscription.objects.begun().filter(ended_at__gte=since(now), ended_at__lte=now)
    days = by_day(ended, "ended_at", from_day=first_day(now))
    lost = ended.filter(started_at__lt=since(now)).count()
    ran = Subscription.objects.begun().filter(started_at__lt=since(now)).exclude(ended_at__lt=since(now)).count()
    share = f", {lost / ran:.0%} of the {ran:,} that ran before" if ran else ""
    return last_days(
        now,
        name="churn",
        title="Subscriptions ended",
        figure=sum(days.values()),
        about=f"in {DAYS} days{share}",
        series=[Series("Ended", days)],
        none=f"None in the last {DAYS} days.",
    )


def revenue(now) -> Chart:
    """What the running subscriptions bring in a month, a year's price counted as a twelfth; before discounts."""
    a_month = Case(When(interval="year", then=F("amount") / 12.0), default=F("amount") * 1.0)
    cents = paid_total(now, Sum(a_month))
    dollars = {day: round(amount / 100) for day, amount in cents.items()}
    return last_days(
        now,
        name="revenue",
        title="Monthly revenue",
        figure=dollars[now.date()],
        about="a month, before discounts",
        series=[Series("Monthly revenue in dollars", dollars)],
        none="Nobody pays for Plus yet.",
        unit="$",
    )


def alert_mails(now) -> Chart:
    sent, stopped = dict(figures.sent_by_day(now, DAYS)), dict(figures.unsubscribed_by_day(now, DAYS))
    return last_days(
        now,
        name="alerts",
        title="Alert mails sent",
        figure=sum(sent.values()),
        about=f"in {DAYS} days, {sum(stopped.values()):,} unsubscribed",
        series=[Series("Mails sent", sent), Series("Unsubscribed", stopped)],
        none="No alert mail has been sent in the last 30 days.",
    )


# What one must be allowed to look at, and the chart of it.
CHARTS: list[tuple[str, Callable]] = [
    ("jobs.view_job", live_jobs),
    ("jobs.view_job", expiring_jobs),
    ("jobs.publish_job", applications),
    ("jobs.change_jobreport", reports),
    ("alerts.view_digest", alert_mails),
    ("accounts.view_user", sign_ups),
    ("subscriptions.view_complimentaryplus", subscribers),
    ("subscriptions.view_subscription", churn),
    ("subscriptions.view_subscription", revenue),
]


def happened(now, name: str, title: str, days: dict[date, int]) -> Chart:
    """The chart of something that happens now and then."""
    return last_days(
        now,
        name=name,
        title=title,
        figure=sum(days.values()),
        about=f"in {DAYS} days",
        series=[Series(title, days)],
        none=f"None in the last {DAYS} days.",
    )


def last_days(now, **said) -> Chart:
    return Chart(first=first_day(now), days=DAYS, **said)


def first_day(now) -> date:
    return now.date() - timedelta(days=DAYS - 1)


def since(now):
    """The beginning (UTC) of the first day that is drawn."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)


def running_total(began: dict, ended: dict, first: date) -> dict[date, int]:
    days = [first + timedelta(days=n) for n in range(DAYS)]
    totals = accumulate(began.get(day, 0) - ended.get(day, 0) for day in days)
    return dict(zip(days, totals, strict=True))


def by_day(rows, moment: str, *, from_day: date, measure=None) -> dict[date, int]:
    """How many rows have their moment on each day (UTC), or another measure of them; what was before `from_day`
    counts on that day."""
    by_date = rows.annotate(day=TruncDate(moment)).order_by().values_list("day")
    counted = by_date.annotate(counted=measure or Count("pk"))
    counts: dict[date, int] = {}
    for day, count in counted:
        counts[max(day, from_day)] = counts.get(max(day, from_day), 0) + count
    return counts
