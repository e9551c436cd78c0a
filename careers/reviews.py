"""When a guide or a figure must be looked at again: on the day that staff gave it, else on one that follows."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import DateField, F, Func, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.formats import date_format

# A guide without a day of its own is due a year after readers first saw it.
GUIDE_AFTER = timedelta(days=365)
# A figure without one is due when its source is this old.
FIGURE_AFTER_YEARS = 2
# A next review further away is a slip: nobody would ever be reminded of it.
FURTHEST = timedelta(days=5 * 365)

GUIDE_DUE_ON = Coalesce("review_due_on", TruncDate(F("published_at") + GUIDE_AFTER))
FIGURE_DUE_ON = Coalesce(
    "review_due_on",
    Func(F("source_year") + FIGURE_AFTER_YEARS, Value(1), Value(1), function="make_date", output_field=DateField()),
)


def guide_due_on(guide) -> date | None:
    """The same for one that is at hand; None before it was published."""
    published = guide.published_at and (guide.published_at + GUIDE_AFTER).date()
    return guide.review_due_on or published


def validate_done_on(day: date) -> None:
    if day > timezone.now().date():
        raise ValidationError("This day is yet to come; give the day on which it was done.", code="to_come")


def validate_next_review(day: date) -> None:
    furthest = timezone.now().date() + FURTHEST
    if day > furthest:
        said = f"This day is more than five years away; {date_format(furthest)} is the furthest."
        raise ValidationError(said, code="too_far")
