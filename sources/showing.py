"""An import in words: its counts, its rows, its report."""

from django.urls import reverse

from jobs.pay import Period, major_units
from sources.columns import label_of
from sources.models import ImportRow, ImportRun, Outcome
from sources.preview import written

REVIEW = "review"
# What is said of one row, and of any other number of them.
HINTS = {
    "": ("row is in the file", "rows are in the file"),
    Outcome.NEW: ("row becomes a job", "rows become jobs"),
    Outcome.CHANGED: ("row changes the job it became before", "rows change the jobs they became before"),
    Outcome.UNCHANGED: ("row confirms that its job is still open", "rows confirm that their jobs are still open"),
    Outcome.REPEATED: (
        "row says the same as another: same title, company and place",
        "rows say the same as another: same title, company and place",
    ),
    Outcome.REFUSED: ("row can't be imported", "rows can't be imported"),
    REVIEW: (
        "row has a link that somebody must look at before it is on the site",
        "rows have a link that somebody must look at before it is on the site",
    ),
}


KEPT_BACK = "Its link doesn't show where it leads: the job is kept back until somebody approves it."
REVIEWED = {
    Outcome.NEW: KEPT_BACK,
    Outcome.REPEATED: KEPT_BACK,
    Outcome.CHANGED: "Nobody can follow its new link before somebody approves it.",
}


def tabs_of(run: ImportRun, chosen: str, *, to_review: int) -> list[dict]:
    """The counts as links to their rows; links to review only when there are some."""
    counts = [("", "All", sum(run.counts.values()))]
    counts += [(outcome.value, outcome.label, run.counts.get(outcome, 0)) for outcome in Outcome]
    if to_review:
        counts.append((REVIEW, "To review", to_review))
    return [tab(run, *counted) | {"is_chosen": counted[0] == chosen} for counted in counts]


def tab(run: ImportRun, value: str, label: str, count: int) -> dict:
    page, (one, many) = run.get_absolute_url(), HINTS[value]
    url = f"{page}?outcome={value}" if value else page
    return {"value": value, "label": label, "count": count, "url": url, "hint": one if count == 1 else many}


def shown(row: ImportRow, category_names: dict[str, str]) -> dict:
    """A row as the preview shows it."""
    said = row.fields
    return {
        "pk": row.pk,
        "line": row.line,
        "outcome": row.outcome,
        "word": row.get_outcome_display(),
        "title": said.get("title") or "no title",
        "where": ", ".join(filter(None, [said.get("company"), said.get("location")])),
        "facts": facts_of(said, category_names) if row.outcome == Outcome.NEW else [],
        "problems": [{"label": label_of(found["field"]), "problem": found["problem"]} for found in row.problems],
        "differences": [found | {"label": label_of(found["field"])} for found in row.differences],
        "repeats_line": row.repeats_line,
        "review": REVIEWED[row.outcome] if row.goes_to_review else "",
        "closed": why_closed(row),
        "import_anyway": row.import_anyway,
        "job_url": reverse("admin:jobs_job_change", args=[row.job_id]) if row.job_id else "",
    }


def why_closed(row: ImportRow) -> str:
    """Of the row of a job that is closed, which no import opens again."""
    if row.outcome not in (Outcome.CHANGED, Outcome.UNCHANGED) or not row.job or not row.job.closed_at:
        return ""
    reason = row.job.get_close_reason_display()
    return f"The job is closed and stays so: {reason[:1].lower()}{reason[1:]}."


def became(run: ImportRun) -> str:
    """What is true of the new jobs of an import that is done, in a sentence; "" when there is none."""
    kept_back = run.held_links.filter(publishes=True).exclude(approved=True).count()
    made = max(kept_back, run.counts.get(Outcome.NEW, 0) + run.rows.filter(import_anyway=True).count())
    if not made:
        return ""
    if not run.publishes:
        return "The new job is a draft." if made == 1 else f"The {made:,} new jobs are drafts."
    if not kept_back:
        return "The new job is published." if made == 1 else f"The {made:,} new jobs are published."
    if made == 1:
        return "The new job isn't published: its link doesn't show where it leads."
    number = "None" if kept_back == made else f"{made - kept_back:,}"
    verb = "is" if made - kept_back < 2 else "are"
    why = "doesn't show where it leads"
    return f"{number} of the {made:,} new jobs {verb} published: the link of {kept_back:,} {why}."


def facts_of(said: dict, category_names: dict[str, str]) -> list[str]:
    """What the row becomes, with what decided its category."""
    words = [said.get("level"), said.get("workplace"), *said.get("employment_types", []), pay_of(said)]
    category = category_names.get(said["category"], said["category"])
    return [f"{category} ({why_category(said)})", *filter(None, words)]


def why_category(said: dict) -> str:
    if said.get("names_category"):
        return "the row says so"
    why = f"the title says “{said['category_word']}”" if said.get("category_word") else "the source's own"
    unknown = said.get("unknown_category")
    return f"“{unknown}” is no category; {why}" if unknown else why


def pay_of(said: dict) -> str:
    amounts = [major_units(said[name], said["pay_currency"]) for name in ("pay_min", "pay_max") if said.get(name)]
    if not amounts:
        return ""
    return f"{said['pay_currency']} {'–'.join(f'{amount:,}' for amount in amounts)} {Period(said['pay_period']).label}"


def plain_word(pattern: str) -> str:
    """A rule's pattern as people read it."""
    for sign in ("(?:", ")?", ")", "?", "\\"):
        pattern = pattern.replace(sign, "")
    return pattern


def report_line(row: ImportRow) -> list:
    said = row.fields
    names = [said.get(name, "") for name in ("title", "company", "location")]
    return [row.line, row.get_outcome_display(), row.external_id, *names, reasons_of(row), row.job_id]


def reasons_of(row: ImportRow) -> str:
    reasons = [f"{label_of(found['field'])}: {found['problem']}" for found in row.problems]
    reasons += [f"{label_of(found['field'])}: {found['old']} → {found['new']}" for found in row.differences]
    if row.fields.get("unknown_category"):
        reasons.append(f"{label_of('category')}: {why_category(row.fields)}")
    if row.repeats_line:
        reasons.append(f"Repeats line {row.repeats_line}")
    elif row.outcome == Outcome.REPEATED:
        reasons.append("Repeats a job on the board")
    if closed := why_closed(row):
        reasons.append(closed.rstrip("."))
    if row.goes_to_review:
        reasons.append(REVIEWED[row.outcome])
    if row.import_anyway:
        reasons.append("Imported anyway")
    return "; ".join(map(written, reasons))
