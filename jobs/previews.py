"""Addresses at which staff see a job before anybody else may."""

from django.core import signing
from django.urls import reverse

GOOD_FOR_SECONDS = 24 * 60 * 60
SALT = "jobs.preview"


def preview_address(job) -> str:
    """The path of the job's page with a token that shows it, published or not, for a day."""
    token = signing.TimestampSigner(salt=SALT).sign(str(job.pk))
    return f"{reverse('jobs:job', args=[job.pk, job.slug])}?preview={token}"


def may_preview(job, token: str) -> bool:
    try:
        return signing.TimestampSigner(salt=SALT).unsign(token, max_age=GOOD_FOR_SECONDS) == str(job.pk)
    except signing.BadSignature:
        return False
