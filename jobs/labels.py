"""What the slugs and codes of a search are called."""

import time
from typing import NamedTuple

from babel import Locale
from django.db.models import Value

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
NEVER = float("-inf")
remembered: dict = {"read_at": NEVER}


def forget() -> None:
    """Read them anew from here on."""
    remembered["read_at"] = NEVER


class Named(NamedTuple):
    pk: int
    slug: str
    name: str


def of(name: str, values) -> list[str]:
    """Labels of a parameter's values in their order; a value that nobody knows is its own label."""
    labels = known(name, values)
    prefix = "not " if name == "not_company" else ""
    return [prefix + labels.get(value, value) for value in values]


def unknown(name: str, values) -> list[str]:
    """Those of a parameter's values that nothing is called by."""
    labels = known(name, values)
    return [value for value in values if value not in labels]


def known(name: str, values) -> dict[str, str]:
    """Labels by value, at least of those among `values` that there are."""
    if name in ("company", "not_company"):
        return company_names(values)
    if name in TAXONOMY:
        return {one.slug: one.name for one in taxonomy(name, slugs=values)}
    return CHOICES[name]


def company_names(slugs) -> dict[str, str]:
    return dict(Company.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}


def taxonomy(name: str, *, slugs=(), ids=()) -> list[Named]:
    """All categories or regions in their order, read anew when one of the slugs or ids isn't among those remembered."""
    if not (slugs or ids):
        return []
    known, age = remembered.get(name, []), time.monotonic() - remembered["read_at"]
    has_slugs = {one.slug for one in known}.issuperset(slugs)
    has_ids = {one.pk for one in known}.issuperset(ids)
    # A slug that nobody has comes from an old address or a made-up one, and a page asks for it several times.
    if age > REMEMBERED_FOR or not has_ids or (not has_slugs and age > 1):
        read_taxonomy()
    return remembered[name]


def read_taxonomy() -> None:
    """Both in one query: a page asks for five at most."""
    fields = ("pk", "slug", "name", "position")
    categories, regions = (model.objects.annotate(facet=Value(name)) for name, model in TAXONOMY.items())
    rows = categories.values_list("facet", *fields).union(regions.values_list("facet", *fields), all=True)
    found: dict = {name: [] for name in TAXONOMY}
    for name, pk, slug, label, _ in sorted(rows, key=lambda row: (row[4], row[3])):
        found[name].append(Named(pk, slug, label))
    remembered.update(found, read_at=time.monotonic())
