"""Rows for tests: a company, an open job, a person. Say only what the test is about."""

from datetime import timedelta

import factory
from django.utils import timezone

from accounts.models import User
from jobs.models import Category, Company, EmploymentType, Job, Level, Region, Workplace


class UserFactory(factory.django.DjangoModelFactory):
    """Someone who can be logged in by force; give `password` for the login form."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = None

    @classmethod
    def _create(cls, model_class, *args, **fields):
        return model_class.objects.create_user(**fields)


class CompanyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")


class JobFactory(factory.django.DjangoModelFactory):
    """An open job; `regions=["usa", "europe"]` and `category="dev"` take slugs, `published_at=None` makes a draft."""

    class Meta:
        model = Job
        skip_postgeneration_save = True

    class Params:
        closed = factory.Trait(closed_at=factory.LazyFunction(timezone.now), close_reason=Job.CloseReason.FILLED)

    title = factory.Sequence(lambda n: f"Backend engineer {n}")
    company = factory.SubFactory(CompanyFactory)
    category = "dev"
    location = "Berlin, Germany"
    countries = ["DE"]
    workplace = Workplace.REMOTE
    employment_types = [EmploymentType.FULL_TIME]
    level = Level.SENIOR
    description_raw = "<p>You will build the service that our customers use every day.</p>"
    apply_url = factory.LazyAttribute(lambda job: "" if job.apply_email else "https://careers.acme.test/apply")
    apply_email = ""
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    last_confirmed_at = factory.SelfAttribute("published_at")

    @classmethod
    def _adjust_kwargs(cls, **fields):
        if isinstance(fields["category"], str):
            fields["category"] = Category.objects.get(slug=fields["category"])
        return fields

    @factory.post_generation
    def regions(job, create, slugs, **kwargs):
        if create and slugs:
            job.regions.set(Region.objects.filter(slug__in=slugs))
            job.refresh_document()
