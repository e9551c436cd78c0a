import unicodedata

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from simple_history.models import HistoricalRecords

from jobs import html, nudging, pay
from jobs.applications import Application
from jobs.applying import ApplyClick
from jobs.documents import JobDocument, NamedInDocuments, OpenCount, SampledDocument
from jobs.marks import JobMark
from jobs.reports import JobReport
from jobs.reviews import KeptBack, waiting_anywhere
from jobs.suggestions import Term
from jobs.validators import validate_apply_url

# Django finds the models of an app through this module, so it names those that live in modules of their own.
__all__ = ["Application", "ApplyClick", "JobDocument", "JobMark", "JobReport", "OpenCount", "SampledDocument", "Term"]


class Category(NamedInDocuments):
    """The field of work a job belongs to (Jobicy calls it industry)."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name


class Region(NamedInDocuments):
    """A country or an area of several that people search by."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    countries = ArrayField(models.CharField(max_length=2), help_text="ISO 3166 codes.", default=list)
    position = models.PositiveSmallIntegerField(default=0)

    IN_DOCUMENTS = ("name", "slug", "countries")

    def __str__(self):
        return self.name


class Company(NamedInDocuments):
    """Who hires."""

    name = models.CharField(max_length=160)
    slug = models.SlugField(max_length=180, unique=True)
    # The spelling under which two imports find the same company: see company_key().
    key = models.CharField(max_length=160, unique=True, editable=False)
    website = models.URLField(blank=True, max_length=500)
    about = models.TextField(blank=True)
    headquarters = models.CharField(max_length=160, blank=True)
    size = models.CharField(max_length=60, blank=True)
    founded_year = models.PositiveSmallIntegerField(null=True, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["key", "created_at"])

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.key = company_key(self.name)
        if not self.slug:
            self.slug = free_slug(Company, self.name)
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("jobs:company", args=[self.slug])

    def web_address(self) -> str:
        """Its website as a link may lead to it; whatever else a row came to hold is left out of the pages."""
        return self.website if self.website.lower().startswith(("http://", "https://")) else ""


def company_key(name: str) -> str:
    """A company's name without case, accents and spacing, so that 'ACME  GmbH' and 'Acme GmbH' are one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())[:160]


def free_slug(model, name: str) -> str:
    """A slug made from the name that no other row has yet."""
    stem = slugify(name)[:150] or model.__name__.lower()
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)


class Workplace(models.TextChoices):
    REMOTE = "remote", "Remote"
    HYBRID = "hybrid", "Hybrid"
    ONSITE = "onsite", "On-site"


class EmploymentType(models.TextChoices):
    """Jobicy's public types and the two more that adverts use."""

    FULL_TIME = "full-time", "Full-time"
    PART_TIME = "part-time", "Part-time"
    CONTRACT = "contract", "Contract"
    FREELANCE = "freelance", "Freelance"
    INTERNSHIP = "internship", "Internship"
    TEMPORARY = "temporary", "Temporary"


class Level(models.TextChoices):
    INTERN = "intern", "Intern"
    JUNIOR = "junior", "Junior"
    MIDDLE = "middle", "Middle"
    SENIOR = "senior", "Senior"
    LEAD = "lead", "Lead"
    EXECUTIVE = "executive", "Executive"


# /jobs/7/report/ is the page that reports job 7, so a job with the title "Report" needs another slug.
WORDS_OF_OUR_ADDRESSES = ("application", "report", "bookmark")


# The columns that say whether a job is on the board; only its own verbs change them.
LIFE = [
    "published_at", "published_by_id", "last_confirmed_at", "expires_at", "closed_at", "closed_by_id", "close_reason",
    "hidden_at",
]  # fmt: skip


class JobQuerySet(models.QuerySet):
    def open(self, at):
        """Published, not closed, not expired, not hidden by reports."""
        return self.published(at).filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), closed_at__isnull=True, hidden_at__isnull=True
        )

    def published(self, at):
        return self.filter(published_at__lte=at)

    def drafts(self):
        return self.filter(published_at__isnull=True, closed_at__isnull=True)

    def scheduled(self, at):
        return self.filter(published_at__gt=at, closed_at__isnull=True)

    def expiring(self, at, *, until):
        """Open now, and their last day comes by `until`."""
        return self.open(at).filter(expires_at__lte=until)

    def hidden(self):
        """Taken off the lists by reports and not closed."""
        return self.filter(hidden_at__isnull=False, closed_at__isnull=True)

    def kept_back(self, *, by):
        """Those that somebody else must look at before this person can put them on the board."""
        return self.filter(waiting_anywhere(by))

    def posted_by(self, company):
        return self.filter(company=company)

    def ending_before(self, until):
        """Their last day comes before `until`, or they have none."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__lt=until))

    def outlasting(self, at):
        """Without those whose last day is still to come, but not after `at`."""
        return self.exclude(expires_at__gt=timezone.now(), expires_at__lte=at)

    def overdue(self, at):
        """Still unclosed though their last day is over."""
        return self.filter(expires_at__lte=at, closed_at__isnull=True)

    def matching(self, search):
        """Open jobs that a JobSearch finds, in no order."""
        return self.filter(pk__in=search.job_ids(at=timezone.now()))

    @transaction.atomic
    def publish(self, *, by, at) -> int:
        """Show these jobs from `at` on and say how many there were; closed or expired ones open again.

        Those that are kept back for review are left out, and those whose last day would come before. Whoever publishes
        what reports had hidden finds them wrong.
        """
        jobs = self.exclude(waiting_anywhere(by)).outlasting(at).fixed()
        hidden = list(jobs.filter(hidden_at__isnull=False).values_list("pk", flat=True))
        JobReport.objects.filter(job__in=hidden).settle(by=by, at=timezone.now(), upheld=False)
        count = jobs.update(
            published_at=at,
            published_by=by,
            last_confirmed_at=at,
            closed_at=None,
            closed_by=None,
            close_reason="",
            hidden_at=None,
        )
        jobs.filter(expires_at__lte=at).update(expires_at=None)
        jobs.refresh_documents()
        nudging.nudge_after_publishing()
        return count

    def close(self, *, by, at, reason) -> int:
        """Close those that are not closed yet and say how many there were."""
        return self.filter(closed_at__isnull=True).change(closed_at=at, closed_by=by, close_reason=reason)

    def reopen(self) -> int:
        """Undo closing: they are as before, without being published anew."""
        return self.change(closed_at=None, closed_by=None, close_reason="")

    def extend(self, *, until) -> int:
        """Give a new last day to those that aren't closed and have no later one; says how many there were."""
        return self.filter(closed_at__isnull=True).ending_before(until).change(expires_at=until)

    def hide(self, *, at) -> int:
        """Take these off every list until staff have looked at what was reported."""
        return self.filter(hidden_at__isnull=True).change(hidden_at=at)

    def unhide(self) -> int:
        return self.change(hidden_at=None)

    @transaction.atomic
    def bring_back(self, lives: dict[int, dict]) -> int:
        """Give each job the values of LIFE that it had before, by its id; says how many jobs there were."""
        jobs = list(self.fixed().only("pk"))
        for job in jobs:
            for name, value in lives[job.pk].items():
                setattr(job, name, value)
        count = self.model.objects.bulk_update(jobs, [name.removesuffix("_id") for name in LIFE])
        self.model.objects.filter(pk__in=lives).refresh_documents()
        return count

    @transaction.atomic
    def change(self, **values) -> int:
        """Set the values and bring what search reads up to date; says how many jobs there were."""
        jobs = self.fixed()
        count = jobs.update(**values)
        jobs.refresh_documents()
        return count

    def fixed(self):
        """The same jobs, locked and by their ids, so that a change can't make them leave the set half way."""
        ids = self.order_by("pk").select_for_update(of=["self"]).values_list("pk", flat=True)
        return self.model.objects.filter(pk__in=list(ids))

    def refresh_documents(self):
        """Write their search documents anew; those of all jobs after a change of how documents are made."""
        JobDocument.objects.refresh(self.values_list("pk", flat=True))

    def over(self, at):
        """Closed, or past their last day."""
        return self.filter(Q(closed_at__isnull=False) | Q(expires_at__lte=at))

    def for_page(self):
        """What a job's own page shows."""
        return self.select_related("company", "category").prefetch_related("regions")

    def for_cards(self):
        """What a job's row on a list page shows."""
        return self.select_related("company", "category").defer("description", "description_raw")


class AlreadyRelisted(Exception):
    """Raised when a closed job is to be listed again though it is: as `copy`."""

    def __init__(self, copy: "Job"):
        super().__init__(f"Listed again as job {copy.pk}.")
        self.copy = copy


class Job(models.Model):
    """An advert. Money is in minor units of `pay_currency` for each `pay_period`."""

    class CloseReason(models.TextChoices):
        FILLED = "filled", "The company says it is filled"
        EXPIRED = "expired", "Its last day is over"
        GONE = "gone", "It left its source"
        REPORTED = "reported", "Reported and checked"
        STAFF = "staff", "Closed by staff"

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="jobs")
    category = models.ForeignKey(Category, models.PROTECT, related_name="jobs")
    location = models.CharField(max_length=160, blank=True, help_text="The place as the advert states it.")
    regions = models.ManyToManyField(Region, related_name="jobs", blank=True)
    countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        help_text="Countries one may apply from, as ISO 3166 codes; none when the advert doesn't say.",
    )
    open_worldwide = models.BooleanField("open to people anywhere", default=False)
    workplace = models.CharField(max_length=8, choices=Workplace, blank=True)
    employment_types = ArrayField(models.CharField(max_length=12, choices=EmploymentType), default=list, blank=True)
    level = models.CharField(max_length=10, choices=Level, blank=True)
    pay_min = models.BigIntegerField(null=True, blank=True)
    pay_max = models.BigIntegerField(null=True, blank=True)
    pay_currency = models.CharField(max_length=3, blank=True)
    pay_period = models.CharField(max_length=5, choices=pay.Period, blank=True)
    # The highest stated pay as whole US dollars a year, so that pay in any currency and period can be compared.
    pay_yearly = models.BigIntegerField(null=True, blank=True, editable=False)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    description_raw = models.TextField("description", help_text="HTML; what isn't allowed is removed when it is saved.")
    description = models.TextField(editable=False)
    sanitiser = models.CharField(max_length=20, editable=False)
    apply_url = models.URLField(blank=True, max_length=1000, validators=[validate_apply_url])
    apply_email = models.EmailField(blank=True)
    # Whether search engines may be told (structured data): never for adverts whose source forbids it.
    may_be_syndicated = models.BooleanField(default=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_confirmed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    close_reason = models.CharField(max_length=10, choices=CloseReason, blank=True, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    relisted_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="relistings"
    )

    objects = JobQuerySet.as_manager()
    # What is derived on save isn't kept: it follows from the raw text when a version is restored.
    history = HistoricalRecords(
        excluded_fields=["description", "sanitiser", "pay_yearly", "updated_at", "relisted_from"]
    )

    class Meta:
        permissions = [
            ("publish_job", "Can publish, close and extend jobs"),
            ("export_job", "Can export jobs"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(apply_url="") ^ Q(apply_email=""),
                name="job_one_way_to_apply",
                violation_error_message="Give either an address to apply at or an e-mail, not both.",
            ),
            models.CheckConstraint(
                condition=Q(pay_min__isnull=True) | Q(pay_max__isnull=True) | Q(pay_min__lte=F("pay_max")),
                name="job_pay_in_order",
                violation_error_message="The lowest pay is above the highest.",
            ),
            models.CheckConstraint(
                condition=Q(pay_min__isnull=True, pay_max__isnull=True) | ~(Q(pay_currency="") | Q(pay_period="")),
                name="job_pay_with_currency_and_period",
                violation_error_message="Pay needs a currency and a period.",
            ),
        ]
        indexes = [
            models.Index(F("published_at").desc(), F("id").desc(), name="job_newest"),
            models.Index("company", F("published_at").desc(), name="job_company_newest"),
            models.Index("expires_at", name="job_expiring", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self):
        return f"{self.title} at {self.company}"

    @transaction.atomic
    def save(self, **kwargs):
        self.derive()
        super().save(**kwargs)
        self.refresh_document()

    def get_absolute_url(self):
        return reverse("jobs:job", args=[self.pk, self.slug])

    def derive(self):
        """Set what follows from the stated fields; an import that writes many rows at once calls it for each."""
        self.slug = slugify(self.title)[:200] or "job"
        if self.slug in WORDS_OF_OUR_ADDRESSES:
            self.slug += "-job"
        self.description = html.clean(self.description_raw)
        self.sanitiser = html.VERSION
        self.pay_yearly = pay.yearly_dollars(self.pay_max or self.pay_min, self.pay_currency, self.pay_period)

    def refresh_document(self):
        """Tell search what changed; to be called too after the regions of a saved job change."""
        JobDocument.objects.refresh([self.pk])

    def publish(self, *, by, at):
        """Show the job from `at` on; a closed or expired job opens again.

        Raises KeptBack while it waits for review, or when its last day would come before.
        """
        if not Job.objects.filter(pk=self.pk).publish(by=by, at=at):
            raise KeptBack
        self.refresh_from_db()

    def close(self, *, by, at, reason):
        Job.objects.filter(pk=self.pk).close(by=by, at=at, reason=reason)
        self.refresh_from_db()

    def extend(self, *, until):
        Job.objects.filter(pk=self.pk).extend(until=until)
        self.refresh_from_db()

    def duplicate(self) -> "Job":
        """A draft that says the same; its life starts anew."""
        copy = Job.objects.get(pk=self.pk)
        copy.pk, copy._state.adding = None, True
        copy.created_at = timezone.now()
        copy.published_at = copy.published_by = copy.expires_at = copy.last_confirmed_at = None
        copy.closed_at = copy.closed_by = copy.hidden_at = copy.relisted_from = None
        copy.close_reason = ""
        with transaction.atomic():
            copy.save()
            copy.regions.set(self.regions.all())
        return copy

    @transaction.atomic
    def relist(self, *, by, at) -> "Job":
        """Publish a copy of a closed job as a new one, so that alerts tell of it; the old one stays closed.

        Raises KeptBack while the job waits for review: its copy would go round it. Raises AlreadyRelisted while an
        earlier copy isn't over.
        """
        # Two at once would each miss the other's copy, hence the lock.
        Job.objects.select_for_update(of=["self"]).get(pk=self.pk)
        if self.is_kept_back(by=by):
            raise KeptBack
        if earlier := self.relistings.exclude(pk__in=Job.objects.over(at).values("pk")).order_by("-pk").first():
            raise AlreadyRelisted(earlier)
        copy = self.duplicate()
        Job.objects.filter(pk=copy.pk).update(relisted_from=self)
        copy.publish(by=by, at=at)
        return copy

    def hide(self, *, at):
        Job.objects.filter(pk=self.pk).hide(at=at)
        self.refresh_from_db()

    def unhide(self):
        Job.objects.filter(pk=self.pk).unhide()
        self.refresh_from_db()

    def is_open(self, at) -> bool:
        return self.is_published(at) and not self.is_over(at) and self.hidden_at is None

    def is_published(self, at) -> bool:
        return self.published_at is not None and self.published_at <= at

    def is_kept_back(self, *, by) -> bool:
        """Whether somebody else must look at it before this person can publish it; a query."""
        return Job.objects.filter(pk=self.pk).kept_back(by=by).exists()

    def is_over(self, at) -> bool:
        return self.closed_at is not None or (self.expires_at is not None and self.expires_at <= at)
