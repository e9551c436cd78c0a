"""A guide's YAML file read with the line of everything in it, so that a mistake can be shown where it stands."""

import re
from dataclasses import dataclass

import yaml

# PostgreSQL keeps no NUL, and half a character is none.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
# What no guide needs: a file that nests deeper would only exhaust the reader.
DEEPEST = 20
# A character beyond the first 65,536 as JSON writes it: two escapes, which YAML would read as two halves.
HALVES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake. `line` counts from 1, or is None when the guide didn't come from a file.

    `field` is where it is in words, `path` the same for the program.
    """

    field: str
    message: str
    line: int | None = None
    path: Path = ()

    def __str__(self):
        where = f"line {self.line}, " if self.line else ""
        return f"{where}{self.field}: {self.message}" if self.field else f"{where}{self.message}"


class BadGuide(Exception):
    """The guide can't be loaded; `problems` holds every mistake that was found, from the file's top down."""

    def __init__(self, problems: list[Problem], name: str = ""):
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        self.name = name
        prefix = f"{name}: " if name else ""
        super().__init__("\n".join(f"{prefix}{problem}" for problem in self.problems))


class Lines(dict):
    """The line of each value by its path, such as ("stages", 0, "title"), and what couldn't be read at all."""

    def __init__(self):
        super().__init__()
        self.problems: list[Problem] = []

    def of(self, path: Path) -> int | None:
        """The value's own line, else that of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self:
                return self[path[:length]]
        return None


def in_words(path: Path) -> str:
    """("stages", 0, "title") as people count: "stages, number 1, title"."""
    return ", ".join(f"number {part + 1}" if isinstance(part, int) else part for part in path)


def read_file(content: bytes) -> tuple[dict, Lines]:
    """The same of a file's bytes."""
    try:
        return read_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadGuide([Problem("", "This file isn't written in UTF-8.", line)]) from error


def read_yaml(text: str) -> tuple[dict, Lines]:
    """The mapping that a YAML or JSON file holds, and its lines. Raises BadGuide for what isn't one mapping.

    Single values that can't be read are None in it; the lines hold the problems of those, to be told with the others.
    """
    text = as_yaml_reads_it(text)
    try:
        refuse_what_explodes(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BadGuide([Problem("", f"This isn't YAML or JSON: {reason(error)}.", line_of(error, text))]) from error
    if not isinstance(node, yaml.MappingNode):
        raise BadGuide([Problem("", "A guide file holds names and values, such as “title: …”.", 1)])
    lines = Lines()
    return value_of(node, (), lines, lines.problems), lines


def as_yaml_reads_it(text: str) -> str:
    """JSON is YAML but for tabs between its parts and for characters written in two halves."""
    if not text.lstrip().startswith("{"):
        return text
    text = HALVES.sub(lambda found: f"\\U{whole(*found.groups()):08x}", text)
    return text.replace("\t", "  ")


def whole(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)


def refuse_what_explodes(text: str):
    """A few nested aliases can blow up to gigabytes, and no guide needs one; nor lists within lists within lists."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*) are not allowed", problem_mark=event.start_mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem="it nests too deep", problem_mark=event.start_mark)


def value_of(node, path: Path, lines: Lines, problems: list[Problem]):
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return mapping_of(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [value_of(child, (*path, n), lines, problems) for n, child in enumerate(node.value)]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, IndexError, TypeError):
        # Whatever a tag such as !!int or !!bool makes of text that isn't one.
        problems.append(Problem(in_words(path), f"“{node.value[:60]}” can't be read.", lines[path], path))
        return None


def mapping_of(node, path: Path, lines: Lines, problems: list[Problem]) -> dict:
    mapping = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or UNKEEPABLE.search(key_node.value):
            problems.append(Problem(in_words(path), "A name here isn't a plain word.", line, (*path, "?")))
            continue
        key = key_node.value
        if key in mapping:
            problems.append(Problem(in_words((*path, key)), "This is there twice.", line, (*path, key)))
        mapping[key] = value_of(child, (*path, key), lines, problems)
        lines[(*path, key)] = line
    return mapping


def reason(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or "a character that can't be read"


def line_of(error: yaml.YAMLError, text: str) -> int | None:
    if isinstance(error, yaml.reader.ReaderError):
        return text[: error.position].count("\n") + 1
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None
