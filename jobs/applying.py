"""That somebody went on to apply, counted without saying who; what a person keeps of it is an Application."""

from django.db import models


class ApplyClickQuerySet(models.QuerySet):
    def record(self, *, job, visitor: str, at) -> None:
        """Count the click once an hour for each visitor; more of them write nothing."""
        self.bulk_create(
            [self.model(job=job, visitor=visitor, hour_at=at.replace(minute=0, second=0, microsecond=0))],
            ignore_conflicts=True,
        )


class ApplyClick(models.Model):
    job = models.ForeignKey("jobs.Job", models.CASCADE, related_name="apply_clicks")
    visitor = models.CharField(max_length=32, help_text="A keyed hash that means nothing after its day.")
    hour_at = models.DateTimeField(help_text="The hour in which it happened.")

    objects = ApplyClickQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "visitor", "hour_at"], name="apply_click_once_an_hour"),
        ]

    def __str__(self):
        return f"{self.job_id} at {self.hour_at:%Y-%m-%d %H}:00"
