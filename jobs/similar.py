from django.utils import timezone

from jobs.models import Job


def similar_jobs(job, count=6):
    """Open jobs of the same category, newest first."""
    others = Job.objects.open(timezone.now()).filter(category=job.category_id).exclude(pk=job.pk)
    return list(others.for_cards().order_by("-published_at", "-pk")[:count])
