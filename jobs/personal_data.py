"""For settings.PERSONAL_DATA: what a person saved and where they went to apply."""

from django.db.models import F

from jobs.applications import Application
from jobs.marks import JobMark


def personal_data(user) -> dict:
    job = {"title": F("job__title"), "company": F("job__company__name")}
    return {
        "saved_jobs": list(JobMark.objects.filter(user=user).order_by("pk").values("saved_at", **job)),
        "applications_opened": list(
            Application.objects.filter(user=user).order_by("pk").values("applied_at", "removed_at", **job)
        ),
    }
