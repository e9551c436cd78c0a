"""Making jobs of the rows of a confirmed import, some at a time, so that it can stop anywhere and go on."""

from datetime import UTC, datetime, time

from django.db import connection, transaction
from django.utils.text import slugify

from jobs.models import Category, Company, Job, Region, company_key, free_slug
from sources.columns import WAYS_TO_APPLY
from sources.held import HeldLink
from sources.links import hides_where_it_leads
from sources.models import ImportRow, ImportRun, SourceJob
from sources.preview import differences
from sources.text import as_html

ROWS_AT_ONCE = 200
# Any number that no other advisory lock of ours uses as its first key.
LOCK_OF_SOURCES = 7_001
COMPANY_FACTS = ("website", "headquarters", "size", "industry", "founded_year")
SAME_IN_JOB = (
    "title",
    "location",
    "level",
    "workplace",
    "employment_types",
    "countries",
    "tags",
    "pay_min",
    "pay_max",
    "pay_currency",
    "pay_period",
    "apply_url",
    "apply_email",
)


@transaction.atomic
def apply_some(run_id: int, *, at: datetime, count: int = ROWS_AT_ONCE) -> bool:
    """Apply the next rows and say whether to come again. Two workers with one source: the second leaves at once."""
    run = ImportRun.objects.running().select_related("source", "confirmed_by").filter(pk=run_id).first()
    if run is None or not has_lock(run.source_id):
        return False
    rows = list(run.rows.to_apply().order_by("line")[:count])
    if not rows:
        run.finish(at=at)
        return False
    Batch(run, rows, at).apply()
    return True


def has_lock(source_id: int) -> bool:
    """Take the source's lock until the transaction ends, if nobody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_OF_SOURCES, source_id])
        return cursor.fetchone()[0]


class Batch:
    """Some rows of a run with what they need, loaded at once."""

    def __init__(self, run: ImportRun, rows: list[ImportRow], at: datetime):
        self.run = run
        self.rows = rows
        self.at = at
        adverts = run.source.adverts.filter(external_id__in=[row.external_id for row in rows]).select_related("job")
        self.known = {advert.external_id: advert for advert in adverts}
        self.companies = companies_of(rows)
        self.categories = {category.slug: category for category in Category.objects.all()}
        self.regions = dict(Region.objects.values_list("slug", "pk"))

    def apply(self):
        self.add([row for row in self.rows if row.external_id not in self.known])
        known = [row for row in self.rows if row.external_id in self.known]
        for row in known:
            self.change(row, self.known[row.external_id])
        self.confirm([self.known[row.external_id] for row in known])
        # The regions are written after the job, and search reads them too.
        Job.objects.filter(pk__in=[row.job_id for row in known]).refresh_documents()
        ImportRow.objects.bulk_update(self.rows, ["job", "applied_at"], batch_size=500)

    def add(self, rows: list[ImportRow]):
        jobs = Job.objects.bulk_create([self.job_of(row) for row in rows])
        self.place(zip(jobs, rows, strict=True))
        SourceJob.objects.bulk_create(
            SourceJob(
                source=self.run.source,
                external_id=row.external_id,
                job=job,
                fields=row.fields,
                first_seen_at=self.at,
                last_seen_at=self.at,
            )
            for job, row in zip(jobs, rows, strict=True)
        )
        for job, row in zip(jobs, rows, strict=True):
            row.job, row.applied_at = job, self.at
        doubtful = [job for job in jobs if hides_where_it_leads(job.apply_url)]
        self.keep_back(doubtful)
        if self.run.publishes:
            ids = {job.pk for job in jobs} - {job.pk for job in doubtful}
            Job.objects.filter(pk__in=ids).publish(by=self.run.confirmed_by, at=self.at)

    def keep_back(self, jobs: list[Job]):
        """Their link doesn't show where it leads: they wait as drafts for somebody's look."""
        facts = {"publishes": self.run.publishes}
        HeldLink.objects.bulk_create(self.held(job, HeldLink.Reason.HIDDEN, **facts) for job in jobs)

    def held(self, job: Job, reason, **facts) -> HeldLink:
        ways = {"apply_url": job.apply_url, "apply_email": job.apply_email}
        return HeldLink(**{"job": job, "run": self.run, "reason": reason, "held_at": self.at} | ways | facts)

    def job_of(self, row: ImportRow) -> Job:
        job = Job(may_be_syndicated=self.run.source.may_be_syndicated)
        self.write(job, row.fields, row.fields)
        job.derive()
        return job

    def write(self, job: Job, fields: dict, names):
        """Set what `names` name of the fields."""
        for name in names:
            if name in SAME_IN_JOB:
                setattr(job, name, fields[name])
        if "company" in names:
            job.company = self.companies[company_key(fields["company"])]
        if "category" in names:
            job.category = self.categories[fields["category"]]
        if "description" in names:
            job.description_raw = as_html(fields["description"])
        if "expires_on" in names:
            job.expires_at = end_of_day(fields["expires_on"])

    def place(self, jobs):
        through = Job.regions.through
        through.objects.bulk_create(
            [
                through(job_id=job.pk, region_id=self.regions[slug])
                for job, row in jobs
                for slug in row.fields["regions"]
                if slug in self.regions
            ],
            ignore_conflicts=True,
        )

    def change(self, row: ImportRow, advert: SourceJob):
        """Write what the source says otherwise than last time; what only staff edited meanwhile stays."""
        row.job, row.applied_at = advert.job, self.at
        names = [difference["field"] for difference in differences(advert.fields, row.fields)]
        if not names:
            return
        if not set(WAYS_TO_APPLY).isdisjoint(names):
            names = self.hold_link(advert.job, row.fields, names)
        self.write(advert.job, row.fields, names)
        advert.job.save()
        self.correct_company(advert.job.company, advert.fields, row.fields)
        if "regions" in names:
            advert.job.regions.set(Region.objects.filter(slug__in=row.fields["regions"]))
        advert.fields = row.fields
        advert.save(update_fields=["fields"])

    def hold_link(self, job: Job, fields: dict, names: list[str]) -> list[str]:
        """Keep the changed link of a job that people saw for review, and a draft whose link hides where it leads.

        Says what of `names` may be written now.
        """
        ways = {name: fields[name] for name in WAYS_TO_APPLY}
        waiting = HeldLink.objects.waiting().filter(job=job)
        if not job.published_at:
            if not waiting.update(**ways) and hides_where_it_leads(fields["apply_url"]):
                self.held(job, HeldLink.Reason.HIDDEN, **ways).save()
            return [*names, *WAYS_TO_APPLY]
        waiting.delete()
        if ways != {name: getattr(job, name) for name in WAYS_TO_APPLY}:
            hides = hides_where_it_leads(fields["apply_url"])
            self.held(job, HeldLink.Reason.HIDDEN if hides else HeldLink.Reason.CHANGED, **ways).save()
        return [name for name in names if name not in WAYS_TO_APPLY]

    def correct_company(self, company: Company, before: dict, now: dict):
        """Facts of the company that the source corrected, where the board says what the source said before."""
        corrected = [
            fact
            for fact in COMPANY_FACTS
            if now[f"company_{fact}"]
            and getattr(company, fact) == before.get(f"company_{fact}") != now[f"company_{fact}"]
        ]
        for fact in corrected:
            setattr(company, fact, now[f"company_{fact}"])
        if corrected:
            company.save(update_fields=corrected)

    def confirm(self, adverts: list[SourceJob]):
        """The source still has them."""
        SourceJob.objects.filter(pk__in=[a.pk for a in adverts]).update(last_seen_at=self.at, misses=0)
        Job.objects.filter(pk__in=[a.job_id for a in adverts]).update(last_confirmed_at=self.at)


def end_of_day(day: str) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(day), time.max, UTC) if day else None


def companies_of(rows: list[ImportRow]) -> dict[str, Company]:
    """The companies of these rows by key, made when the board has none yet; facts are filled in, never overwritten."""
    said = {}
    for row in rows:
        said.setdefault(company_key(row.fields["company"]), row.fields)
    found = {company.key: company for company in Company.objects.filter(key__in=said)}
    fill_in(found, said)
    Company.objects.bulk_create(new_companies({key: said[key] for key in said if key not in found}))
    return {company.key: company for company in Company.objects.filter(key__in=said)}


def fill_in(companies: dict[str, Company], said: dict[str, dict]):
    filled = []
    for key, company in companies.items():
        blank = [fact for fact in COMPANY_FACTS if not getattr(company, fact) and said[key][f"company_{fact}"]]
        for fact in blank:
            setattr(company, fact, said[key][f"company_{fact}"])
        if blank:
            filled.append(company)
    Company.objects.bulk_update(filled, COMPANY_FACTS)


def new_companies(said: dict[str, dict]) -> list[Company]:
    stems = {key: slugify(fields["company"])[:150] or "company" for key, fields in said.items()}
    taken = set(Company.objects.filter(slug__in=stems.values()).values_list("slug", flat=True))
    companies = []
    for key, fields in said.items():
        slug = stems[key] if stems[key] not in taken else unused(free_slug(Company, fields["company"]), taken)
        taken.add(slug)
        facts = {fact: fields[f"company_{fact}"] for fact in COMPANY_FACTS}
        companies.append(Company(name=fields["company"], key=key, slug=slug, **facts))
    return companies


def unused(slug: str, taken: set[str]) -> str:
    """The slug, or with a further number when another company of this batch has it."""
    number = 2
    candidate = slug
    while candidate in taken:
        candidate, number = f"{slug}-{number}", number + 1
    return candidate
