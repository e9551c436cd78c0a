"""A person's marks on jobs: what they saved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from jobs.applying import ApplyClick


class JobMarkQuerySet(models.QuerySet):
    def keep(self, *, user, job, at):
        """Save the job for the person; saving twice keeps the first time."""
        mark, _ = self.get_or_create(user=user, job=job, defaults={"saved_at": at})
        return mark

    def newest_first(self):
        return self.order_by("-saved_at", "-pk")

    def after(self, pk: int | None):
        """Those that follow this one of them, newest first; all when it isn't there."""
        mark = self.filter(pk=pk).first()
        if mark is None:
            return self
        return self.filter(Q(saved_at__lt=mark.saved_at) | Q(saved_at=mark.saved_at, pk__lt=mark.pk))

    def for_page(self):
        """With the jobs as their rows show them."""
        return self.select_related("job__company", "job__category").defer("job__description", "job__description_raw")


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
    applied = ApplyClick.objects.filter(user=user, job__in=job_ids).values_list("job_id", Value("applied"))
    # "applied" comes before "saved", so that the later pairs, which win in a dict, are the applied ones.
    return dict(sorted(saved.union(applied), key=lambda pair: pair[1], reverse=True))
