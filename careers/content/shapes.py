"""What a guide's mapping must look like before its values are looked at: names, texts, lists, numbers and days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from careers.content.reading import UNKEEPABLE, Lines, Path, Problem, in_words


@dataclass(frozen=True)
class Text:
    required: bool = False


@dataclass(frozen=True)
class Whole:
    required: bool = False


@dataclass(frozen=True)
class Flag:
    required: bool = False


@dataclass(frozen=True)
class Amount:
    required: bool = False


@dataclass(frozen=True)
class Day:
    required: bool = False


@dataclass(frozen=True)
class ListOf:
    item: object
    required: bool = False


@dataclass(frozen=True)
class Names:
    """A mapping with these names and no others."""

    parts: dict[str, object]
    required: bool = False


LINES = ListOf(Text())
CONTRIBUTOR = Names(
    {
        "slug": Text(required=True),
        "name": Text(),
        "kind": Text(),
        "occupation": Text(),
        "about": Text(),
        "website": Text(),
    }
)
SKILL = Names({"name": Text(required=True), "expected_from": Text(), "also_called": LINES})
KNOWN_SKILLS = ListOf(Names({"name": Text(required=True), "also_called": LINES, "is_everyday_word": Flag()}))
VOCABULARY = Names({"technical": KNOWN_SKILLS, "soft": KNOWN_SKILLS})
STAGE = Names(
    {
        "title": Text(required=True),
        "level": Text(required=True),
        "years_from": Whole(required=True),
        "years_to": Whole(),
        "responsibilities": ListOf(Text(), required=True),
    }
)
FIGURE = Names(
    {
        "measure": Text(required=True),
        "amount": Amount(required=True),
        "counts": Text(required=True),
        "place": Text(required=True),
        "from_year": Whole(required=True),
        "to_year": Whole(),
        "source": Text(required=True),
        "source_url": Text(required=True),
        "source_year": Whole(required=True),
        "note": Text(),
        "checked_on": Day(),
        "review_due_on": Day(),
    }
)
GUIDE = Names(
    {
        "slug": Text(required=True),
        "title": Text(required=True),
        "role": Text(required=True),
        "category": Text(required=True),
        "language": Text(),
        "translation_of": Text(),
        "summary": Text(required=True),
        "introduction": Text(),
        "overview": Text(),
        "aspects": LINES,
        "responsibilities": Names({"junior": LINES, "middle": LINES, "senior": LINES}),
        "skills": Names({"technical": ListOf(SKILL), "soft": ListOf(SKILL)}),
        "stages": ListOf(STAGE),
        "education": LINES,
        "certifications": ListOf(Names({"name": Text(required=True), "issuer": Text(required=True), "url": Text()})),
        "market": Names(
            {
                "demand": Text(),
                "demand_note": Text(),
                "remote": Text(),
                "remote_note": Text(),
                "industries": LINES,
                "figures": ListOf(FIGURE),
            }
        ),
        "platforms": ListOf(Names({"name": Text(required=True), "url": Text(), "offers": Text()})),
        "questions": ListOf(Names({"question": Text(required=True), "answer": Text(required=True)})),
        "search": Text(),
        "author": CONTRIBUTOR,
        "reviewer": CONTRIBUTOR,
        "reviewed_on": Day(),
        "review_due_on": Day(),
    }
)


def problems_in(mapping: dict, shape: Names, lines: Lines) -> list[Problem]:
    """What couldn't be read, and every place where the mapping has another shape than asked for; each place once."""
    unread = {problem.path for problem in lines.problems}
    found = [problem for problem in problems_of(mapping, shape, lines) if problem.path not in unread]
    return [*lines.problems, *found]


def problems_of(value, shape, lines: Lines, path: Path = ()) -> Iterator[Problem]:
    """Every place where the value has another shape than asked for."""
    if value is None:
        if shape.required:
            yield Problem(in_words(path), "This is needed.", lines.of(path), path)
    elif message := mismatch(value, shape):
        yield Problem(in_words(path), message, lines.of(path), path)
    elif isinstance(shape, ListOf):
        yield from problems_of_list(value, shape, lines, path)
    elif isinstance(shape, Names):
        yield from problems_of_names(value, shape, lines, path)


def problems_of_list(value: list, shape: ListOf, lines: Lines, path: Path) -> Iterator[Problem]:
    for number, item in enumerate(value):
        if item is None:
            place = (*path, number)
            yield Problem(in_words(place), "This is empty.", lines.of(place), place)
        yield from problems_of(item, shape.item, lines, (*path, number))


def problems_of_names(value: dict, shape: Names, lines: Lines, path: Path) -> Iterator[Problem]:
    for name in value:
        if name not in shape.parts:
            message = f"Nothing is called so here; there are {', '.join(shape.parts)}."
            place = (*path, name)
            yield Problem(in_words(place), message, lines.of(place), place)
    for name, part in shape.parts.items():
        yield from problems_of(value.get(name), part, lines, (*path, name))


def mismatch(value, shape) -> str:
    """What is wrong with the value's kind, or ""."""
    match shape:
        case Text():
            return mismatch_of_text(value, shape)
        case Flag() if not isinstance(value, bool):
            return "This must be true or false."
        case Whole() if isinstance(value, bool) or not isinstance(value, int):
            return "This must be a whole number."
        case Amount() if isinstance(value, bool) or not isinstance(value, int | float):
            return "This must be a number."
        case Day() if not is_day(value):
            return "This must be a day, such as 2026-11-24."
        case ListOf() if not isinstance(value, list):
            return "This must be a list: one “- …” a line."
        case Names() if not isinstance(value, dict):
            return f"This must hold names and values: {', '.join(shape.parts)}."
    return ""


def is_day(value) -> bool:
    """Whether it is a day: YAML knows them, JSON writes them as texts."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) is not None
        except ValueError:
            return False
    return isinstance(value, date) and not isinstance(value, datetime)


def sound(value, shape, spoilt: set[Path], path: Path = ()):
    """The value without what is spoilt, so that the rest can be looked at, too."""
    if value is None or path in spoilt:
        return None
    if isinstance(shape, ListOf):
        return [sound(item, shape.item, spoilt, (*path, number)) for number, item in enumerate(value)]
    if isinstance(shape, Names):
        return {name: sound(value.get(name), part, spoilt, (*path, name)) for name, part in shape.parts.items()}
    return value


def mismatch_of_text(value, shape: Text) -> str:
    if not isinstance(value, str):
        return "This must be text; put it in quotes."
    if shape.required and not value.strip():
        return "This is needed."
    return "There is a character in it that can't be kept." if UNKEEPABLE.search(value) else ""
