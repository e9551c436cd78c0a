"""A person's saved jobs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import login_then_back
from jobs.marks import marks_of
from jobs.models import Job, JobMark
from jobs.rows import row_of
from jobs.views.own_jobs import offer_undo, page_of, way_back


@require_POST
def save(request, pk):
    at = timezone.now()
    job = get_object_or_404(Job.objects.published(at), pk=pk)
    if not request.user.is_authenticated:
        return redirect_to_login(job.get_absolute_url())
    JobMark.objects.keep(user=request.user, job=job, at=at)
    messages.success(request, "The job is saved. You find it under Saved jobs.")
    return HttpResponseRedirect(way_back(request, job.get_absolute_url()))


@require_POST
@login_then_back("jobs:saved")
def unsave(request, pk):
    mark = request.user.job_marks.select_related("job").filter(job=pk).first()
    if mark is None:
        return refuse_removed(request, pk)
    mark.delete()
    return say_removed(request, mark.job, words="is no longer saved.")


def refuse_removed(request, pk):
    """One removed meanwhile, as in another tab. A job that can't be saved any more, or never could, has no way back."""
    job = Job.objects.published(timezone.now()).filter(pk=pk).first()
    if job is None:
        messages.info(request, "The job isn’t saved any more.")
        return redirect("jobs:saved")
    return say_removed(request, job, words="was removed from your saved jobs already.")


def say_removed(request, job, *, words: str):
    back = way_back(request, job.get_absolute_url())
    offer_undo(request, job, words=words, undo=reverse("jobs:save", args=[job.pk]), back=back)
    return HttpResponseRedirect(back)


@require_safe
@login_required
@never_cache
def saved(request):
    page = page_of(request.user.job_marks.all(), request)
    if page.is_beyond_the_end:
        return redirect("jobs:saved")
    context = {"page": page, "rows": rows_of(request.user, page.entries, timezone.now())}
    return render(request, "jobs/saved.html", context)


def rows_of(user, marks, at):
    jobs = [mark.job for mark in marks]
    found = marks_of(user, [job.pk for job in jobs])
    # That all of them are saved needs no saying in each row.
    return [row_of(job, at=at, mark="applied" if found[job.pk] == "applied" else "") for job in jobs]
