"""The life of a guide: draft, in review, scheduled, published, due for review; each step with who and when."""

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q


class GuideIncomplete(Exception):
    """Readers would miss something; `gaps` says what, in words for the person who edits."""

    def __init__(self, gaps: list[str]):
        super().__init__(f"Still missing: {', '.join(gaps)}.")
        self.gaps = gaps


class WrongState(Exception):
    """The guide can't take this step from where it stands; the message says so to staff."""


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    DUE = "due", "Due for review"
    WITHDRAWN = "withdrawn", "Taken off the site"


def who():
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )


def when():
    return models.DateTimeField(null=True, blank=True, editable=False)


class LifeQuerySet(models.QuerySet):
    def published(self, at):
        return self.filter(published_at__lte=at, withdrawn_at__isnull=True)

    def unpublished(self):
        return self.filter(Q(published_at__isnull=True) | Q(withdrawn_at__isnull=False))

    def drafts(self):
        return self.unpublished().filter(submitted_at__isnull=True, scheduled_for__isnull=True)

    def in_review(self):
        return self.unpublished().filter(submitted_at__isnull=False, scheduled_for__isnull=True)

    def scheduled(self):
        return self.unpublished().filter(scheduled_for__isnull=False)

    def missed_their_schedule(self):
        return self.unpublished().filter(schedule_missed_at__isnull=False)

    def publish_scheduled(self, *, at) -> int:
        """Publish what is scheduled for `at` or before; how many. What has lost a part meanwhile misses its schedule.

        Each in a transaction of its own under its row's lock, so that two of these at once publish nothing twice.
        """
        keys = list(self.scheduled().filter(scheduled_for__lte=at).order_by("scheduled_for", "pk").values_list("pk"))
        return sum(self._publish_one(key, at) for (key,) in keys)

    @transaction.atomic
    def _publish_one(self, key: int, at: datetime) -> bool:
        due = self.scheduled().filter(pk=key, scheduled_for__lte=at)
        guide = due.select_for_update(skip_locked=True, of=("self",)).first()
        if guide is None:
            return False
        try:
            guide.publish(by=guide.scheduled_by, at=guide.scheduled_for)
        except GuideIncomplete as incomplete:
            guide.miss_schedule(incomplete, at=at)
            return False
        return True


class Life(models.Model):
    """The dates of a guide's life and the only verbs that set them. Whoever is one needs `gaps` and `remember`."""

    created_by = who()
    submitted_at, submitted_by = when(), who()
    # For when, and who said so when.
    scheduled_for, scheduled_at, scheduled_by = when(), when(), who()
    schedule_missed_at = when()
    published_at, published_by = when(), who()
    withdrawn_at, withdrawn_by = when(), who()

    class Meta:
        abstract = True

    def state(self, at) -> State:
        if self.is_published(at):
            return State.DUE if self.is_due(at) else State.PUBLISHED
        if self.scheduled_for:
            return State.SCHEDULED
        if self.submitted_at:
            return State.REVIEW
        return State.WITHDRAWN if self.withdrawn_at else State.DRAFT

    def is_published(self, at) -> bool:
        return self.published_at is not None and self.published_at <= at and self.withdrawn_at is None

    def submit(self, *, by, at):
        """Ask colleagues to look. Raises GuideIncomplete, WrongState."""
        self.refuse_published(at)
        self.refuse_gaps()
        self.submitted_at, self.submitted_by = at, by
        self.step(by=by, at=at, did="Submitted for review")

    def return_to_draft(self, *, by, at):
        """Out of review or off the schedule again. Raises WrongState."""
        self.refuse_published(at)
        self.forget_plans()
        self.step(by=by, at=at, did="Returned to draft")

    def schedule(self, moment: datetime, *, by, at):
        """Have it published at `moment`. Raises GuideIncomplete, WrongState."""
        self.refuse_published(at)
        if moment <= at:
            raise WrongState("This time is over; give one to come.")
        self.refuse_gaps()
        self.scheduled_for, self.scheduled_at, self.scheduled_by = moment, at, by
        self.schedule_missed_at = None
        self.step(by=by, at=at, did=f"Scheduled for {moment:%-d %B %Y, %H:%M} UTC")

    def miss_schedule(self, incomplete: GuideIncomplete, *, at):
        self.scheduled_for = self.scheduled_at = self.scheduled_by = None
        self.schedule_missed_at = at
        self.step(by=None, at=at, did=f"Not published as scheduled. {incomplete}")

    def publish(self, *, by, at):
        """Show the guide from `at` on. The first day it was read stays its date. Raises GuideIncomplete."""
        self.refuse_gaps()
        if self.published_at is None:
            self.published_at, self.published_by = at, by
        self.withdrawn_at = self.withdrawn_by = self.schedule_missed_at = None
        self.step(by=by, at=at, did="Published")

    def unpublish(self, *, by, at):
        """Take the guide off the site; it becomes a draft again and keeps its first date. Raises WrongState."""
        if not self.is_published(at):
            raise WrongState("It isn't on the site.")
        self.forget_plans()
        self.withdrawn_at, self.withdrawn_by = at, by
        self.step(by=by, at=at, did="Taken off the site")

    def refuse_published(self, at):
        if self.is_published(at):
            raise WrongState("It is published already.")

    def refuse_gaps(self):
        if gaps := self.gaps():
            raise GuideIncomplete(gaps)

    def forget_plans(self):
        self.submitted_at = self.submitted_by = self.schedule_missed_at = None
        self.scheduled_for = self.scheduled_at = self.scheduled_by = None

    @transaction.atomic
    def step(self, *, by, at, did: str):
        """Keep the dates and put the step into the history."""
        dates = [field.name for field in Life._meta.fields if field.name != "created_by"]
        self.save(update_fields=[*dates, "folded"])
        self.remember(by=by, at=at, did=did)
