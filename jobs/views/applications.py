"""Where a person went on to apply."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import login_then_back
from jobs.rows import row_of
from jobs.views.own_jobs import offer_undo, page_of, way_back


@require_safe
@login_required
@never_cache
def applied(request):
    page = page_of(request.user.applications.listed(), request)
    if page.is_beyond_the_end:
        return redirect("jobs:applied")
    at = timezone.now()
    rows = [(row_of(application.job, at=at), application.applied_at) for application in page.entries]
    return render(request, "jobs/applied.html", {"page": page, "rows": rows})


@require_POST
@login_then_back("jobs:applied")
def remove(request, pk):
    application = get_object_or_404(request.user.applications.select_related("job"), job=pk)
    application.remove(at=timezone.now())
    back = way_back(request, reverse("jobs:applied"))
    undo = reverse("jobs:restore_application", args=[pk])
    offer_undo(request, application.job, words="is off the list of where you applied.", undo=undo, back=back)
    return HttpResponseRedirect(back)


@require_POST
@login_then_back("jobs:applied")
def restore(request, pk):
    get_object_or_404(request.user.applications, job=pk).restore()
    messages.success(request, "The job is on the list of where you applied again.")
    return HttpResponseRedirect(way_back(request, reverse("jobs:applied")))
