"""Loading guides from their files: whole or not at all, as often as one likes."""

from pathlib import Path

import pytest
from django.utils import timezone

from careers.content.loading import SAMPLES, load_file, load_guide, load_samples, sample_files
from careers.content.reading import BadGuide
from careers.content.shapes import GUIDE
from careers.content.vocabulary import load_vocabulary
from careers.models import Contributor, Figure, Guide, Platform, Skill, Stage
from careers.questions import questions_of
from tests.careers.guides import draft, mapping, published

pytestmark = pytest.mark.django_db


def problems(text: str, tmp_path: Path) -> list[tuple[int | None, str, str]]:
    file = tmp_path / "guide.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadGuide) as refused:
        load_file(file)
    assert (Guide.objects.count(), Skill.objects.count(), Contributor.objects.count()) == (0, 0, 0)
    return [(problem.line, problem.field, problem.message) for problem in refused.value.problems]


HEAD = """\
slug: digger
title: How to become a digger
role: digger
category: engineering
summary: Diggers dig.
"""


def test_samples_are_loaded_and_published_once():
    first, second = load_samples(), load_samples()

    on_site = Guide.objects.published(timezone.now())
    assert (sorted(guide.slug for guide in first), second) == (sorted(on_site.values_list("slug", flat=True)), [])


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.stem)
def test_a_sample_is_complete_and_answers_the_seven_questions(path):
    load_vocabulary()
    known = Skill.objects.count()

    guide = load_file(path).guide

    seven = ["what-one-does", "skills-required", "progression", "education-required"]
    seven += ["market-outlook", "key-responsibilities", "opportunities"]
    assert (guide.slug, guide.gaps(), [one.anchor for one in questions_of(guide)][:7]) == (path.stem, [], seven)
    assert Skill.objects.count() == known, "the guide names a skill that the vocabulary lacks"


def test_the_vocabulary_is_loaded_once_and_leaves_the_words_of_staff_alone():
    first = load_vocabulary()
    Skill.objects.filter(name="SQL").update(also_called=["Structured Query Language"])

    assert (first, load_vocabulary()) == (Skill.objects.count(), 0)
    assert Skill.objects.get(name="SQL").also_called == ["Structured Query Language"]


def test_mistakes_of_a_vocabulary_are_told_with_their_lines_and_nothing_is_kept(tmp_path):
    file = tmp_path / "words.yaml"
    file.write_text("technical:\n  - {name: SQL}\n  - {name: databases, also_called: [sql]}\nsoft:\n  - {name: ' '}\n")

    with pytest.raises(BadGuide) as refused:
        load_vocabulary(file)
    assert [(one.line, one.field, one.message) for one in refused.value.problems] == [
        (5, "soft, number 1, name", "This is needed."),
    ]

    file.write_text(file.read_text().replace("' '", "patience"))
    with pytest.raises(BadGuide) as refused:
        load_vocabulary(file)
    assert [(one.line, one.field, one.message) for one in refused.value.problems] == [
        (3, "technical, number 2", "“sql” is a name of “SQL” already."),
    ]
    assert not Skill.objects.exists()

    file.write_text("technical:\n  - {name: Go, also_called: [Golang], is_everyday_word: perhaps}\n")
    with pytest.raises(BadGuide, match=r"line 2, technical, number 1, is_everyday_word: This must be true or false\."):
        load_vocabulary(file)


def test_the_machine_learning_engineer_goes_from_junior_to_principal_in_five_stages():
    guide = load_file(SAMPLES / "machine-learning-engineer.yaml").guide

    stages = [(stage.title, stage.years) for stage in guide.stages.in_order()]
    assert stages == [
        ("junior machine learning engineer", "0–2 years"),
        ("machine learning engineer", "2–5 years"),
        ("senior machine learning engineer", "5–8 years"),
        ("lead machine learning engineer", "8–12 years"),
        ("principal machine learning engineer", "12+ years"),
    ]


def test_staff_edits_of_a_sample_survive_the_next_start():
    load_samples()
    Guide.objects.filter(slug="machine-learning-engineer").update(title="Ours")

    load_samples()

    assert Guide.objects.get(slug="machine-learning-engineer").title == "Ours"


def test_loading_the_same_twice_changes_nothing():
    first = load_guide(mapping())
    keys = list(Stage.objects.values_list("pk", flat=True))

    second = load_guide(mapping())

    told = [(loaded.is_new, loaded.is_changed) for loaded in (first, second)]
    assert (told, list(Stage.objects.values_list("pk", flat=True))) == ([(True, True), (False, False)], keys)
    assert second.guide.revised_at == first.guide.revised_at


def test_the_lines_of_a_paragraph_are_joined():
    guide = draft(introduction="Gardens need\n  engineers.\n\n\nThis guide\nsays why.\n")

    assert guide.introduction == "Gardens need engineers.\n\nThis guide says why."


def test_loading_a_changed_guide_replaces_what_changed_and_dates_it():
    before = draft()

    loaded = load_guide(mapping(title="Another title", stages=mapping()["stages"][:1]))

    guide = Guide.objects.get()
    assert (loaded.is_new, loaded.is_changed, guide.title) == (False, True, "Another title")
    assert ([stage.title for stage in guide.stages.all()], guide.revised_at > before.revised_at) == (
        ["junior garden engineer"],
        True,
    )


def test_what_guides_share_stays_as_staff_keep_it():
    draft()
    Skill.objects.filter(name="hydraulics").update(name="Hydraulics")
    Platform.objects.update(url="https://new.test/")
    Contributor.objects.filter(slug="ada").update(name="Ada Changed")

    loaded = load_guide(mapping())

    assert (loaded.is_changed, Skill.objects.count(), loaded.guide.author.name) == (False, 3, "Ada Changed")
    assert Platform.objects.get().url == "https://new.test/"


def test_a_published_guide_is_not_loaded_with_a_part_missing():
    published()

    with pytest.raises(BadGuide, match="Still missing: the required education"):
        load_guide(mapping(education=[]))

    assert Guide.objects.get().education == ["a degree in horticulture"]


def test_every_mistake_is_told_with_its_line_and_field(tmp_path):
    text = HEAD + (
        "colour: green\n"
        "aspects: digging\n"
        "introduction: 7\n"
        "reviewed_on: soon\n"
        "stages:\n"
        "  - title: junior\n"
        "    level: junior\n"
        "    years_from: zero\n"
        "    responsibilities: [raking]\n"
        "  -\n"
        "skills:\n"
        "  technical:\n"
        "    - expected_from: junior\n"
    )

    names = ", ".join(GUIDE.parts)
    assert problems(text, tmp_path) == [
        (6, "colour", f"Nothing is called so here; there are {names}."),
        (7, "aspects", "This must be a list: one “- …” a line."),
        (8, "introduction", "This must be text; put it in quotes."),
        (9, "reviewed_on", "This must be a day, such as 2026-11-24."),
        (13, "stages, number 1, years_from", "This must be a whole number."),
        (15, "stages, number 2", "This is empty."),
        (18, "skills, technical, number 1, name", "This is needed."),
    ]


def test_values_that_the_guide_refuses_are_told_with_their_line(tmp_path):
    text = HEAD.replace("category: engineering", "category: digging") + (
        "language: english!\n"
        "aspects:\n"
        "  - digging\n"
        "  - digging\n"
        "search: colour=green\n"
        "stages:\n"
        "  - {title: junior, level: beginner, years_from: 0, years_to: 2, responsibilities: [raking]}\n"
        "  - {title: senior, level: senior, years_from: 9, years_to: 4, responsibilities: [raking]}\n"
        "certifications:\n"
        "  - {name: Spade, issuer: Guild}\n"
        "  - {name: Spade, issuer: Guild}\n"
        "skills:\n"
        "  technical: [{name: raking}]\n"
        "  soft: [{name: Raking}]\n"
        "author: {slug: nobody}\n"
    )

    assert problems(text, tmp_path) == [
        (4, "category", "There is no category “digging”."),
        (6, "language", "Give a language code, such as en or pt-BR."),
        (7, "aspects", "Line 2 says the same as line 1."),
        (10, "search", "This finds every job. Search for the role and copy the page's address."),
        (12, "stages, number 1, level", "Value 'beginner' is not a valid choice."),
        (13, "stages, number 2", "A stage must end after it begins."),
        (16, "certifications, number 2, name", "“Spade” is listed twice."),
        (19, "skills, soft, number 1", "“raking” is kept as a technical skill already."),
        (20, "author, name", "This field cannot be blank."),
    ]


def test_overlapping_stages_are_told_where_the_stages_begin(tmp_path):
    text = HEAD + (
        "stages:\n"
        "  - {title: junior, level: junior, years_from: 0, years_to: 3, responsibilities: [raking]}\n"
        "  - {title: senior, level: senior, years_from: 2, responsibilities: [raking]}\n"
    )

    said = "The years of “junior” (0–3 years) and “senior” (2+ years) overlap."
    assert problems(text, tmp_path) == [(6, "stages", said)]


@pytest.mark.parametrize("name", ["source", "source_url", "source_year"])
def test_a_figure_without_a_source_is_refused(name):
    figure = mapping()["market"]["figures"][0]
    del figure[name]

    with pytest.raises(BadGuide, match=f"market, figures, number 1, {name}: This is needed."):
        load_guide(mapping(market__figures=[figure]))

    assert Figure.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, "", "A guide file holds names and values, such as “title: …”.")),
        ("- one\n- two\n", (1, "", "A guide file holds names and values, such as “title: …”.")),
        ("slug: a\nslug: b\n", (2, "slug", "This is there twice.")),
        ("slug: *name\n", (1, "", "This isn't YAML: aliases (*) are not allowed.")),
        ("slug: [a\n", (2, "", "This isn't YAML: expected ',' or ']', but got '<stream end>'.")),
        ("slug: !!python/object:os.system x\n", (1, "slug", "“x” can't be read.")),
        ("slug: a\nreviewed_on: 2026-02-31\n", (2, "reviewed_on", "“2026-02-31” can't be read.")),
        ("slug: \x07\n", (None, "", "This isn't YAML: a character that can't be read.")),
    ],
)
def test_what_is_no_guide_file_is_refused_in_a_sentence(text, expected, tmp_path):
    assert problems(text, tmp_path) == [expected]


def test_a_file_in_another_encoding_is_refused(tmp_path):
    file = tmp_path / "guide.yaml"
    file.write_bytes("title: Gärtner".encode("latin-1"))

    with pytest.raises(BadGuide, match=r"guide\.yaml: This file isn't written in UTF-8\."):
        load_file(file)
