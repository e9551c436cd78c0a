"""From a file's mapping to the rows of a guide: every mistake is told, and nothing is kept when there is one."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from careers.content import reading, shapes, writing
from careers.content.places import FIELDS, ONCE, PARTS
from careers.content.reading import BadGuide, Lines, Problem
from careers.content.vocabulary import VOCABULARY, load_vocabulary
from careers.markdown import MarkdownField, tidy
from careers.models import (
    Certification,
    Contributor,
    Figure,
    Guide,
    GuideIncomplete,
    GuideSkill,
    OwnQuestion,
    Platform,
    Skill,
    Stage,
)
from careers.questions import paragraphs_of
from careers.stages import check_stages
from jobs.models import Category

SAMPLES = Path(__file__).resolve().parent

MODELS = {"stages": Stage, "certifications": Certification, "figures": Figure, "own_questions": OwnQuestion}


@dataclass(frozen=True)
class Loaded:
    """`made` says in words what the guide shares with others and had to be made for it."""

    guide: Guide
    is_new: bool
    is_changed: bool
    made: tuple[str, ...] = ()


def load_samples() -> list[Guide]:
    """Load and publish the sample guides that aren't there yet; staff's own edits of a sample are left alone."""
    load_vocabulary(VOCABULARY)
    there = set(Guide.objects.values_list("slug", flat=True))
    return [load_and_publish(path) for path in sample_files() if path.stem not in there]


def sample_files() -> list[Path]:
    return sorted(path for path in SAMPLES.glob("*.yaml") if path != VOCABULARY)


@transaction.atomic
def load_and_publish(path: Path) -> Guide:
    guide = load_file(path).guide
    guide.publish(by=None, at=timezone.now())
    return guide


def load_file(path: Path) -> Loaded:
    """Load a guide's YAML file. Raises BadGuide with the file's name and the line of every mistake."""
    try:
        mapping, lines = reading.read_file(path.read_bytes())
        return load_guide(mapping, lines=lines)
    except BadGuide as bad:
        raise BadGuide(bad.problems, name=path.name) from bad


def load_guide(mapping: dict, *, lines: Lines | None = None, by=None, did: str = "Loaded from a file") -> Loaded:
    """Make the guide of this slug, or bring the one that is there to what the mapping says.

    What guides share (skills, platforms, contributors) is made when missing and otherwise left as staff keep it.
    Nothing is kept when anything is wrong. Raises BadGuide with every mistake: of the file's shape and of its values.
    """
    lines = Lines() if lines is None else lines
    problems = shapes.problems_in(mapping, shapes.GUIDE, lines)
    if any(not problem.path for problem in problems):
        raise BadGuide(problems)
    readable = shapes.sound(mapping, shapes.GUIDE, {problem.path for problem in problems})
    with transaction.atomic():
        return Loading(readable, lines, problems).keep_guide(by=by, did=did)


class Loading:
    """One load: collects the problems of the values on the way and refuses at the end if there are any."""

    def __init__(self, mapping: dict, lines: Lines, problems: list[Problem]):
        self.mapping = mapping
        self.lines = lines
        self.problems = list(problems)
        self.is_changed = False
        self.new: list[str] = []

    def keep_guide(self, *, by, did: str) -> Loaded:
        guide = Guide.objects.select_for_update().filter(slug=self.mapping["slug"]).first() or Guide(created_by=by)
        is_new = guide.pk is None
        self.fill_guide(guide)
        parts = {name: list(self.make_parts(name)) for name in PARTS}
        self.check_stages(parts["stages"])
        self.check_repeated(parts)
        skills, platforms = list(self.make_skills()), list(self.make_platforms())
        if self.problems:
            raise BadGuide(self.problems)
        guide.save()
        self.keep(guide, parts | {"guide_skills": skills}, platforms)
        if self.is_changed or is_new:
            guide.revise(by=by, at=timezone.now(), did=did)
        self.refuse_gaps(guide)
        return Loaded(guide, is_new=is_new, is_changed=self.is_changed or is_new, made=tuple(self.new))

    def fill_guide(self, guide: Guide):
        for name, path in FIELDS.items():
            self.assign(guide, name, self.at(path))
        self.assign(guide, "category", self.category())
        self.assign(guide, "translation_of", self.original())
        self.assign(guide, "author", self.contributor("author"))
        self.assign(guide, "reviewer", self.contributor("reviewer"))
        told = [name for name, path in FIELDS.items() if self.is_told(path)]
        told += [
            name for name in ("category", "translation_of", "author", "reviewer") if self.is_told((name,), within=True)
        ]
        with self.problems_under((), FIELDS):
            guide.full_clean(exclude=["folded", *told], validate_unique=False)

    def assign(self, thing: models.Model, name: str, value):
        """Give the field the file's value, or its usual one where the file says nothing."""
        wanted = cleaned(thing._meta.get_field(name), value)
        if getattr(thing, name, None) != wanted:
            self.is_changed = True
            setattr(thing, name, wanted)

    def at(self, path: reading.Path):
        value = self.mapping
        for name in path:
            value = (value or {}).get(name)
        return value

    def category(self) -> Category | None:
        slug = self.mapping["category"]
        category = Category.objects.filter(slug=slug).first() if slug else None
        if slug and category is None:
            self.complain(("category",), f"There is no category “{slug}”.")
        return category

    def original(self) -> Guide | None:
        slug = self.mapping["translation_of"]
        original = Guide.objects.filter(slug=slug).first() if slug else None
        if slug and original is None:
            self.complain(("translation_of",), f"There is no guide “{slug}”.")
        return original

    def contributor(self, name: str) -> Contributor | None:
        said = self.mapping.get(name)
        if said is None or not said["slug"]:
            return None
        there = Contributor.objects.filter(slug=said["slug"]).first()
        return there or self.made(Contributor, said, (name,))

    def make_parts(self, name: str):
        model, path = MODELS[name], PARTS[name]
        for number, said in enumerate(self.at(path) or []):
            if said is None:
                continue
            part = model(**{field: cleaned(model._meta.get_field(field), value) for field, value in said.items()})
            if hasattr(part, "position"):
                part.position = number
            self.check(part, (*path, number), exclude=["guide"])
            yield part

    def check_stages(self, stages: list[Stage]):
        if self.problems:
            return
        with self.problems_under(("stages",), {}):
            check_stages(stages)

    def check_repeated(self, parts: dict[str, list[models.Model]]):
        for name, field in ONCE.items():
            values = [getattr(part, field) for part in parts[name]]
            for number, value in enumerate(values):
                if value and value in values[:number]:
                    self.complain((*PARTS[name], number, field), f"“{value}” is listed twice.")

    def make_skills(self):
        seen = set()
        for kind in Skill.Kind:
            for number, said in enumerate(self.at(("skills", kind.value)) or []):
                path = ("skills", kind.value, number)
                skill = self.skill(said, kind, path) if said and said["name"] else None
                if skill and skill.pk in seen:
                    self.complain(path, f"“{skill}” is listed twice.")
                elif skill:
                    seen.add(skill.pk)
                    yield self.guide_skill(skill, said, path, position=len(seen))

    def skill(self, said: dict, kind: Skill.Kind, path: reading.Path) -> Skill | None:
        name = " ".join(said["name"].split())
        there = Skill.objects.called(name)
        if there is None:
            return self.made(Skill, {"name": name, "kind": kind, "also_called": said.get("also_called")}, path)
        if there.kind != kind:
            self.complain(path, f"“{there}” is kept as a {there.get_kind_display().lower()} skill already.")
            return None
        return there

    def guide_skill(self, skill: Skill, said: dict, path: reading.Path, *, position: int) -> GuideSkill:
        asked = GuideSkill(skill=skill, position=position)
        if said["expected_from"] is not None:
            asked.expected_from = said["expected_from"]
        self.check(asked, path, exclude=["guide", "skill"])
        return asked

    def make_platforms(self):
        for number, said in enumerate(self.mapping["platforms"] or []):
            if not (said and said["name"]):
                continue
            there = Platform.objects.filter(name=said["name"].strip()).first()
            if platform := there or self.made(Platform, said, ("platforms", number)):
                yield platform

    def made(self, model: type[models.Model], said: dict, path: reading.Path):
        """A new row of what guides share, or None and a problem."""
        thing = model(**{name: cleaned(model._meta.get_field(name), value) for name, value in said.items()})
        count = len(self.problems)
        self.check(thing, path, exclude=["folded"])
        if len(self.problems) > count:
            return None
        thing.save()
        self.new.append(f"{model._meta.verbose_name} “{thing}”")
        return thing

    def check(self, thing: models.Model, path: reading.Path, *, exclude: list[str]):
        fields = {field.name: (field.name,) for field in thing._meta.fields}
        told = [name for name in fields if self.is_told((*path, name), within=True)]
        with self.problems_under(path, fields):
            thing.full_clean(exclude=[*exclude, *told])

    @contextmanager
    def problems_under(self, path: reading.Path, places: dict[str, reading.Path]):
        """Keep what validation says as problems, each at the place of its field."""
        try:
            yield
        except ValidationError as error:
            by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, messages in by_field.items():
                self.complain((*path, *places.get(name, ())), " ".join(messages))

    def is_told(self, path: reading.Path, *, within=False) -> bool:
        """Whether there is a problem at this place or around it, or `within` it, already."""
        return any(
            problem.path == path[: len(problem.path)] or (within and problem.path[: len(path)] == path)
            for problem in self.problems
        )

    def complain(self, path: reading.Path, message: str):
        self.problems.append(Problem(reading.in_words(path), message, self.lines.of(path), path))

    def refuse_gaps(self, guide: Guide):
        """What readers see already must not lose a part."""
        if guide.is_published(timezone.now()) and (gaps := guide.gaps()):
            raise BadGuide([Problem("", str(GuideIncomplete(gaps)), 1)])

    def keep(self, guide: Guide, parts: dict[str, list[models.Model]], platforms: list[Platform]):
        for name, wanted in parts.items():
            self.keep_part(guide, getattr(guide, name), wanted)
        if set(guide.platforms.all()) != set(platforms):
            self.is_changed = True
            guide.platforms.set(platforms)

    def keep_part(self, guide: Guide, manager, wanted: list[models.Model]):
        """Replace the guide's rows of one kind, unless they say the same in the same order already."""
        there = sorted(writing.in_order(manager), key=kind_place)
        if [said_by(row) for row in there] == [said_by(row) for row in sorted(wanted, key=place)]:
            return
        self.is_changed = True
        manager.all().delete()
        for thing in wanted:
            thing.guide = guide
        manager.model.objects.bulk_create(wanted)


def place(row: models.Model) -> int:
    return row.years_from if isinstance(row, Stage) else row.position


def kind_place(row: models.Model) -> int:
    """A file tells the skills of each kind apart, so that it says nothing of a soft one before a technical one."""
    return list(Skill.Kind).index(Skill.Kind(row.skill.kind)) if isinstance(row, GuideSkill) else 0


def cleaned(field: models.Field, value):
    """The file's value as the field keeps it."""
    if value is None:
        return field.get_default()
    if isinstance(field, models.DateField):
        return date.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(field, models.DecimalField):
        return decimal_of(value)
    if isinstance(value, list):
        return [" ".join(line.split()) for line in value if line is not None]
    if isinstance(field, MarkdownField):
        return tidy(value)
    if isinstance(field, models.TextField):
        return "\n\n".join(paragraphs_of(value))
    return value.strip() if isinstance(value, str) else value


def decimal_of(value: float) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def said_by(thing: models.Model) -> tuple:
    """What a row says, without its own key, its guide's and its number in the order."""
    not_said = ("id", "guide", "position")
    values = [getattr(thing, field.attname) for field in thing._meta.fields if field.name not in not_said]
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
