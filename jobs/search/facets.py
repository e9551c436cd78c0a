"""How many jobs each value of a filter would leave."""

from collections import Counter
from typing import NamedTuple

from jobs import documents, labels
from jobs.search.wanted import LISTS

# Parameter, narrow column and heading, in the order of the page.
COLUMNS = {
    "category": "category_id",
    "region": "regions",
    "type": "employment_types",
    "level": "level",
    "workplace": "workplace",
}
HEADINGS = {
    "category": "Category",
    "region": "Region",
    "type": "Employment type",
    "level": "Level",
    "workplace": "Workplace",
}
# A row of counts is grouped by the column whose bit is missing from its mask; with all bits it is the total.
BITS = {column: 2**place for place, column in enumerate(COLUMNS.values())}
EVERYTHING = sum(BITS.values())
MASKS = {EVERYTHING - BITS[column]: name for name, column in COLUMNS.items()}


class FacetValue(NamedTuple):
    value: str
    label: str
    count: int
    is_chosen: bool
    # The search with this value chosen, or without it where it is chosen.
    search: object


class Facet(NamedTuple):
    name: str
    label: str
    values: list[FacetValue]


def counts_sql(table: str, names) -> str:
    """Rows of (mask, number, regions, count) for the named facets over a table of matches, and one for their total."""
    columns = [COLUMNS[name] for name in names]
    mask = " + ".join(f"grouping({column}) * {bit}" if column in columns else str(bit) for column, bit in BITS.items())
    numbers = ", ".join([column for column in columns if column != "regions"] + ["NULL"])
    regions = "regions" if "region" in names else "NULL::text"
    sets = ", ".join(["()"] + [f"({column})" for column in columns])
    return (
        f"SELECT {mask} AS mask, coalesce({numbers})::bigint AS number, {regions} AS regions, count(*) AS n"
        f" FROM {table} GROUP BY GROUPING SETS ({sets})"
    )


def read_counts(rows) -> dict[str, Counter]:
    """Counts by facet and slug or code of rows as counts_sql() gives them."""
    counts: dict[str, Counter] = {name: Counter() for name in COLUMNS}
    for mask, number, regions, count in rows:
        name = MASKS[mask]
        for value in ids_in(regions) if name == "region" else numbers_in(name, number):
            counts[name][value] += count
    return {name: named(name, counter) for name, counter in counts.items()}


def ids_in(regions: str) -> list[int]:
    """'{1,5}' holds 1 and 5."""
    return [int(pk) for pk in regions.strip("{}").split(",") if pk]


def numbers_in(name: str, number: int) -> list[int]:
    """What a column's number stands for: a set of bits for employment types, one value else, none for 0."""
    if name == "type":
        return [place for place in range(1, len(documents.EMPLOYMENT_TYPES) + 1) if number & (1 << (place - 1))]
    return [number] if number else []


def named(name: str, counter: Counter) -> Counter:
    if name in labels.TAXONOMY:
        slugs = {one.pk: one.slug for one in labels.taxonomy(name, ids=list(counter))}
        return Counter({slugs[pk]: count for pk, count in counter.items() if pk in slugs})
    codes = {"type": documents.EMPLOYMENT_TYPES, "level": documents.LEVELS, "workplace": documents.WORKPLACES}[name]
    return Counter({codes[place - 1]: count for place, count in counter.items()})


def facets_of(search, counts: dict[str, Counter]) -> list[Facet]:
    """Each filter with the values that leave something, and those chosen; long lists commonest first."""
    return [Facet(name, HEADINGS[name], facet_values(search, name, counts[name])) for name in COLUMNS]


def facet_values(search, name: str, counter: Counter) -> list[FacetValue]:
    chosen = getattr(search, LISTS[name])
    values = ordered(name, {*counter, *chosen}, counter)
    return [
        FacetValue(
            value,
            label,
            counter[value],
            value in chosen,
            search.without(name, value) if value in chosen else search.with_value(name, value),
        )
        for value, label in zip(values, labels.of(name, values), strict=True)
    ]


def ordered(name: str, values, counter: Counter) -> list[str]:
    if name in labels.TAXONOMY:
        return sorted(values, key=lambda value: (-counter[value], value))
    order = list(labels.CHOICES[name])
    return sorted(values, key=order.index)
