"""A guide as the mapping that its file holds: what load_guide reads, in the order in which people read it."""

import json
from datetime import date
from decimal import Decimal

import yaml

from careers.content import shapes
from careers.content.places import FIELDS, PARTS
from careers.skills import Skill


def mapping_of(guide) -> dict:
    """Everything the guide says, with numbers, days and lists as YAML has them; what is empty is left out."""
    said: dict = {}
    for name, path in FIELDS.items():
        put(said, path, getattr(guide, name))
    for name, path in PARTS.items():
        shape = part_shape(path)
        put(said, path, [without_empty(row, shape.parts) for row in in_order(getattr(guide, name))])
    said["category"] = guide.category.slug
    if guide.translation_of:
        said["translation_of"] = guide.translation_of.slug
    put(said, ("skills",), skills_of(guide))
    put(
        said,
        ("platforms",),
        [without_empty(one, ("name", "url", "offers")) for one in guide.platforms.order_by("name")],
    )
    for name in ("author", "reviewer"):
        put(said, (name,), without_empty(getattr(guide, name), shapes.CONTRIBUTOR.parts))
    return {name: said[name] for name in shapes.GUIDE.parts if name in said}


def put(said: dict, path, value):
    if value in ("", None, [], {}):
        return
    for name in path[:-1]:
        said = said.setdefault(name, {})
    said[path[-1]] = plain(value)


def plain(value):
    """Numbers as YAML and JSON have them; TextChoices as their values."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value) if isinstance(value, str) else value


def part_shape(path) -> shapes.Names:
    shape = shapes.GUIDE
    for name in path:
        shape = shape.parts[name]
    return shape.item


def in_order(manager):
    return manager.in_order() if hasattr(manager, "in_order") else manager.order_by("position", "pk")


def without_empty(row, names) -> dict:
    """The row's values of these names; {} of None."""
    values = {name: plain(getattr(row, name)) for name in names} if row is not None else {}
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def skills_of(guide) -> dict[str, list[dict]]:
    kinds: dict[str, list[dict]] = {kind.value: [] for kind in Skill.Kind}
    for asked in guide.guide_skills.in_order():
        one = {"name": asked.skill.name, "expected_from": plain(asked.expected_from)}
        kinds[asked.skill.kind].append(one | without_empty(asked.skill, ["also_called"]))
    return {kind: skills for kind, skills in kinds.items() if skills}


def as_yaml(mapping: dict) -> str:
    return yaml.dump(mapping, Dumper=GuideDumper, sort_keys=False, allow_unicode=True, width=110)


def as_json(mapping: dict) -> str:
    return json.dumps(jsonable(mapping), ensure_ascii=False, indent=2) + "\n"


def jsonable(mapping: dict) -> dict:
    """The same with days as texts, which JSON and the history keep."""
    return json.loads(json.dumps(mapping, default=date.isoformat))


class GuideDumper(yaml.SafeDumper):
    """Long texts as blocks, as people write them; indented lists."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, indentless=False)


def represent_text(dumper: yaml.SafeDumper, text: str):
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


GuideDumper.add_representer(str, represent_text)
