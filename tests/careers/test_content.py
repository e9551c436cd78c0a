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
        ("slug: *name\n", (1, "", "This isn't YAML or JSON: aliases (*) are not allowed.")),
        ("slug: [a\n", (2, "", "This isn't YAML or JSON: expected ',' or ']', but got '<stream end>'.")),
        ("a: " + "[" * 30, (1, "", "This isn't YAML or JSON: it nests too deep.")),
        ('{\n\t"slug": "a",,\n}', (2, "", "This isn't YAML or JSON: expected the node content, but found ','.")),
        ("a: 1\n---\nb: 2\n", (2, "", "This isn't YAML or JSON: but found another document.")),
        ("slug: \x07\n", (1, "", "This isn't YAML or JSON: a character that can't be read.")),
    ],
)
def test_what_is_no_guide_file_is_refused_in_a_sentence(text, expected, tmp_path):
    assert problems(text, tmp_path) == [expected]


WITH_EVERY_KIND_OF_MISTAKE = """\
slug: digger
slug: digger-again
title: "A title that \\ud83d"
role: digger
category: gardening
summary: 7
colour: green
language: english!
introduction: [a, b]
aspects: digging
responsibilities:
  junior:
    - raking
    - raking
  boss: [x]
education: [a degree, 12]
reviewed_on: 2026-02-31
review_due_on: soon
[odd]: key
stages:
  - {title: helper, level: beginner, years_from: 0, years_to: 3, responsibilities: [raking]}
  - {title: head, level: lead, years_from: two, years_to: 4}
  -
skills:
  technical: [{name: digging}, {name: Digging}, {expected_from: expert}]
  soft: [{name: patience, expected_from: expert}, {name: digging}]
certifications:
  - {name: Spade, issuer: Guild}
  - {name: Spade, issuer: Guild, url: not an address}
market:
  demand: enormous
  remote_note: Never.
  figures:
    - {measure: growth, amount: 4, counts: diggers, place: Utopia, from_year: 2024,
       source: Office, source_url: "https://o.test/", source_year: 2025}
    - {measure: jobs, amount: many, counts: diggers, place: Utopia, from_year: 1066,
       source: "", source_url: "javascript:x", source_year: 2025}
    - {measure: jobs, amount: .inf, counts: diggers, place: Utopia, from_year: 2024, to_year: 2020,
       source: Office, source_url: "https://o.test/", source_year: 2025}
platforms:
  - {name: Dig Jobs}
  - {name: !!bool perhaps}
questions: {question: "Why?"}
search: sort=pay
author: {name: Nobody}
reviewer: {slug: "not a slug", name: Rex}
"""


def test_a_file_with_every_kind_of_mistake_tells_each_with_its_line_and_field(tmp_path):
    told = problems(WITH_EVERY_KIND_OF_MISTAKE, tmp_path)

    names = ", ".join(GUIDE.parts)
    assert told == [
        (2, "slug", "This is there twice."),
        (3, "title", "There is a character in it that can't be kept."),
        (5, "category", "There is no category “gardening”."),
        (6, "summary", "This must be text; put it in quotes."),
        (7, "colour", f"Nothing is called so here; there are {names}."),
        (8, "language", "Give a language code, such as en or pt-BR."),
        (9, "introduction", "This must be text; put it in quotes."),
        (10, "aspects", "This must be a list: one “- …” a line."),
        (12, "responsibilities, junior", "Line 2 says the same as line 1."),
        (15, "responsibilities, boss", "Nothing is called so here; there are junior, middle, senior."),
        (16, "education, number 2", "This must be text; put it in quotes."),
        (17, "reviewed_on", "“2026-02-31” can't be read."),
        (18, "review_due_on", "This must be a day, such as 2026-11-24."),
        (19, "", "A name here isn't a plain word."),
        (21, "stages, number 1, level", "Value 'beginner' is not a valid choice."),
        (22, "stages, number 2, years_from", "This must be a whole number."),
        (22, "stages, number 2, responsibilities", "This is needed."),
        (23, "stages, number 3", "This is empty."),
        (25, "skills, technical, number 3, name", "This is needed."),
        (25, "skills, technical, number 2", "“digging” is listed twice."),
        (26, "skills, soft, number 1, expected_from", "Value 'expert' is not a valid choice."),
        (26, "skills, soft, number 2", "“digging” is kept as a technical skill already."),
        (29, "certifications, number 2, url", "Enter a valid URL."),
        (29, "certifications, number 2, name", "“Spade” is listed twice."),
        (31, "market, demand", "Value 'enormous' is not a valid choice."),
        (34, "market, figures, number 1", "Growth needs the year it is counted to."),
        (36, "market, figures, number 2, amount", "This must be a number."),
        (36, "market, figures, number 2, from_year", "Ensure this value is greater than or equal to 1990."),
        (37, "market, figures, number 2, source", "This is needed."),
        (37, "market, figures, number 2, source_url", "Enter a valid URL."),
        (38, "market, figures, number 3, amount", "“Infinity” value must be a decimal number."),
        (38, "market, figures, number 3", "The last year must come after the first."),
        (41, "platforms, number 1, url", "This field cannot be blank."),
        (42, "platforms, number 2, name", "“perhaps” can't be read."),
        (43, "questions", "This must be a list: one “- …” a line."),
        (44, "search", "This finds every job. Search for the role and copy the page's address."),
        (45, "author, slug", "This is needed."),
        (46, "reviewer, slug", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    ]


def test_a_file_in_another_encoding_is_refused(tmp_path):
    file = tmp_path / "guide.yaml"
    file.write_bytes("title: Gärtner".encode("latin-1"))

    with pytest.raises(BadGuide, match=r"guide\.yaml: line 1, This file isn't written in UTF-8\."):
        load_file(file)
