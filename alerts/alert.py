"""An alert: a kept search with a rhythm, and the places that a plan gives to alerts."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Max, Q
from django.urls import reverse
from django.utils import timezone

from alerts.carrying_over import carry_over
from alerts.rhythm import GATHERED_FOR, LOOK_BACK, QUIET_TIME, Rhythm, Weekday, next_slot
from alerts.searches import Search
from subscriptions.entitlements import locked_plan_of
from subscriptions.plan_use import PlanUse
from subscriptions.plans import MOST_ACTIVE_ALERTS, Plan

# How many alerts, active or paused, a person may keep.
MOST_KEPT_ALERTS = 50
# A pause or deletion taken back within this time loses no job; after it the alert starts anew.
SHORT_BREAK = timedelta(days=1)
# The order in which a smaller plan keeps alerts, and a larger one starts those that wait.
BY_USE = [F("chosen_at").desc(nulls_last=True), F("activated_at").desc(nulls_last=True), "-pk"]
# A slot comes so much later, at the most, for an owner who moved: from Kiritimati to Niue, and a change of clocks.
LARGEST_MOVE = timedelta(hours=27)
# A deleted alert can be brought back for this long.
UNDO_TIME = timedelta(days=30)


class CapReached(Exception):
    """Every place that the person's plan gives is taken."""

    def __init__(self, plan: Plan):
        super().__init__(f"All {plan.active_alerts} places of {plan.key} are taken.")
        self.plan = plan


class HeldByStaff(Exception):
    """Our staff have stopped the alert, and only they let it run again."""


class TooManyAlerts(Exception):
    """The person keeps MOST_KEPT_ALERTS already."""


class AlreadyKept(Exception):
    """The person keeps an alert for this very search."""

    def __init__(self, alert: Alert):
        super().__init__(f"Alert {alert.pk} keeps the same search.")
        self.alert = alert


class AlertQuerySet(models.QuerySet):
    def kept(self):
        return self.filter(deleted_at__isnull=True)

    def active(self):
        return self.filter(slot__isnull=False)

    def waiting(self):
        """Paused because the plan had no place for them, in the order in which they start once there is one."""
        return self.kept().filter(paused_by=Alert.PausedBy.PLAN).by_use()

    def held(self):
        return self.kept().filter(paused_by=Alert.PausedBy.STAFF)

    def by_use(self):
        """The order in which a smaller plan keeps alerts: the chosen one, then the one used most recently."""
        return self.order_by(*BY_USE)

    def running_or_waiting(self):
        """Those among which a plan decides: all but what the person or our staff paused. Those that run come first."""
        among = self.kept().filter(Q(slot__isnull=False) | Q(paused_by=Alert.PausedBy.PLAN))
        return among.order_by(ExpressionWrapper(Q(slot__isnull=True), models.BooleanField()), *BY_USE)

    def due(self, at: datetime):
        return self.active().filter(next_due_at__lte=at)

    def recently_deleted(self, at: datetime):
        return self.filter(deleted_at__gt=at - UNDO_TIME).order_by("-deleted_at", "-pk")

    def past_undoing(self, at: datetime):
        return self.filter(deleted_at__lte=at - UNDO_TIME)

    def resuming(self, at: datetime):
        return self.kept().filter(resumes_at__lte=at)

    def for_cards(self):
        """What the list page shows: active ones first, in the order they were made."""
        return self.kept().select_related("search").order_by(F("slot").asc(nulls_last=True), "-created_at", "-pk")

    @transaction.atomic
    def keep(
        self,
        owner,
        *,
        search: Search,
        name: str,
        rhythm: str,
        hour: int,
        weekday: int,
        at: datetime,
        quiet_weekends: bool = False,
    ) -> Alert:
        """Keep a search and start it when a place is free, else leave it paused; see `is_active`.

        One that our staff have stopped stays so, though it was deleted and is kept anew. Raises AlreadyKept and
        TooManyAlerts.
        """
        locked_plan_of(owner.pk)
        refuse_repeats(owner, search)
        refuse_too_many(owner)
        is_held = owner.alerts.filter(search=search, paused_by=Alert.PausedBy.STAFF).exists()
        alert = self.create(
            owner=owner,
            search=search,
            name=name[:160],
            rhythm=rhythm,
            hour=hour,
            weekday=weekday,
            quiet_weekends=quiet_weekends,
            created_at=at,
            paused_at=at,
            paused_by=Alert.PausedBy.STAFF if is_held else Alert.PausedBy.PLAN,
        )
        return alert if is_held else alert.start_or_wait(at)

    def pause(self, at: datetime, *, by: str, resumes_at: datetime | None = None) -> int:
        """Pause those that are active and say how many there were."""
        return self.active().update(slot=None, next_due_at=None, paused_at=at, paused_by=by, resumes_at=resumes_at)

    def slow_down(self, at: datetime) -> int:
        """Make them weekly, at the hour they have."""
        alerts = list(self.kept().exclude(rhythm=Rhythm.WEEKLY))
        for alert in alerts:
            alert.change(rhythm=Rhythm.WEEKLY, at=at)
        return len(alerts)


def refuse_too_many(owner) -> None:
    if owner.alerts.kept().count() >= MOST_KEPT_ALERTS:
        raise TooManyAlerts


def refuse_repeats(owner, search: Search, *, but: Alert | None = None) -> None:
    twin = owner.alerts.kept().filter(search=search).exclude(pk=but and but.pk).first()
    if twin:
        raise AlreadyKept(twin)


class Alert(models.Model):
    """A search that someone keeps. Active exactly while it has a place (`slot`) among those of the plan."""

    class PausedBy(models.TextChoices):
        PERSON = "person", "Paused by you"
        PLAN = "plan", "Waiting for a place"
        STAFF = "staff", "Paused by our staff"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="alerts")
    search = models.ForeignKey(Search, models.PROTECT, related_name="alerts")
    name = models.CharField(max_length=160)
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.DAILY)
    hour = models.PositiveSmallIntegerField(default=8, help_text="0 to 23, in the owner's time zone.")
    weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY)
    quiet_weekends = models.BooleanField(default=False, help_text="What is found then comes on Monday.")
    slot = models.PositiveSmallIntegerField(null=True, editable=False)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Since when it looks for what it looks for now: jobs found earlier are not sent.
    activated_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.CharField(max_length=6, choices=PausedBy, blank=True, editable=False)
    resumes_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    # Since when the owner wants this one to go on when their plan holds fewer; one of an owner's alerts at most.
    chosen_at = models.DateTimeField(null=True, editable=False)

    # When to look for owed jobs next; an instant alert has none until a job is found for it.
    next_due_at = models.DateTimeField(null=True, editable=False)
    # The owner's time zone that next_due_at was reckoned in.
    due_zone = models.CharField(max_length=64, default="UTC", editable=False)
    planned_at = models.DateTimeField(null=True, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=500, blank=True, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(slot__isnull=True) | Q(slot__range=(1, 10)), name="alert_slot_1_to_10"),
            models.CheckConstraint(
                condition=Q(slot__isnull=True) ^ Q(paused_at__isnull=True, deleted_at__isnull=True),
                name="alert_active_with_a_slot_only",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by="") | (Q(paused_at__isnull=False) & ~Q(paused_by="")),
                name="alert_paused_by_someone",
            ),
            models.CheckConstraint(condition=Q(slot__isnull=True) | Q(activated_at__isnull=False), name="alert_since"),
            models.CheckConstraint(condition=Q(hour__lte=23, weekday__lte=6), name="alert_hour_and_weekday"),
            models.UniqueConstraint(fields=["owner", "slot"], name="alert_one_in_each_slot"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(chosen_at__isnull=False), name="alert_one_chosen_for_each_owner"
            ),
            models.UniqueConstraint(
                fields=["owner", "search"], condition=Q(deleted_at__isnull=True), name="alert_once_for_each_search"
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_at"], name="alert_due", condition=Q(slot__isnull=False)),
            models.Index(fields=["resumes_at"], name="alert_resuming", condition=Q(resumes_at__isnull=False)),
            models.Index(fields=["deleted_at"], name="alert_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("alerts:edit", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.slot is not None

    def is_due(self, at: datetime) -> bool:
        """Of an active one."""
        return self.next_due_at is not None and self.next_due_at <= at

    @property
    def is_waiting(self) -> bool:
        return self.paused_by == self.PausedBy.PLAN

    @property
    def is_held(self) -> bool:
        return self.paused_by == self.PausedBy.STAFF

    @property
    def when(self) -> tuple:
        """All that decides when it speaks."""
        return self.rhythm, self.hour, self.weekday, self.quiet_weekends

    @property
    def stopped_at(self) -> datetime | None:
        """Since when nothing of it is sent; None while it runs or will start by itself."""
        if self.deleted_at:
            return self.deleted_at
        starts_by_itself = self.is_waiting or self.resumes_at
        return None if self.is_active or starts_by_itself else self.paused_at

    @property
    def search_url(self) -> str:
        """The page with every job that the alert's search finds."""
        return f"{reverse('jobs:search')}?{self.search.query_string}"

    @transaction.atomic
    def activate(self, at: datetime) -> None:
        """Take a free place and run. The one door to an active alert: CapReached when the plan has no place left.

        Raises HeldByStaff, too.
        """
        plan = self.take_hold()
        if self.is_active or self.deleted_at:
            return
        if self.is_held:
            raise HeldByStaff
        self.slot = free_slot(self.owner_id, plan)
        self.start_from(self.beginning(at))
        self.paused_at, self.paused_by, self.resumes_at = None, "", None
        self.fall_due(at)
        self.save()

    def take_hold(self) -> Plan:
        """Lock the owner and the row, read it as it is now, and say on which plan the owner is.

        Whoever pauses or deletes the alert meanwhile waits, so that saving the row takes nothing back.
        """
        plan = locked_plan_of(self.owner_id)
        self.refresh_from_db(from_queryset=Alert.objects.select_for_update())
        return plan

    @transaction.atomic
    def end_break(self, at: datetime) -> None:
        """Start after a pause that was to end by now, unless it was stopped or started meanwhile."""
        self.take_hold()
        if self.resumes_at and self.resumes_at <= at and not self.deleted_at:
            self.start_or_wait(at)

    def start_or_wait(self, at: datetime) -> Alert:
        """Activate, or stay paused until a place is free."""
        try:
            self.activate(at)
        except CapReached:
            Alert.objects.filter(pk=self.pk).update(paused_by=self.PausedBy.PLAN, resumes_at=None)
            self.refresh_from_db()
        return self

    @transaction.atomic
    def let_run(self, at: datetime) -> Alert:
        """Take back that staff stopped it: it runs, or waits for a place."""
        locked_plan_of(self.owner_id)
        if Alert.objects.held().filter(pk=self.pk).update(paused_by=self.PausedBy.PLAN):
            self.start_or_wait(at)
        return self

    def beginning(self, at: datetime) -> datetime:
        """From when on jobs count; a short break loses none, nor does a plan that was lost for less than a day."""
        had_a_short_break = self.activated_at and at - self.paused_at < SHORT_BREAK
        return self.activated_at if had_a_short_break else at

    def start_from(self, beginning: datetime) -> None:
        if beginning != self.activated_at:
            self.activated_at, self.planned_at = beginning, None

    def fall_due(self, at: datetime) -> None:
        """Set the first slot after `at` in the time zone the owner has now; see first_look() for instant ones."""
        self.due_zone = self.owner.time_zone
        self.next_due_at = self.slot_after(at) or self.first_look(at)

    def first_look(self, at: datetime) -> datetime | None:
        """An instant alert gathers for GATHERED_FOR, and is quiet for QUIET_TIME after the last message to its owner.

        None when it has to be quiet and has nothing to tell: the next job that it finds wakes it.
        """
        gathered_at = at + GATHERED_FOR
        last = self.owner.digests.aggregate(last=Max("created_at"))["last"]
        if last is None or last + QUIET_TIME <= gathered_at:
            return gathered_at
        return last + QUIET_TIME if self.has_news() else None

    def has_news(self) -> bool:
        """Whether it has found something that is in no message yet."""
        found = self.search.matches.filter(matched_at__gte=self.looked_until)
        owed = self.items.current().filter(digest__isnull=True)
        return found.exclude(job__in=self.items.values("job")).exists() or owed.exists()

    @property
    def looked_until(self) -> datetime:
        """What matching dates from here on may be in no ledger yet; planning says the same in SQL."""
        return max(self.activated_at, (self.planned_at or self.activated_at) - LOOK_BACK)

    def slot_after(self, at: datetime, *, rhythm: str | None = None) -> datetime | None:
        zone = self.owner.zone
        return next_slot(
            rhythm or self.rhythm,
            at_time=time(self.hour),
            weekday=self.weekday,
            quiet_weekends=self.quiet_weekends,
            zone=zone,
            after=at,
        )

    def pause(self, at: datetime, *, by: str, resumes_at: datetime | None = None) -> None:
        Alert.objects.filter(pk=self.pk).pause(at, by=by, resumes_at=resumes_at)
        self.refresh_from_db()

    @transaction.atomic
    def swap_for(self, other: Alert, at: datetime) -> None:
        """Take a free place, or else that of another alert of the owner, which is paused.

        Raises HeldByStaff, and CapReached when that wasn't enough.
        """
        try:
            self.activate(at)
        except CapReached:
            other.pause(at, by=self.PausedBy.PERSON)
            self.activate(at)

    @transaction.atomic
    def choose(self, at: datetime) -> None:
        """Let this one go on when the plan holds fewer; one that waits runs at once, and the one used last waits."""
        plan = locked_plan_of(self.owner_id)
        siblings = Alert.objects.filter(owner_id=self.owner_id)
        siblings.update(chosen_at=None)
        siblings.filter(pk=self.pk).kept().update(chosen_at=at)
        self.refresh_from_db()
        if self.is_waiting and not self.deleted_at:
            staying = list(siblings.active().by_use().values_list("pk", flat=True)[: plan.active_alerts - 1])
            siblings.exclude(pk__in=staying).pause(at, by=self.PausedBy.PLAN)
            self.activate(at)

    @transaction.atomic
    def change(self, *, at: datetime, search: Search | None = None, **fields) -> None:
        """Change the name, the search or what `when` says; another search starts from now. Raises AlreadyKept.

        What was found before and not told yet is still told if the other search finds it, too.
        """
        self.take_hold()
        before = self.when, self.search_id
        for field, value in fields.items():
            setattr(self, field, value)
        if search and search != self.search:
            refuse_repeats(self.owner, search, but=self)
            if self.activated_at:
                carry_over(self, search, at)
            self.search = search
            self.start_from(at)
        if self.is_active and (self.when, self.search_id) != before:
            self.fall_due(at)
        self.save()

    def discard(self, at: datetime) -> None:
        """Delete it in a way that can be undone for UNDO_TIME."""
        Alert.objects.filter(pk=self.pk).kept().update(deleted_at=at, slot=None, next_due_at=None)
        self.refresh_from_db()

    @transaction.atomic
    def restore(self, at: datetime) -> None:
        """Undo a deletion: as it was, or waiting when its place is taken. Raises AlreadyKept and TooManyAlerts."""
        self.take_hold()
        if not self.deleted_at:
            return
        refuse_repeats(self.owner, self.search)
        refuse_too_many(self.owner)
        was_active = self.paused_at is None
        if was_active:
            self.paused_at, self.paused_by = self.deleted_at, self.PausedBy.PERSON
        self.deleted_at = None
        self.save()
        if was_active:
            self.start_or_wait(at)

    def follow_time_zone(self, at: datetime) -> None:
        """Reckon the next slot in the owner's new time zone, unless it is being changed right now.

        Whoever moves east past the hour of a weekly alert hears from it at that hour a day later, not a week.
        """
        zone_before, due_before = self.due_zone, self.next_due_at
        if self.rhythm == Rhythm.INSTANT:
            self.due_zone = self.owner.time_zone
        else:
            self.fall_due(at)
            if self.next_due_at - due_before > LARGEST_MOVE:
                self.next_due_at = self.slot_after(at, rhythm=Rhythm.DAILY)
        unchanged = Alert.objects.filter(pk=self.pk, due_zone=zone_before, next_due_at=due_before)
        unchanged.active().update(due_zone=self.due_zone, next_due_at=self.next_due_at)

    def wake(self, at: datetime) -> None:
        """Look for owed jobs after the quiet time, though no slot says so."""
        Alert.objects.filter(pk=self.pk, next_due_at__isnull=True).active().update(next_due_at=at + QUIET_TIME)


def free_slot(owner_id: int, plan: Plan) -> int:
    """The lowest free place; the owner's row must be locked. Raises CapReached."""
    taken = set(Alert.objects.active().filter(owner_id=owner_id).values_list("slot", flat=True))
    if len(taken) >= plan.active_alerts:
        raise CapReached(plan)
    return min(set(range(1, MOST_ACTIVE_ALERTS + 1)) - taken)


def follow_plan(user, plan: Plan, *, at: datetime) -> None:
    """Fit a person's alerts to their plan: pause those used longest ago, or start those that wait for a place.

    Named in settings.AFTER_PLAN_CHANGE, so it runs with the person's row locked.
    """
    alerts = Alert.objects.filter(owner=user)
    staying = list(alerts.active().by_use().values_list("pk", flat=True)[: plan.active_alerts])
    alerts.exclude(pk__in=staying).pause(at, by=Alert.PausedBy.PLAN)
    free = plan.active_alerts - len(staying)
    for alert in alerts.waiting()[:free]:
        alert.activate(at)


def use_of_plan(user) -> PlanUse:
    """What a person's plan holds of alerts; named in settings.PLAN_USE. One query."""
    alerts = list(user.alerts.running_or_waiting().only("name", "slot", "owner_id"))
    return PlanUse(
        running=[alert.name for alert in alerts if alert.is_active],
        waiting=[alert.name for alert in alerts if not alert.is_active],
        choose_url=reverse("alerts:staying"),
        list_url=reverse("alerts:list"),
    )
