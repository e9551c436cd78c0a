"""What loading a file would do, found out by doing it and undoing it again."""

from dataclasses import dataclass

from django.db import connection, transaction

from careers.content.differences import Difference, differences
from careers.content.loading import load_guide
from careers.content.reading import UNKEEPABLE, Lines
from careers.content.writing import jsonable, mapping_of
from careers.models import Guide


@dataclass(frozen=True)
class Plan:
    """`made` are the skills, platforms and contributors that would be new for everybody."""

    slug: str
    title: str
    guide: Guide | None
    differences: list[Difference]
    made: tuple[str, ...]


def plan(mapping: dict, *, lines: Lines | None = None) -> Plan:
    """What load_guide would change. Nothing is kept. Raises BadGuide as it would."""
    with transaction.atomic():
        there = guide_of(mapping)
        before = jsonable(mapping_of(there)) if there else {}
        loaded = load_guide(mapping, lines=lines)
        after = jsonable(mapping_of(loaded.guide))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return Plan(loaded.guide.slug, loaded.guide.title, there, differences(before, after), loaded.made)


def guide_of(mapping: dict) -> Guide | None:
    """The guide that the mapping would change, if it names one."""
    slug = mapping.get("slug")
    is_name = isinstance(slug, str) and not UNKEEPABLE.search(slug)
    return Guide.objects.filter(slug=slug).first() if is_name else None
