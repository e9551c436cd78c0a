"""The addresses of figures' sources and whether they still answer; apart from guides, so that looking changes none."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

# What is gone is sure after two days; a server that fails or refuses may be itself again within a few.
GONE, GONE_AFTER_DAYS = (404, 410), 2
FAILING_AFTER_DAYS = 4
TOO_MANY_REQUESTS = 429
AGAIN_AFTER = timedelta(days=7)
TOMORROW = timedelta(hours=20)  # a little less than a day, so that each night's turn finds what failed the night before
# Of one host one address at a time, and this long between two; a worker that dies holds its host for the lease alone.
REST = timedelta(seconds=1)
LEASE = timedelta(minutes=2)
CLAIMING = 7_301_958  # the number of the lock under which claims take turns


class SourceLinkQuerySet(models.QuerySet):
    def broken(self):
        return self.filter(broken_at__isnull=False)

    def failing(self):
        return self.filter(broken_at__isnull=True, failing_since__isnull=False)

    def accepted(self):
        return self.filter(accepted_at__isnull=False)

    def due(self, at):
        return self.filter(next_check_at__lte=at)

    def check_soon(self, *, at) -> int:
        return self.update(next_check_at=at)

    def accept(self, *, by, at) -> int:
        """Somebody has looked: these are fine, although they answer programs like this."""
        failing = self.filter(failing_since__isnull=False)
        return failing.update(
            accepted_at=at, accepted_by=by, accepted_status=models.F("status"),
            broken_at=None, failing_since=None, failed_days=0, last_failed_on=None,
        )  # fmt: skip

    @transaction.atomic
    def claim(self, at) -> "SourceLink | None":
        """The next one that is due and whose host rests from nothing: the caller's alone for the time of its lease."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
        busy = SourceLink.objects.filter(host=OuterRef("host"), leased_until__gt=at)
        link = self.due(at).filter(~Exists(busy)).order_by("next_check_at", "pk").first()
        if link:
            link.leased_until = at + LEASE
            link.save(update_fields=["leased_until"])
        return link


class SourceLink(models.Model):
    """One address, whichever figures name it. `problem` says in words what was wrong the last time."""

    url = models.URLField("address", max_length=500, unique=True)
    host = models.CharField(max_length=255)
    status = models.PositiveSmallIntegerField("last answer", null=True)
    problem = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_failed_on = models.DateField(null=True)
    failed_days = models.PositiveSmallIntegerField(default=0)
    broken_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    accepted_status = models.PositiveSmallIntegerField(null=True)

    objects = SourceLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "source on the web"
        verbose_name_plural = "sources on the web"
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True, broken_at__isnull=True, failed_days=0)
                | Q(failing_since__isnull=False, failed_days__gt=0),
                name="source_link_broken_after_failing",
            )
        ]
        indexes = [
            models.Index(fields=["next_check_at", "id"], name="source_link_due"),
            models.Index(fields=["host", "leased_until"], name="source_link_host_rests"),
        ]

    def __str__(self):
        return self.url

    def note(self, status: int | None, problem: str, *, at):
        """Keep what came of a check; a failure counts once a day, and not at all when somebody has accepted it."""
        self.status, self.problem, self.checked_at, self.leased_until = status, problem, at, at + REST
        if not problem:
            self.is_well(at)
        elif status == TOO_MANY_REQUESTS or (self.accepted_at and status == self.accepted_status):
            self.next_check_at = at + AGAIN_AFTER
        else:
            self.fails(at)
        self.save()

    def is_well(self, at):
        self.failing_since = self.last_failed_on = self.broken_at = None
        self.accepted_at = self.accepted_by = self.accepted_status = None
        self.failed_days = 0
        self.next_check_at = at + AGAIN_AFTER

    def fails(self, at):
        self.failing_since = self.failing_since or at
        if self.last_failed_on != at.date():
            self.failed_days += 1
        self.last_failed_on = at.date()
        if self.broken_at is None and self.failed_days >= self.days_to_be_sure():
            self.broken_at = at
        self.next_check_at = at + (AGAIN_AFTER if self.broken_at else TOMORROW)

    def days_to_be_sure(self) -> int:
        return GONE_AFTER_DAYS if self.status in GONE else FAILING_AFTER_DAYS
