"""Reports of adverts that seem wrong, and what staff made of them."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from jobs.reviews import Review

# So many people have to report a job before it is hidden until staff have looked.
REPORTS_THAT_HIDE = 3


class JobReportQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(reviewed_at__isnull=True)

    @transaction.atomic
    def file(self, *, job, reason: str, text: str, reporter: str, user, at) -> bool:
        """Keep one report a person and job; the third person's hides the job. False if this person told us before."""
        # Two reports at once would each miss the other and neither would hide the job, hence the lock.
        job = type(job).objects.select_for_update().get(pk=job.pk)
        _, is_new = self.get_or_create(
            job=job,
            reporter=reporter,
            defaults={"reason": reason, "text": text, "user": user, "reported_at": at},
        )
        if is_new and job.hidden_at is None and self.filter(job=job).waiting().count() >= REPORTS_THAT_HIDE:
            job.hide(at=at)
        return is_new

    def settle(self, *, by, at, upheld: bool) -> int:
        return self.waiting().update(reviewed_at=at, reviewed_by=by, upheld=upheld)


class JobReport(models.Model):
    class Reason(models.TextChoices):
        MONEY = "money", "It asks for money or bank details"
        FAKE = "fake", "It isn’t a real job or not from this company"
        GONE = "gone", "The job is no longer open"
        MISLEADING = "misleading", "Pay, place or terms are not as stated"
        DISCRIMINATES = "discriminates", "It discriminates against people"
        OTHER = "other", "Something else"

    job = models.ForeignKey("jobs.Job", models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=13, choices=Reason)
    text = models.TextField(blank=True, max_length=2000)
    reporter = models.CharField(max_length=32, editable=False, help_text="A keyed hash, another for each job.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    upheld = models.BooleanField(null=True, editable=False)

    objects = JobReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "reporter"], name="job_report_once"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, upheld__isnull=True)
                | Q(reviewed_at__isnull=False, upheld__isnull=False),
                name="job_report_reviewed_with_outcome",
            ),
        ]
        indexes = [
            models.Index(F("reported_at").desc(), name="job_report_waiting", condition=Q(reviewed_at__isnull=True))
        ]

    def __str__(self):
        return f"{self.get_reason_display()}: job {self.job_id}"

    @transaction.atomic
    def review(self, *, by, at, upheld: bool) -> None:
        """Settle all that waits about this job: it closes if the reports are right and is shown again if not."""
        self.job.reports.settle(by=by, at=at, upheld=upheld)
        if upheld:
            self.job.close(by=by, at=at, reason=self.job.CloseReason.REPORTED)
        else:
            self.job.unhide()
        self.refresh_from_db()


def found_right() -> Q:
    """A condition on jobs: closed because of what was reported."""
    return Q(closed_at__isnull=False, close_reason="reported")


def waits_for_a_verdict() -> Q:
    """A condition on jobs: hidden, and nobody has decided whether what was reported is right."""
    return Q(hidden_at__isnull=False) & ~found_right()


VERDICT = Review(
    waiting=waits_for_a_verdict,
    why="what people reported waits for a verdict",
    title="Reports that wait",
    url_name="admin:jobs_jobreport_changelist",
    query="?reviewed_at__isempty=1",
    permission="jobs.change_jobreport",
)
FOUND_RIGHT = Review(
    waiting=found_right,
    why="what was reported was found right",
    title="Reports found right",
    url_name="admin:jobs_jobreport_changelist",
    query="?upheld__exact=1",
    permission="jobs.change_jobreport",
)
