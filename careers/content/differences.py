"""What differs between two states of a guide, field by field and in words, for people who decide or look back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from careers.content import shapes
from careers.words import capitalised

SAME, GONE, NEW = "same", "gone", "new"
# Texts that are compared word by word instead of being shown twice.
LONG = 60

LABELS = {
    ("slug",): "Address",
    ("role",): "Name of the role",
    ("overview",): "Role overview",
    ("aspects",): "Key aspects",
    ("responsibilities", "junior"): "Responsibilities of a junior",
    ("responsibilities", "middle"): "Responsibilities of a middle",
    ("responsibilities", "senior"): "Responsibilities of a senior",
    ("skills", "technical"): "Technical skills",
    ("skills", "soft"): "Soft skills",
    ("education",): "Required education",
    ("market", "demand"): "Demand",
    ("market", "demand_note"): "Note on the demand",
    ("market", "remote"): "Remote availability",
    ("market", "remote_note"): "Note on remote availability",
    ("market", "industries"): "Top industries",
    ("market", "figures"): "Figures",
    ("search",): "Search that finds its jobs",
    ("reviewed_on",): "Reviewed on",
    ("review_due_on",): "Next review due on",
}
# Lists of rows: what one is called, and the values by which it is known again when the others change.
ROWS = {
    ("skills", "technical"): ("skill", ("name",)),
    ("skills", "soft"): ("skill", ("name",)),
    ("stages",): ("stage", ("title",)),
    ("certifications",): ("certification", ("name",)),
    ("market", "figures"): ("figure", ("measure", "counts", "place")),
    ("platforms",): ("platform", ("name",)),
    ("questions",): ("question", ("question",)),
}
# Other names of a skill belong to the vocabulary, and all but the name of a contributor to their own page.
NOT_THE_GUIDES_OWN = {"also_called"}
PEOPLE = {("author",), ("reviewer",)}


def places_in(shape: shapes.Names, path=()):
    """The path of each value of a file, from its top down."""
    for name, part in shape.parts.items():
        here = (*path, name)
        if isinstance(part, shapes.Names) and here not in PEOPLE:
            yield from places_in(part, here)
        elif isinstance(part, shapes.ListOf) and isinstance(part.item, shapes.Names):
            yield here
            yield from ((*here, own) for own in part.item.parts)
        else:
            yield here


# The history's mappings come back from the database in another order.
PLACES = {path: number for number, path in enumerate(places_in(shapes.GUIDE))}


@dataclass(frozen=True)
class Piece:
    """A run of words, or a line of a list: the same as before, gone or new."""

    op: str
    text: str


@dataclass(frozen=True)
class Difference:
    label: str
    pieces: tuple[Piece, ...]
    is_list: bool = False

    def __str__(self):
        said = {SAME: "{}", GONE: "[−{}−]", NEW: "[+{}+]"}
        return f"{self.label}: {' '.join(said[piece.op].format(piece.text) for piece in self.pieces)}"


def differences(before: dict, after: dict) -> list[Difference]:
    """Between two mappings as mapping_of() makes them, in the order of the file."""
    paths = sorted({*paths_of(before), *paths_of(after)}, key=lambda path: PLACES.get(path, len(PLACES)))
    return [one for path in paths for one in differences_at(path, value_at(before, path), value_at(after, path))]


def paths_of(mapping: dict, path=()) -> Iterator[tuple[str, ...]]:
    for name, value in mapping.items():
        here = (*path, name)
        if isinstance(value, dict) and here not in PEOPLE:
            yield from paths_of(value, here)
        else:
            yield here


def value_at(mapping, path):
    for name in path:
        mapping = (mapping or {}).get(name)
    return mapping


def differences_at(path, before, after) -> Iterator[Difference]:
    label = LABELS.get(path, capitalised(path[-1].replace("_", " ")))
    if path in PEOPLE:
        before, after = (before or {}).get("name"), (after or {}).get("name")
    if path in ROWS:
        yield from differences_of_rows(path, label, before or [], after or [])
    elif isinstance(before or after, list):
        yield from difference_of_lines(label, before or [], after or [])
    else:
        yield from difference_of_values(label, before, after)


def difference_of_values(label: str, before, after) -> Iterator[Difference]:
    before, after = in_words(before), in_words(after)
    if before == after:
        return
    if len(before) > LONG and len(after) > LONG:
        yield Difference(label, tuple(pieces_of(words_of(before), words_of(after))))
    else:
        pieces = [Piece(GONE, before), Piece(NEW, after)]
        yield Difference(label, tuple(piece for piece in pieces if piece.text))


def in_words(value) -> str:
    return "" if value is None else str(value)


def words_of(text: str) -> list[str]:
    """Its words, each with the space after it, so that joining them gives the text again."""
    return re.findall(r"\S+\s*|\s+", text)


def pieces_of(before: list[str], after: list[str], glue: str = "") -> Iterator[Piece]:
    for op, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            yield Piece(SAME, glue.join(before[i:j]))
            continue
        if i < j:
            yield Piece(GONE, glue.join(before[i:j]))
        if k < m:
            yield Piece(NEW, glue.join(after[k:m]))


def difference_of_lines(label: str, before: list[str], after: list[str]) -> Iterator[Difference]:
    if before == after:
        return
    pieces = []
    for op, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            pieces += [Piece(SAME, line) for line in before[i:j]]
        else:
            pieces += [Piece(GONE, line) for line in before[i:j]] + [Piece(NEW, line) for line in after[k:m]]
    yield Difference(label, tuple(pieces), is_list=True)


def differences_of_rows(path, label: str, before: list[dict], after: list[dict]) -> Iterator[Difference]:
    noun, known_by = ROWS[path]
    old, new = by_key(before, known_by), by_key(after, known_by)
    gone = [Piece(GONE, title_of(key)) for key in old if key not in new]
    added = [Piece(NEW, title_of(key)) for key in new if key not in old]
    if gone or added:
        yield Difference(label, (*gone, *added), is_list=True)
    stayed = [key for key in new if key in old]
    if stayed != [key for key in old if key in new]:
        yield Difference(f"{label}, new order", tuple(Piece(NEW, title_of(key)) for key in new), is_list=True)
    for key in new:
        title = f"{capitalised(noun)} “{title_of(key)}”"
        yield from differences_of_row(path, title, old.get(key, {}), new[key], known_by)


def by_key(rows: list[dict], known_by) -> dict[tuple, dict]:
    """Each row by what it is known by; a second one of the same key keeps its place by its number."""
    found: dict[tuple, dict] = {}
    for number, row in enumerate(rows):
        key = tuple(in_words(row.get(name)) for name in known_by)
        found[key if key not in found else (*key, str(number + 1))] = row
    return found


def title_of(key: tuple) -> str:
    return ", ".join(key)


def differences_of_row(path, title: str, before: dict, after: dict, known_by) -> Iterator[Difference]:
    for name in sorted({*before, *after}, key=lambda name: PLACES.get((*path, name), len(PLACES))):
        if name in known_by or name in NOT_THE_GUIDES_OWN:
            continue
        label = f"{title}, {name.replace('_', ' ')}"
        old, new = before.get(name), after.get(name)
        if isinstance(old or new, list):
            yield from difference_of_lines(label, old or [], new or [])
        else:
            yield from difference_of_values(label, old, new)
