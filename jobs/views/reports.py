from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs.forms import ReportForm
from jobs.limits import A_DAY, within_limit
from jobs.models import Job, JobReport
from jobs.visitors import visitor_for, visitor_of_today

REPORTS_A_DAY = 10


@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk):
    job = get_object_or_404(Job.objects.published(timezone.now()).select_related("company"), pk=pk)
    form = ReportForm(request.POST or None)
    if not form.is_valid():
        return render(request, "jobs/report.html", {"job": job, "form": form})
    if not within_limit(f"reports-{visitor_of_today(request)}", most=REPORTS_A_DAY, seconds=A_DAY):
        form.add_error(None, "You have reported many jobs today. Please go on tomorrow, or write to us.")
        return render(request, "jobs/report.html", {"job": job, "form": form}, status=429)
    file_report(request, job, **form.cleaned_data)
    messages.success(request, "Thank you. We will look at this job.")
    return redirect(job)


def file_report(request, job, *, reason, text):
    JobReport.objects.file(
        job=job,
        reason=reason,
        text=text,
        reporter=visitor_for(request, f"report of {job.pk}"),
        user=request.user if request.user.is_authenticated else None,
        at=timezone.now(),
    )
