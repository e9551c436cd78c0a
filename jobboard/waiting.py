"""What waits for staff, the most urgent first: each kind is one count, shown to those who can do something about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from alerts.alert import Alert
from alerts.digests import Digest
from careers.models import Figure, Guide, SourceLink
from careers.reviews import GUIDE_DUE_ON
from jobs.admin import EXPIRING_WITHIN
from jobs.models import Job
from jobs.reports import JobReport
from sources.held import HeldLink
from sources.models import ImportRun
from subscriptions.models import StaffTask, StripeEvent, Subscription

# How many of what is overdue the front page names.
NAMED = 8

NOW, SOON, SOME_DAY = "now", "soon", "some-day"


@dataclass(frozen=True)
class Duty:
    """`permission` is what somebody needs to do it, `find` the rows by the time of asking, `url` their list."""

    permission: str
    one: str
    many: str
    model: str
    query: str
    urgency: str
    find: Callable[[datetime], object]


DUTIES = (
    Duty("jobs.change_jobreport", "report waits for a verdict", "reports wait for a verdict",
         "jobs_jobreport", "reviewed_at__isempty=1", NOW, lambda at: JobReport.objects.waiting()),
    Duty("sources.change_heldlink", "link waits for review", "links wait for review",
         "sources_heldlink", "verdict=waiting", NOW, lambda at: HeldLink.objects.waiting()),
    Duty("jobs.publish_job", "job is hidden by reports", "jobs are hidden by reports",
         "jobs_job", "state=hidden", NOW, lambda at: Job.objects.hidden()),
    Duty("sources.change_importrun", "import has failed", "imports have failed",
         "sources_importrun", "state=failed", NOW, lambda at: ImportRun.objects.failed()),
    Duty("subscriptions.change_stafftask", "question about a payment", "questions about payments",
         "subscriptions_stafftask", "state=open", NOW, lambda at: StaffTask.objects.open()),
    Duty("subscriptions.change_stripeevent", "event of Stripe’s couldn’t be acted on",
         "events of Stripe’s couldn’t be acted on",
         "subscriptions_stripeevent", "state=failed", NOW, lambda at: StripeEvent.objects.failed()),
    Duty("careers.publish_guide", "guide missed its schedule", "guides missed their schedule",
         "careers_guide", "state=missed", NOW, lambda at: Guide.objects.missed_their_schedule()),
    Duty("alerts.view_digest", "alert mail is late", "alert mails are late",
         "alerts_digest", "trouble=late", NOW, lambda at: Digest.objects.late(at)),
    Duty("alerts.view_digest", "alert mail can't be written", "alert mails can't be written",
         "alerts_digest", "trouble=aside", NOW, lambda at: Digest.objects.set_aside()),
    Duty("alerts.view_alert", "alert fails", "alerts fail",
         "alerts_alert", "state=failing", SOON, lambda at: Alert.objects.kept().filter(failed_at__isnull=False)),
    Duty("subscriptions.view_subscription", "payment is missing", "payments are missing",
         "subscriptions_subscription", "state=past-due", SOON, lambda at: Subscription.objects.past_due()),
    Duty("subscriptions.view_subscription", "subscription is without news", "subscriptions are without news",
         "subscriptions_subscription", "state=stale", SOON, lambda at: Subscription.objects.stale(at)),
    Duty("sources.change_importrun", "import waits to be confirmed", "imports wait to be confirmed",
         "sources_importrun", "state=waiting", SOON, lambda at: ImportRun.objects.waiting()),
    Duty("jobs.add_job", "job expires within 7 days", "jobs expire within 7 days",
         "jobs_job", "state=expiring", SOON, lambda at: Job.objects.expiring(at, until=at + EXPIRING_WITHIN)),
    Duty("careers.publish_guide", "guide waits for a colleague's review", "guides wait for a colleague's review",
         "careers_guide", "state=review", SOON, lambda at: Guide.objects.in_review()),
    Duty("careers.change_sourcelink", "source of a figure is broken", "sources of figures are broken",
         "careers_sourcelink", "state=broken", SOON, lambda at: SourceLink.objects.broken()),
    Duty("jobs.add_job", "draft of a job", "drafts of jobs",
         "jobs_job", "state=draft", SOME_DAY, lambda at: Job.objects.drafts()),
    Duty("careers.change_guide", "draft of a guide", "drafts of guides",
         "careers_guide", "state=draft", SOME_DAY, lambda at: Guide.objects.drafts()),
)  # fmt: skip


def waiting_for(user) -> list[dict]:
    """Only what is above zero; a query for each duty this person has, however much waits."""
    at = timezone.now()
    counted = [(duty, duty.find(at).count()) for duty in DUTIES if user.has_perm(duty.permission)]
    return [row(duty, count) for duty, count in counted if count]


def row(duty: Duty, count: int) -> dict:
    return {
        "count": count,
        "words": duty.one if count == 1 else duty.many,
        "url": f"{reverse(f'admin:{duty.model}_changelist')}?{duty.query}",
        "urgency": duty.urgency,
    }


def overdue_reviews(user) -> dict | None:
    """Guides and figures whose day of review has come, the longest overdue first; None for who can't change them."""
    if not user.has_perm("careers.change_guide"):
        return None
    today = timezone.now().date()
    guides = Guide.objects.annotate(due_on=GUIDE_DUE_ON).filter(due_on__lte=today).order_by("due_on", "pk")
    figures = Figure.objects.due_for_review(today).select_related("guide").order_by("due_on", "pk")
    rows = [review(guide, guide.due_on, "the guide") for guide in guides[:NAMED]]
    rows += [review(figure.guide, figure.due_on, str(figure)) for figure in figures[:NAMED]]
    count = guides.count() + figures.count()
    return {"count": count, "rows": sorted(rows, key=lambda one: one["due_on"])[:NAMED], "more": max(0, count - NAMED)}


def review(guide: Guide, due_on, what: str) -> dict:
    return {
        "title": guide.title,
        "what": what,
        "due_on": due_on,
        "url": reverse("admin:careers_guide_change", args=[guide.pk]),
    }
