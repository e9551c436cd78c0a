"""Invented adverts for a new board, read from sample_jobs.yaml."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import yaml
from babel.numbers import get_currency_precision
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from jobs.models import Category, Company, Job, Region

CONTENT = Path(__file__).with_name("sample_jobs.yaml")
OPEN_FOR = timedelta(days=45)


def create() -> None:
    """Write the sample companies and publish their jobs; those already there stay as they are."""
    content = yaml.safe_load(CONTENT.read_text())
    for company in content["companies"]:
        Company.objects.get_or_create(name=company["name"], defaults=company)
    for advert in content["jobs"]:
        if not Job.objects.filter(title=advert["title"], company__name=advert["company"]).exists():
            create_job(advert)


def create_job(advert: dict) -> Job:
    published_at = timezone.now() - timedelta(days=advert["days_ago"], minutes=7 * len(advert["title"]))
    closes_in = timedelta(days=advert["closes_in"]) if "closes_in" in advert else OPEN_FOR
    company = Company.objects.get(name=advert["company"])
    job = Job.objects.create(
        title=advert["title"],
        company=company,
        category=Category.objects.get(slug=advert["category"]),
        location=advert["location"],
        countries=advert.get("countries", []),
        open_worldwide=advert.get("worldwide", False),
        workplace=advert["workplace"],
        employment_types=advert["types"],
        level=advert.get("level", ""),
        tags=advert["tags"],
        description_raw=description(advert),
        expires_at=timezone.now() + closes_in,
        **way_to_apply(advert, company),
        **stated_pay(advert.get("pay")),
    )
    job.regions.set(Region.objects.filter(slug__in=advert.get("regions", [])))
    job.publish(by=None, at=published_at)
    return job


def way_to_apply(advert: dict, company: Company) -> dict:
    if "apply_email" in advert:
        return {"apply_email": advert["apply_email"]}
    return {"apply_url": f"{company.website}/careers"}


def stated_pay(pay: dict | None) -> dict:
    if pay is None:
        return {}
    units = Decimal(10) ** get_currency_precision(pay["currency"])
    bounds = {"pay_min": int(pay["min"] * units), "pay_max": int(pay["max"] * units)}
    return bounds | {"pay_currency": pay["currency"], "pay_period": pay["period"]}


def description(advert: dict) -> str:
    parts = [("What you will do", "work"), ("What you bring", "bring"), ("What we offer", "offer")]
    lists = (
        format_html("<h3>{}</h3><ul>{}</ul>", title, format_html_join("", "<li>{}</li>", [[x] for x in advert[key]]))
        for title, key in parts
    )
    return format_html("<p>{}</p>{}", advert["about"], format_html_join("", "{}", [[part] for part in lists]))
