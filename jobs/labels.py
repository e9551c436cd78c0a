"""What the slugs and codes of a search are called."""

import time
from typing import NamedTuple

from babel import Locale

from jobs.models import Category, Company, EmploymentType, Level, Region, Workplace

CHOICES = {
    "type": dict(EmploymentType.choices),
    "level": dict(Level.choices),
    "workplace": dict(Workplace.choices),
    "country": Locale("en").territories,
}
TAXONOMY = {"category": Category, "region": Region}
# Categories and regions as they were read last: every page names some. A change is seen a minute later at most.
REMEMBERED_FOR = 60
remembered: dict[str, tuple[float, list["Named"]]] = {}


def forget() -> None:
    """Read them anew from here on."""
    remembered.clear()


class Named(NamedTuple):
    pk: int
    slug: str
    name: str


def of(name: str, values) -> list[str]:
    """Labels of a parameter's values in their order; a value that nobody knows is its own label."""
    if name in ("company", "not_company"):
        labels = company_names(values)
    elif name in TAXONOMY:
        labels = {one.slug: one.name for one in taxonomy(name, slugs=values)}
    else:
        labels = CHOICES[name]
    prefix = "not " if name == "not_company" else ""
    return [prefix + labels.get(value, value) for value in values]


def company_names(slugs) -> dict[str, str]:
    return dict(Company.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}


def taxonomy(name: str, *, slugs=(), ids=()) -> list[Named]:
    """All categories or regions in their order, read anew when one of the slugs or ids isn't among those remembered."""
    if not (slugs or ids):
        return []
    until, known = remembered.get(name, (0.0, []))
    is_complete = {one.slug for one in known}.issuperset(slugs) and {one.pk for one in known}.issuperset(ids)
    if is_complete and time.monotonic() < until:
        return known
    rows = TAXONOMY[name].objects.order_by("position", "name").values_list("pk", "slug", "name")
    known = [Named(*row) for row in rows]
    remembered[name] = (time.monotonic() + REMEMBERED_FOR, known)
    return known
