"""Jobs on any page: their rows with the reader's own marks, and their facts in words."""

from django import template
from django.utils import timezone

from jobs import pay, wording
from jobs.marks import marks_of
from jobs.rows import drawn, row_of

register = template.Library()

for words in (
    pay.pay_in_words,
    pay.is_wide_range,
    wording.pay_a_year,
    wording.who_may_apply,
    wording.all_areas,
    wording.who_may_apply_briefly,
    wording.where,
    wording.employment_types,
    wording.kind,
    wording.is_new,
    wording.age,
):
    register.filter(words)


@register.inclusion_tag("jobs/_job_rows.html", takes_context=True)
def job_rows(context, jobs, level=3, notes=None):
    """The list of these jobs (from `for_cards`), each with "saved" or "applied" if the reader did; one query for all.

    `level` is the heading level of the titles: one below the heading that the list stands under. `notes` are, by the
    job's pk, a `text` with a link (`url`, `label`) that stands below the row, and where the row leads (`job_url`).
    """
    jobs, at = list(jobs), timezone.now()
    marks = marks_of(context["request"].user, [job.pk for job in jobs])
    rows = [row_of(job, at=at, mark=marks.get(job.pk, "")) for job in jobs]
    return {"rows": [drawn(row, heading=level, note=(notes or {}).get(row.pk)) for row in rows]}
