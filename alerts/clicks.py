"""That somebody opened a job of an alert from a mail: counted once for each alert and job, and nothing else is.

There is no picture in our mails that tells whether they were looked at.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from alerts.alert import Alert
from alerts.digests import DigestItem
from jobs.models import Job


class ClickQuerySet(models.QuerySet):
    def record(self, *, digest_id: int, job_id: int, at: datetime) -> None:
        """Count it for each alert that has the job in this message; a second time changes nothing."""
        alert_ids = DigestItem.objects.filter(digest=digest_id, job=job_id).values_list("alert_id", flat=True)
        clicks = [self.model(alert_id=alert_id, job_id=job_id, clicked_at=at) for alert_id in alert_ids]
        self.bulk_create(clicks, ignore_conflicts=True)


class Click(models.Model):
    pk = models.CompositePrimaryKey("alert_id", "job_id")
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="clicks", db_index=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    clicked_at = models.DateTimeField()

    objects = ClickQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["clicked_at"], name="click_age")]

    def __str__(self):
        return f"job {self.job_id} from alert {self.alert_id}"


def opening_url(digest_id: int, job: Job) -> str:
    """The address in a message that counts and leads to the job's page. It logs nobody in and leads nowhere else."""
    signature = signer().signature(f"{digest_id}-{job.pk}")
    return settings.SITE_URL + reverse("alerts:open_job", args=[digest_id, job.pk, signature])


def is_ours(digest_id: int, job_id: int, signature: str) -> bool:
    """Whether we wrote this address; also with a key that was rotated out."""
    try:
        signer().unsign(f"{digest_id}-{job_id}:{signature}")
    except BadSignature:
        return False
    return True


def signer() -> Signer:
    return Signer(salt="alerts.opening", sep=":")


def is_by_a_person(request: HttpRequest) -> bool:
    """Whether a browser opens the page for somebody to see.

    Programs that follow every link of a mail to judge it, and browsers that fetch ahead, don't count.
    """
    is_ahead = "Sec-Purpose" in request.headers or "Purpose" in request.headers
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate" and not is_ahead
