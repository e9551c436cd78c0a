"""When a guide or a figure must be looked at again: on the day that staff gave it, else on one that follows."""

from datetime import date, timedelta

from django.db.models import DateField, F, Func, Value
from django.db.models.functions import Coalesce, TruncDate

# A guide without a day of its own is due a year after readers first saw it.
GUIDE_AFTER = timedelta(days=365)
# A figure without one is due when its source is this old.
FIGURE_AFTER_YEARS = 2

GUIDE_DUE_ON = Coalesce("review_due_on", TruncDate(F("published_at") + GUIDE_AFTER))
FIGURE_DUE_ON = Coalesce(
    "review_due_on",
    Func(F("source_year") + FIGURE_AFTER_YEARS, Value(1), Value(1), function="make_date", output_field=DateField()),
)


def guide_due_on(guide) -> date | None:
    """The same for one that is at hand; None before it was published."""
    published = guide.published_at and (guide.published_at + GUIDE_AFTER).date()
    return guide.review_due_on or published
