"""A person's saved jobs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import is_ours, login_then_back
from jobs.marks import marks_of
from jobs.models import Job, JobMark
from jobs.rows import row_of

PAGE = 20


@require_POST
def save(request, pk):
    at = timezone.now()
    job = get_object_or_404(Job.objects.published(at), pk=pk)
    if not request.user.is_authenticated:
        return redirect_to_login(job.get_absolute_url())
    JobMark.objects.keep(user=request.user, job=job, at=at)
    messages.success(request, "The job is saved. You find it under Saved jobs.")
    return HttpResponseRedirect(way_back(request, job))


@require_POST
@login_then_back("jobs:saved")
def unsave(request, pk):
    mark = request.user.job_marks.select_related("job").filter(job=pk).first()
    if mark is None:
        return refuse_removed(request, pk)
    mark.delete()
    say_removed(request, mark.job, already=False)
    return HttpResponseRedirect(way_back(request, mark.job))


def refuse_removed(request, pk):
    """One removed meanwhile, as in another tab. A job that can't be saved any more, or never could, has no way back."""
    job = Job.objects.published(timezone.now()).filter(pk=pk).first()
    if job is None:
        messages.info(request, "The job isn’t saved any more.")
        return redirect("jobs:saved")
    say_removed(request, job, already=True)
    return HttpResponseRedirect(way_back(request, job))


def say_removed(request, job, *, already: bool) -> None:
    context = {"job": job, "back": way_back(request, job), "was_removed": already}
    messages.info(request, render_to_string("jobs/_unsaved.html", context, request=request))


def way_back(request, job) -> str:
    address = request.POST.get("next", "")
    return address if is_ours(request, address) else job.get_absolute_url()


@require_safe
@login_required
@never_cache
def saved(request):
    marks = request.user.job_marks.newest_first().for_page()
    after = number(request.GET.get("cursor", ""))
    page = list(marks.after(after)[: PAGE + 1])
    more = page[PAGE - 1].pk if len(page) > PAGE else None
    at = timezone.now()
    context = {"rows": rows_of(request.user, page[:PAGE], at), "more": more, "is_first_page": after is None}
    return render(request, "jobs/saved.html", context)


def rows_of(user, marks, at):
    jobs = [mark.job for mark in marks]
    found = marks_of(user, [job.pk for job in jobs])
    # That all of them are saved needs no saying in each row.
    return [row_of(job, at=at, mark="applied" if found[job.pk] == "applied" else "") for job in jobs]


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
