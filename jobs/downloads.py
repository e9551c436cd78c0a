"""The jobs of a staff list as a table to download; who took one, or was refused, is on record."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from jobs.bulk import counted
from jobs.exports import csv_response
from jobs.models import Job
from jobs.pay import major_units

EXPORTED = [
    "id", "title", "company", "category", "location", "workplace", "countries", "employment_types", "level",
    "pay_min", "pay_max", "pay_currency", "pay_period", "tags", "apply_url", "apply_email", "published_at",
    "expires_at", "closed_at", "close_reason", "description",
]  # fmt: skip


def exported(request, jobs):
    jobs = jobs.select_related("company", "category").defer(None)
    log_export(request, counted(jobs.count()))
    return csv_response("jobs", EXPORTED, map(cells_of, jobs.iterator(chunk_size=500)))


def cells_of(job: Job) -> list:
    said = {
        "company": job.company.name,
        "category": job.category.name,
        "countries": ", ".join(job.countries),
        "employment_types": ", ".join(job.employment_types),
        "tags": ", ".join(job.tags),
        "pay_min": amount(job.pay_min, job),
        "pay_max": amount(job.pay_max, job),
    }
    return [said.get(name, getattr(job, name)) for name in EXPORTED]


def amount(minor, job: Job):
    return None if minor is None else major_units(minor, job.pay_currency)


def log_export(request, what: str):
    LogEntry.objects.create(
        user=request.user,
        content_type=ContentType.objects.get_for_model(Job),
        object_repr=f"export of jobs: {what}",
        action_flag=CHANGE,
        change_message="Export.",
    )
