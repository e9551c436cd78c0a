"""Going on to apply: counted, and led only to where the advert itself says."""

from urllib.parse import quote

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jobs.applications import go_on_to_apply
from jobs.models import Job
from jobs.visitors import visitor_of_today


@require_POST
@never_cache
def apply(request, pk):
    at = timezone.now()
    job = get_object_or_404(Job.objects.published(at).select_related("company"), pk=pk)
    if not job.is_open(at):
        return redirect(job)
    go_on_to_apply(job, user=request.user, visitor=visitor_of_today(request), at=at)
    if job.apply_email:
        return render(request, "jobs/apply_by_mail.html", {"job": job, "mailto": mailto(job)})
    return HttpResponseRedirect(job.apply_url, status=303)


def mailto(job) -> str:
    return f"mailto:{quote(job.apply_email, safe='@')}?subject={quote(f'Application: {job.title}')}"
