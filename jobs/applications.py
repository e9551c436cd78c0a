"""Where a person went on to apply: a list of their own, apart from the figures that staff see."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from jobs.applying import ApplyClick
from jobs.own_jobs import OwnJobsQuerySet


class ApplicationQuerySet(OwnJobsQuerySet):
    dated_by = "applied_at"

    def note(self, *, user, job, at) -> None:
        """Put the job on top of the person's list; one that they took off it comes back."""
        self.bulk_create(
            [self.model(user=user, job=job, applied_at=at)],
            update_conflicts=True,
            unique_fields=["user", "job"],
            update_fields=["applied_at", "removed_at"],
        )

    def listed(self):
        """Those that the person didn't take off the list."""
        return self.filter(removed_at=None)


class Application(models.Model):
    """That a person went on to apply; whether they did apply isn't known, so they may take it off their list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="applications")
    job = models.ForeignKey("jobs.Job", models.CASCADE, related_name="applications")
    applied_at = models.DateTimeField(help_text="When they last went on to apply.")
    removed_at = models.DateTimeField(null=True, blank=True, help_text="When they took it off their list.")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "job"], name="application_once")]
        indexes = [
            models.Index(
                "user",
                F("applied_at").desc(),
                F("id").desc(),
                name="application_newest",
                condition=Q(removed_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.user_id} went on to apply for {self.job_id}"

    def remove(self, *, at):
        """Take it off the list."""
        self.removed_at = at
        self.save(update_fields=["removed_at"])

    def restore(self):
        """Undo taking it off: it stands where it stood."""
        self.removed_at = None
        self.save(update_fields=["removed_at"])


@transaction.atomic
def go_on_to_apply(job, *, user, visitor: str, at) -> None:
    """Count it without saying who, and note it for the person when they are logged in."""
    ApplyClick.objects.record(job=job, visitor=visitor, at=at)
    if user.is_authenticated:
        Application.objects.note(user=user, job=job, at=at)
