"""The skills that the sample guides name, in a file of their own: one name for each, with its synonyms."""

from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from careers.content import reading, shapes
from careers.content.reading import BadGuide, Lines, Problem
from careers.skills import Skill

VOCABULARY = Path(__file__).resolve().parent / "skills.yaml"


def load_vocabulary(path: Path = VOCABULARY) -> int:
    """Make the skills of the file that aren't there yet and say how many; those that are stay as staff keep them.

    Nothing is kept when anything is wrong. Raises BadGuide with every mistake.
    """
    mapping, lines = reading.read_yaml(path.read_text(encoding="utf-8"))
    problems = shapes.problems_in(mapping, shapes.VOCABULARY, lines) or list(faults_of(mapping, lines))
    if problems:
        raise BadGuide(problems, name=path.name)
    return keep_missing(skills_of(mapping))


def skills_of(mapping: dict) -> dict[tuple[str, int], Skill]:
    """The file's skills by their places in it."""
    return {
        (kind.value, number): Skill(kind=kind, **{name: value for name, value in said.items() if value is not None})
        for kind in Skill.Kind
        for number, said in enumerate(mapping.get(kind.value) or [])
    }


def faults_of(mapping: dict, lines: Lines) -> Iterator[Problem]:
    """Values that can't be kept, and names that two skills claim."""
    owners: dict[str, str] = {}
    for place, skill in skills_of(mapping).items():
        try:
            skill.clean_fields(exclude=["folded", "slug"])
        except ValidationError as error:
            yield Problem(reading.in_words(place), " ".join(error.messages), lines.of(place))
        for name in (skill.name, *skill.also_called):
            owner = owners.setdefault(name.lower(), skill.name)
            if owner != skill.name:
                yield Problem(reading.in_words(place), f"“{name}” is a name of “{owner}” already.", lines.of(place))


@transaction.atomic
def keep_missing(skills: dict[tuple[str, int], Skill]) -> int:
    there = {name.lower() for skill in Skill.objects.all() for name in (skill.name, *skill.also_called)}
    missing = [skill for skill in skills.values() if skill.name.lower() not in there]
    for skill in missing:
        skill.save()
    return len(missing)
