"""Links that an import brought and that wait for somebody's look before anybody can follow them."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from jobs.models import Job
from jobs.reviews import Review
from sources.columns import WAYS_TO_APPLY


class HeldLinkQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(settled_at__isnull=True)

    @transaction.atomic
    def approve(self, *, by, at) -> tuple[int, int]:
        """Let people follow these links; a job that was to be published and kept back for its link opens.

        Returns (links approved, jobs that are drafts all the same).
        """
        held = self.locked()
        for link in held:
            link.job.apply_url, link.job.apply_email = link.apply_url, link.apply_email
            link.job.save(update_fields=[*WAYS_TO_APPLY, "updated_at"])
        count = self.settle(held, by=by, at=at, approved=True)
        kept_back = [link.job_id for link in held if link.publishes]
        Job.objects.drafts().filter(pk__in=kept_back).publish(by=by, at=at)
        return count, Job.objects.drafts().filter(pk__in=[link.job_id for link in held]).count()

    @transaction.atomic
    def refuse(self, *, by, at) -> tuple[int, int]:
        """The jobs stay as they are, with their old link or drafts, but those that show what is refused are closed.

        Returns (links refused, jobs closed).
        """
        held = self.locked()
        shown = Job.objects.filter(pk__in=[link.job_id for link in held if link.is_shown()])
        closed = shown.close(by=by, at=at, reason=Job.CloseReason.STAFF)
        return self.settle(held, by=by, at=at, approved=False), closed

    def locked(self) -> list["HeldLink"]:
        return list(self.waiting().select_for_update(of=["self"]).select_related("job").order_by("pk"))

    def settle(self, held: list["HeldLink"], *, by, at, approved: bool) -> int:
        links = self.model.objects.filter(pk__in=[link.pk for link in held])
        return links.update(settled_at=at, settled_by=by, approved=approved)


class HeldLink(models.Model):
    """A new way to apply for a job, which takes effect when it is approved."""

    class Reason(models.TextChoices):
        HIDDEN = "hidden", "Hides where it leads"
        CHANGED = "changed", "Changed"

    job = models.ForeignKey(Job, models.CASCADE, related_name="held_links")
    run = models.ForeignKey("sources.ImportRun", models.SET_NULL, null=True, related_name="held_links")
    reason = models.CharField(max_length=8, choices=Reason)
    apply_url = models.URLField(max_length=1000, blank=True)
    apply_email = models.EmailField(blank=True)
    publishes = models.BooleanField(default=False, help_text="The job goes on the board with its approval.")
    held_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    approved = models.BooleanField(null=True)

    objects = HeldLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "link to review"
        verbose_name_plural = "links to review"
        constraints = [
            models.UniqueConstraint("job", condition=Q(settled_at__isnull=True), name="one_waiting_link_of_a_job")
        ]

    def __str__(self):
        return f"link of {self.job}"

    def is_shown(self) -> bool:
        """Whether the job was published with this very link all the same: written by hand, say."""
        same = all(getattr(self.job, name) == getattr(self, name) for name in WAYS_TO_APPLY)
        return same and self.job.published_at is not None


def keeps_job_back() -> Exists:
    """A condition on jobs: their link waits. One that staff gave another link instead may be published."""
    same_link = {name: OuterRef(name) for name in WAYS_TO_APPLY}
    return Exists(HeldLink.objects.waiting().filter(job=OuterRef("pk"), **same_link))


REVIEW = Review(
    waiting=keeps_job_back,
    why="the link to apply waits for review",
    title="Links to review",
    url_name="admin:sources_heldlink_changelist",
    query="?verdict=waiting",
)
