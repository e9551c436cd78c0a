"""A person's marks on jobs: what they saved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.utils import timezone

from jobs.applications import Application
from jobs.own_jobs import OwnJobsQuerySet


class JobMarkQuerySet(OwnJobsQuerySet):
    dated_by = "saved_at"

    def keep(self, *, user, job, at):
        """Save the job for the person; saving twice keeps the first time."""
        mark, _ = self.get_or_create(user=user, job=job, defaults={"saved_at": at})
        return mark


class JobMark(models.Model):
    """That a person saved a job."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="job_marks")
    job = models.ForeignKey("jobs.Job", models.CASCADE, related_name="marks")
    saved_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="When we mailed that the job closes soon.")

    objects = JobMarkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "job"], name="job_mark_once")]
        indexes = [models.Index("user", F("saved_at").desc(), F("id").desc(), name="job_mark_newest")]

    def __str__(self):
        return f"{self.user_id} saved {self.job_id}"


def has_saved(user, job) -> bool:
    return user.is_authenticated and user.job_marks.filter(job=job).exists()


def marks_of(user, job_ids) -> dict[int, str]:
    """What the person did with each of these jobs: "applied" or else "saved". One query, none for a visitor."""
    if not user.is_authenticated or not job_ids:
        return {}
    saved = JobMark.objects.filter(user=user, job__in=job_ids).values_list("job_id", Value("saved"))
    applied = Application.objects.listed().filter(user=user, job__in=job_ids).values_list("job_id", Value("applied"))
    # "applied" comes before "saved", so that the later pairs, which win in a dict, are the applied ones.
    return dict(sorted(saved.union(applied), key=lambda pair: pair[1], reverse=True))
