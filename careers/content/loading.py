"""From a file's mapping to the rows of a guide: every mistake is told, and nothing is kept when there is one."""

from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from careers.content import reading, shapes
from careers.content.reading import BadGuide, Lines, Problem
from careers.content.vocabulary import VOCABULARY, load_vocabulary
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

# Where each field of the guide itself stands in the file.
FIELDS = {
    **{name: (name,) for name in ("slug", "title", "role", "language", "summary", "introduction", "overview")},
    **{name: (name,) for name in ("aspects", "education", "search", "reviewed_on", "review_due_on")},
    "junior_responsibilities": ("responsibilities", "junior"),
    "middle_responsibilities": ("responsibilities", "middle"),
    "senior_responsibilities": ("responsibilities", "senior"),
    **{name: ("market", name) for name in ("demand", "demand_note", "remote", "remote_note", "industries")},
}
# What is the guide's own and nobody else's, and where it stands.
PARTS = {
    "stages": (Stage, ("stages",)),
    "certifications": (Certification, ("certifications",)),
    "figures": (Figure, ("market", "figures")),
    "own_questions": (OwnQuestion, ("questions",)),
}
# The value that two rows of one guide can't share.
ONCE = {"certifications": "name", "own_questions": "question"}


@dataclass(frozen=True)
class Loaded:
    guide: Guide
    is_new: bool
    is_changed: bool


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
        mapping, lines = reading.read_yaml(path.read_text(encoding="utf-8"))
        return load_guide(mapping, lines=lines)
    except UnicodeDecodeError as error:
        raise BadGuide([Problem("", "This file isn't written in UTF-8.")], name=path.name) from error
    except BadGuide as bad:
        raise BadGuide(bad.problems, name=path.name) from bad


def load_guide(mapping: dict, *, lines: Lines | None = None) -> Loaded:
    """Make the guide of this slug, or bring the one that is there to what the mapping says.

    What guides share (skills, platforms, contributors) is made when missing and otherwise left as staff keep it.
    Nothing is kept when anything is wrong. Raises BadGuide with every mistake.
    """
    lines = lines or Lines()
    if problems := list(shapes.problems_of(mapping, shapes.GUIDE, lines)):
        raise BadGuide(problems)
    with transaction.atomic():
        return Loading(mapping, lines).keep_guide()


class Loading:
    """One load: collects the problems of the values on the way and refuses at the end if there are any."""

    def __init__(self, mapping: dict, lines: Lines):
        self.mapping = mapping
        self.lines = lines
        self.problems: list[Problem] = []
        self.is_changed = False

    def keep_guide(self) -> Loaded:
        guide = Guide.objects.select_for_update().filter(slug=self.mapping["slug"]).first() or Guide()
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
        if self.is_changed and not is_new:
            guide.revise(at=timezone.now())
        self.refuse_gaps(guide)
        return Loaded(guide, is_new=is_new, is_changed=self.is_changed or is_new)

    def fill_guide(self, guide: Guide):
        for name, path in FIELDS.items():
            self.assign(guide, name, self.at(path))
        self.assign(guide, "category", self.category())
        self.assign(guide, "author", self.contributor("author"))
        self.assign(guide, "reviewer", self.contributor("reviewer"))
        unreadable = [name for name in ("category", "author", "reviewer") if self.has_problem(name)]
        with self.problems_under((), FIELDS):
            guide.full_clean(exclude=["folded", *unreadable], validate_unique=False)

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
        category = Category.objects.filter(slug=self.mapping["category"]).first()
        if category is None:
            self.complain(("category",), f"There is no category “{self.mapping['category']}”.")
        return category

    def contributor(self, name: str) -> Contributor | None:
        said = self.mapping.get(name)
        if said is None:
            return None
        there = Contributor.objects.filter(slug=said["slug"]).first()
        return there or self.made(Contributor, said, (name,))

    def make_parts(self, name: str):
        model, path = PARTS[name]
        for number, said in enumerate(self.at(path) or []):
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
                if value in values[:number]:
                    self.complain((*PARTS[name][1], number, field), f"“{value}” is listed twice.")

    def make_skills(self):
        seen = set()
        for kind in Skill.Kind:
            for number, said in enumerate(self.at(("skills", kind.value)) or []):
                path = ("skills", kind.value, number)
                skill = self.skill(said, kind, path)
                if skill and skill.pk in seen:
                    self.complain(path, f"“{skill}” is listed twice.")
                elif skill:
                    seen.add(skill.pk)
                    yield self.guide_skill(skill, said, path, position=len(seen))

    def skill(self, said: dict, kind: Skill.Kind, path: reading.Path) -> Skill | None:
        name = " ".join(said["name"].split())
        there = Skill.objects.filter(name__iexact=name).first()
        if there is None:
            return self.made(Skill, {"name": name, "kind": kind, "also_called": said.get("also_called")}, path)
        if there.kind != kind:
            self.complain(path, f"“{there}” is kept as a {there.get_kind_display().lower()} skill already.")
            return None
        return there

    def guide_skill(self, skill: Skill, said: dict, path: reading.Path, *, position: int) -> GuideSkill:
        asked = GuideSkill(skill=skill, position=position)
        if said.get("expected_from") is not None:
            asked.expected_from = said["expected_from"]
        self.check(asked, path, exclude=["guide", "skill"])
        return asked

    def make_platforms(self):
        for number, said in enumerate(self.mapping.get("platforms") or []):
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
        return thing

    def check(self, thing: models.Model, path: reading.Path, *, exclude: list[str]):
        fields = {field.name: (field.name,) for field in thing._meta.fields}
        with self.problems_under(path, fields):
            thing.full_clean(exclude=exclude)

    @contextmanager
    def problems_under(self, path: reading.Path, places: dict[str, reading.Path]):
        """Keep what validation says as problems, each at the place of its field."""
        try:
            yield
        except ValidationError as error:
            by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, messages in by_field.items():
                self.complain((*path, *places.get(name, ())), " ".join(messages))

    def has_problem(self, name: str) -> bool:
        return any(problem.field.split(",")[0] == name for problem in self.problems)

    def complain(self, path: reading.Path, message: str):
        self.problems.append(Problem(reading.in_words(path), message, self.lines.of(path)))

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
        """Replace the guide's rows of one kind, unless they say the same already."""
        if set(map(said_by, manager.all())) == set(map(said_by, wanted)):
            return
        self.is_changed = True
        manager.all().delete()
        for thing in wanted:
            thing.guide = guide
        manager.model.objects.bulk_create(wanted)


def cleaned(field: models.Field, value):
    """The file's value as the field keeps it."""
    if value is None:
        return field.get_default()
    if isinstance(field, models.DecimalField):
        return decimal_of(value)
    if isinstance(value, list):
        return [" ".join(line.split()) for line in value]
    if isinstance(field, models.TextField):
        return "\n\n".join(paragraphs_of(value))
    return value.strip() if isinstance(value, str) else value


def decimal_of(value: float) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def said_by(thing: models.Model) -> tuple:
    """What a row says, without its own key and its guide's."""
    values = [getattr(thing, field.attname) for field in thing._meta.fields if field.name not in ("id", "guide")]
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
