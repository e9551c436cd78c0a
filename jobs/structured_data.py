"""What search engines are told about a job, by Google's rules for JobPosting (reference: schema.org/JobPosting)."""

import json
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from jobs.models import EmploymentType, Job, Workplace
from jobs.pay import major_units

EMPLOYMENT_TYPES = {
    EmploymentType.FULL_TIME: "FULL_TIME",
    EmploymentType.PART_TIME: "PART_TIME",
    EmploymentType.CONTRACT: "CONTRACTOR",
    EmploymentType.FREELANCE: "CONTRACTOR",
    EmploymentType.INTERNSHIP: "INTERN",
    EmploymentType.TEMPORARY: "TEMPORARY",
}
# What would end a script element or start a comment inside it, in a form that JSON reads as the same character.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def as_script(data: dict) -> SafeString:
    """JSON that may stand inside <script type="application/ld+json">."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 -- escaped just before


def job_posting(job: Job, at: datetime) -> dict | None:
    """The JobPosting, or None where the rules forbid one: not open, not ours to tell, no country, no text."""
    place = place_of(job)
    if not (job.may_be_syndicated and job.is_open(at) and place and says_more_than_its_title(job)):
        return None
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": job.title,
        "description": job.description,
        "datePosted": job.published_at.isoformat(),
        "hiringOrganization": organization(job.company),
        "identifier": {"@type": "PropertyValue", "name": job.company.name, "value": str(job.pk)},
        **place,
        **optional_parts(job),
    }


def says_more_than_its_title(job: Job) -> bool:
    return strip_tags(job.description).strip() not in ("", job.title.strip())


def place_of(job: Job) -> dict:
    """Where the work is done or may be done from; empty when the advert names no country we could give."""
    if job.workplace == Workplace.REMOTE:
        return remote_place(job)
    # Several countries to apply from don't say in which of them the office is, and we don't guess.
    if len(job.countries) != 1:
        return {}
    address = {"@type": "PostalAddress", "addressCountry": job.countries[0]}
    if job.location:
        address["addressLocality"] = job.location
    return {"jobLocation": {"@type": "Place", "address": address}}


def remote_place(job: Job) -> dict:
    if not job.countries:
        return {}
    countries = [{"@type": "Country", "name": code} for code in job.countries]
    return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": one_or_list(countries)}


def organization(company) -> dict:
    known = {"@type": "Organization", "name": company.name}
    return known | {"sameAs": company.web_address()} if company.web_address() else known


def optional_parts(job: Job) -> dict:
    parts = {
        "validThrough": job.expires_at and job.expires_at.isoformat(),
        "employmentType": one_or_list(sorted({EMPLOYMENT_TYPES[EmploymentType(t)] for t in job.employment_types})),
        "baseSalary": base_salary(job),
        # True only where the person applies from our page; for the rest Google wants it left out.
        "directApply": bool(job.apply_email),
    }
    return {name: value for name, value in parts.items() if value}


def base_salary(job: Job) -> dict | None:
    """The employer's own figures in the period they name."""
    if job.pay_min is None and job.pay_max is None:
        return None
    value = {"@type": "QuantitativeValue", "unitText": job.pay_period.upper()}
    for name, amount in (("minValue", job.pay_min), ("maxValue", job.pay_max)):
        if amount is not None:
            value[name] = number(major_units(amount, job.pay_currency))
    return {"@type": "MonetaryAmount", "currency": job.pay_currency, "value": value}


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def one_or_list(values: list):
    return values[0] if len(values) == 1 else values


def breadcrumbs(job: Job) -> dict:
    """Jobs, its category, the job: what the page itself shows above the title."""
    search = settings.SITE_URL + reverse("jobs:search")
    steps = [("Jobs", search), (job.category.name, f"{search}?category={job.category.slug}"), (job.title, None)]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [list_item(n, name, address) for n, (name, address) in enumerate(steps, start=1)],
    }


def list_item(position: int, name: str, address: str | None) -> dict:
    item = {"@type": "ListItem", "position": position, "name": name}
    return item | {"item": address} if address else item
