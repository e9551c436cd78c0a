"""A guide's YAML file read with the line of everything in it, so that a mistake can be shown where it stands."""

from dataclasses import dataclass

import yaml

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake. `line` counts from 1, or is None when the guide didn't come from a file."""

    field: str
    message: str
    line: int | None = None

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
    """The line of each value by its path, such as ("stages", 0, "title")."""

    def of(self, path: Path) -> int | None:
        """The value's own line, else that of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self:
                return self[path[:length]]
        return None


def in_words(path: Path) -> str:
    """("stages", 0, "title") as people count: "stages, number 1, title"."""
    return ", ".join(f"number {part + 1}" if isinstance(part, int) else part for part in path)


def read_yaml(text: str) -> tuple[dict, Lines]:
    """The file's mapping and its lines. Raises BadGuide for what isn't one plain mapping."""
    try:
        refuse_aliases(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BadGuide([Problem("", f"This isn't YAML: {reason(error)}.", line_of(error))]) from error
    if not isinstance(node, yaml.MappingNode):
        raise BadGuide([Problem("", "A guide file holds names and values, such as “title: …”.", 1)])
    lines, problems = Lines(), []
    mapping = value_of(node, (), lines, problems)
    if problems:
        raise BadGuide(problems)
    return mapping, lines


def refuse_aliases(text: str):
    """A few nested aliases can blow up to gigabytes, and no guide needs one."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*) are not allowed", problem_mark=event.start_mark)


def value_of(node, path: Path, lines: Lines, problems: list[Problem]):
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return mapping_of(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [value_of(child, (*path, n), lines, problems) for n, child in enumerate(node.value)]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError):
        problems.append(Problem(in_words(path), f"“{node.value}” can't be read.", lines[path]))
        return None


def mapping_of(node, path: Path, lines: Lines, problems: list[Problem]) -> dict:
    mapping = {}
    for key_node, child in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in mapping:
            problems.append(Problem(in_words((*path, key)), "This is there twice.", line))
        mapping[key] = value_of(child, (*path, key), lines, problems)
        lines[(*path, key)] = line
    return mapping


def reason(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or "a character that can't be read"


def line_of(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None
