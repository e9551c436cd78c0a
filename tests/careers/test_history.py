"""What a guide said is kept whole, compared in words, and brought back."""

import io
import json
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from careers.content.differences import differences
from careers.content.loading import load_guide
from careers.content.reading import read_yaml
from careers.content.writing import as_json, as_yaml, jsonable, mapping_of
from careers.models import Contributor, Guide, GuideVersion, Skill
from tests.careers.guides import draft, mapping, published
from tests.careers.test_admin import change_path, form_of

pytestmark = pytest.mark.django_db


def in_words(before: dict, after: dict) -> list[str]:
    return [str(one) for one in differences(jsonable(before), jsonable(after))]


@pytest.mark.parametrize("write", [as_yaml, as_json])
def test_a_guide_that_is_written_and_read_again_is_the_same(write):
    guide = draft(introduction="Gärten & 𝔤𝔞𝔯𝔡𝔢𝔫𝔰: “water” — #1\n\n- no list: yes\n\n'quoted'")
    written = write(mapping_of(guide))

    readable, lines = read_yaml(written)
    loaded = load_guide(readable, lines=lines)

    assert (loaded.is_new, loaded.is_changed, write(mapping_of(loaded.guide))) == (False, False, written)


@pytest.mark.parametrize("write", [as_yaml, as_json])
def test_a_guide_moves_to_another_board_whole(write):
    written = write(mapping_of(draft()))
    for model in (Guide, Skill, Contributor):
        model.objects.all().delete()

    load_guide(*read_yaml(written)[:1])

    assert write(mapping_of(Guide.objects.get())) == written


def test_the_same_says_nothing():
    assert in_words(mapping(), mapping()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "Another"}, ["Title: [−How to become a garden engineer−] [+Another+]"]),
        ({"education": []}, ["Required education: [−a degree in horticulture−]"]),
        ({"aspects": ["planning beds", "raking"]}, ["Key aspects: planning beds [−moving water−] [+raking+]"]),
        ({"market__demand": "steady"}, ["Demand: [−high−] [+steady+]"]),
        ({"reviewed_on": None}, ["Reviewed on: [−2026-03-04−]"]),
        ({"author": {"slug": "rex", "name": "Rex"}}, ["Author: [−Ada Author−] [+Rex+]"]),
        ({"skills__soft": []}, ["Soft skills: [−patience−]"]),
        (
            {"skills__technical": [{"name": "soil science", "expected_from": "senior"}, {"name": "hydraulics"}]},
            ["Technical skills, new order: [+soil science+] [+hydraulics+]"],
        ),
        (
            {"skills__technical": [{"name": "hydraulics"}, {"name": "soil science", "expected_from": "middle"}]},
            ["Skill “soil science”, expected from: [−senior−] [+middle+]"],
        ),
        (
            {"stages": [{**mapping()["stages"][0], "years_to": 2}, mapping()["stages"][1]]},
            ["Stage “junior garden engineer”, years to: [−3−] [+2+]"],
        ),
        (
            {"questions": [{"question": "Do I need a hat?", "answer": "In summer, no."}]},
            ["Question “Do I need a hat?”, answer: [−In summer, yes.−] [+In summer, no.+]"],
        ),
        (
            {"summary": "What garden engineers really do and what is asked of them."},
            ["Summary: [−What garden engineers do and what is asked of them.−] "
             "[+What garden engineers really do and what is asked of them.+]"],
        ),
    ],
)  # fmt: skip
def test_a_difference_is_told_in_words(changes, said):
    assert in_words(mapping(), mapping(**changes)) == said


def test_long_texts_are_compared_word_by_word():
    text = "A garden engineer plans water and light, and most of the weeks of a year bring mud."

    said = in_words(mapping(overview=text), mapping(overview=text.replace("water", "wind")))

    expected = "A garden engineer plans [−water−] [+wind+] and light, and most of the weeks of a year bring mud."
    assert [re.sub(r"\s*(−\])|\s*(\+\])|\s+", lambda m: m[1] or m[2] or " ", one) for one in said] == [
        f"Role overview: {expected}"
    ]


def test_an_edit_is_kept_with_who_and_what(editor, editor_client):
    guide = draft()

    editor_client.post(change_path(guide), form_of(editor_client, guide) | {"title": "Better", "aspects": "raking"})

    page = editor_client.get(reverse("admin:careers_guide_history", args=[guide.pk]))
    newest, found = page.context["told"][0]
    assert (newest.did, newest.by) == ("Edited", editor)
    assert [str(one) for one in found] == [
        "Title: [−How to become a garden engineer−] [+Better+]",
        "Key aspects: [−planning beds−] [−moving water−] [+raking+]",
    ]


def test_a_version_comes_back_with_its_lists_in_order_and_what_was_there_stays_in_the_history(editor, editor_client):
    guide = draft()
    first = guide.versions.get()
    changed = mapping(
        title="Other", stages=mapping()["stages"][:1], skills={"soft": [{"name": "wit"}]}, questions=[], platforms=[]
    )
    load_guide(changed)

    page = editor_client.post(reverse("admin:careers_guide_restore", args=[guide.pk, first.pk]), follow=True)

    assert jsonable(mapping_of(Guide.objects.get())) == first.content
    assert (guide.versions.count(), guide.versions.latest("pk").by) == (3, editor)
    assert [one.did for one, _ in page.context["told"]][1:] == ["Loaded from a file", "Loaded from a file"]


def test_the_order_of_skills_is_told_within_a_kind_and_one_across_kinds_is_not_taken_back_unsaid(editor_client):
    guide = draft()
    first = guide.versions.get()
    said = []
    for places in ((1, 3, 2), (3, 1, 2)):  # for the rows as they stand
        numbers = {f"guide_skills-{row}-position": place for row, place in enumerate(places)}
        editor_client.post(change_path(guide), form_of(editor_client, guide) | numbers)
        restored = editor_client.post(reverse("admin:careers_guide_restore", args=[guide.pk, first.pk]), follow=True)
        said.append([str(one) for one in restored.context["messages"]][-1])
        told = [(one.did, [str(d) for d in what]) for one, what in restored.context["told"] if what is not None]
        order = [asked.skill.name for asked in guide.guide_skills.in_order()]
        said.append((told[0], order))

    brought_back = f"Brought back what it said on {first.at:%-d %B %Y, %H:%M} UTC"
    assert said == [
        "The guide says this already.",
        (
            ("Skills renumbered: the technical and the soft ones each kept their order", []),
            ["hydraulics", "patience", "soil science"],
        ),
        f"{brought_back}.",
        (
            (brought_back, ["Technical skills, new order: [+hydraulics+] [+soil science+]"]),
            ["hydraulics", "soil science", "patience"],
        ),
    ]


def test_a_version_that_readers_would_miss_a_part_of_does_not_come_back(editor_client):
    guide = draft(education=[])
    first = guide.versions.get()
    load_guide(mapping()).guide.publish(by=None, at=timezone.now())

    page = editor_client.post(reverse("admin:careers_guide_restore", args=[guide.pk, first.pk]), follow=True)

    assert "Still missing: the required education." in page.content.decode()
    assert Guide.objects.get().education == ["a degree in horticulture"]


def test_the_page_of_a_version_says_what_bringing_it_back_changes_and_changes_nothing(editor_client):
    guide = draft()
    load_guide(mapping(title="Other"))

    page = editor_client.get(reverse("admin:careers_guide_version", args=[guide.pk, guide.versions.earliest("pk").pk]))

    assert [str(one) for one in page.context["differences"]] == ["Title: [−Other−] [+How to become a garden engineer+]"]
    assert Guide.objects.get().title == "Other"


def test_a_version_of_another_guide_is_not_found(editor_client):
    guide, other = draft(), draft(slug="other")

    answer = editor_client.post(reverse("admin:careers_guide_restore", args=[guide.pk, other.versions.get().pk]))

    assert answer.status_code == 404


def test_a_guide_from_before_there_was_a_history_keeps_what_it_said(editor_client):
    guide = draft()
    GuideVersion.objects.all().delete()

    editor_client.post(change_path(guide), form_of(editor_client, guide) | {"title": "Better"})

    said = [version.content["title"] for version in guide.versions.order_by("pk")]
    assert said == ["How to become a garden engineer", "Better"]


def test_the_history_holds_its_queries_with_three_versions_and_with_thirty(editor, editor_client):
    guide = draft()
    path = reverse("admin:careers_guide_history", args=[guide.pk])

    def asked(count):
        for _ in range(count):
            guide.revise(by=editor, at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(path)
        return len(queries)

    asked(1)
    assert asked(1) == asked(15)


# --- Files ------------------------------------------------------------------------------------------------------------


def look_over(client, text):
    return client.post(reverse("admin:careers_guide_import"), {"text": text})


def keep(client, page):
    said = {"text": page.context["form"].initial["text"], "seen": page.context["seen"] or ""}
    return client.post(reverse("admin:careers_guide_import_confirm"), said, follow=True)


def test_a_file_shows_what_it_changes_before_it_changes_anything(editor, editor_client):
    draft()
    text = as_yaml(mapping(title="From the file"))

    page = look_over(editor_client, text)

    assert [str(one) for one in page.context["plan"].differences] == [
        "Title: [−How to become a garden engineer−] [+From the file+]"
    ]
    assert Guide.objects.get().title == "How to become a garden engineer"

    keep(editor_client, page)

    guide = Guide.objects.get()
    assert (guide.title, guide.versions.latest("pk").by, guide.versions.latest("pk").did) == (
        "From the file",
        editor,
        "Imported from a file",
    )


def test_a_new_guide_from_a_file_is_a_draft_and_what_it_makes_for_all_is_told(editor, editor_client):
    page = look_over(editor_client, as_yaml(mapping()))

    assert page.context["plan"].made == (
        "contributor “Ada Author”",
        "contributor “Rex Reviewer”",
        "skill “hydraulics”",
        "skill “soil science”",
        "skill “patience”",
        "platform “Green Jobs”",
    )
    assert (Guide.objects.count(), Skill.objects.count(), Contributor.objects.count()) == (0, 0, 0)

    keep(editor_client, page)

    guide = Guide.objects.get()
    assert (guide.published_at, guide.created_by) == (None, editor)


def test_mistakes_are_told_by_line_and_what_was_sent_is_kept(editor_client):
    text = as_yaml(mapping()).replace("level: junior", "level: <b>boss</b>").replace("engineering", "digging")

    page = look_over(editor_client, text)

    told = [(problem.line, problem.field) for problem in page.context["problems"]]
    lines = text.splitlines()
    assert told == [
        (lines.index("category: digging") + 1, "category"),
        (lines.index("    level: <b>boss</b>") + 1, "stages, number 1, level"),
    ]
    assert ("&lt;b&gt;boss" in page.content.decode(), Guide.objects.count()) == (True, 0)


def test_a_guide_that_changed_since_the_file_was_looked_over_is_compared_again(editor, editor_client):
    draft()
    page = look_over(editor_client, as_yaml(mapping(title="From the file")))
    load_guide(mapping(summary="Changed meanwhile."))

    again = keep(editor_client, page)

    assert "Somebody has changed the guide meanwhile." in again.content.decode()
    assert (Guide.objects.get().summary, len(again.context["plan"].differences)) == ("Changed meanwhile.", 2)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Choose a file, or write its text below."),
        ({"text": "x" * 200_001}, "This is longer than 200,000 characters."),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
        ({"text": "- a\n- b"}, "A guide file holds names and values"),
        ({"text": '{"slug": "\\ud83d"}'}, "There is a character in it that can&#x27;t be kept."),
    ],
)
def test_what_is_no_guide_is_refused_in_a_sentence(sent, message, editor_client):
    page = editor_client.post(reverse("admin:careers_guide_import"), sent)

    assert (page.status_code, message in page.content.decode()) == (200, True)


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_guide_is_exported_as_a_file(kind, editor_client):
    guide = draft()

    answer = editor_client.get(reverse("admin:careers_guide_export", args=[guide.pk, kind]))

    assert read_yaml(answer.content.decode())[0]["slug"] == "garden-engineer"
    assert answer["Content-Disposition"] == f'attachment; filename="garden-engineer.{kind}"'


def chosen_for_export(client, guides, **more):
    chosen = {"action": "export_chosen", "_selected_action": [guide.pk for guide in guides]}
    return client.post(reverse("admin:careers_guide_changelist"), chosen | more)


def test_an_export_asks_first_what_is_meant_and_says_what_is_left_out(consultant_client):
    chosen = [draft(), draft(slug="other", title="Another guide")]

    page = chosen_for_export(consultant_client, chosen).content.decode()

    assert "<strong>2 guides</strong>, a file each, in one archive." in page
    assert "Left out: its state and dates" in page
    assert -1 < page.find("Another guide</a>") < page.find("How to become a garden engineer</a>")


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_several_guides_are_exported_as_an_archive(kind, editor_client):
    answer = chosen_for_export(editor_client, [draft(), draft(slug="other")], confirmed="yes", kind=kind)

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == [f"garden-engineer.{kind}", f"other.{kind}"]
    assert read_yaml(archive.read(f"other.{kind}").decode())[0]["slug"] == "other"


def test_one_guide_is_exported_as_its_file(editor_client):
    answer = chosen_for_export(editor_client, [draft()], confirmed="yes", kind="json")

    assert answer["Content-Disposition"] == 'attachment; filename="garden-engineer.json"'
    assert json.loads(answer.content)["slug"] == "garden-engineer"


@pytest.mark.parametrize("kind", ["", "xml"])
def test_an_export_in_no_known_format_is_asked_again(kind, editor_client):
    answer = chosen_for_export(editor_client, [draft()], confirmed="yes", kind=kind)

    assert (answer.status_code, "Please correct what is marked below." in answer.content.decode()) == (200, True)


def test_who_may_not_see_guides_exports_none(stranger_client, seeker_client):
    guide = draft()

    answers = [chosen_for_export(client, [guide], confirmed="yes") for client in (stranger_client, seeker_client)]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_consultant_looks_but_neither_imports_nor_restores(consultant_client):
    guide = published()

    statuses = [
        consultant_client.get(reverse("admin:careers_guide_history", args=[guide.pk])).status_code,
        consultant_client.get(reverse("admin:careers_guide_export", args=[guide.pk, "yaml"])).status_code,
        consultant_client.get(reverse("admin:careers_guide_change", args=[guide.pk])).status_code,
        consultant_client.get(reverse("admin:careers_guide_import")).status_code,
        consultant_client.post(reverse("admin:careers_guide_import_confirm"), {"text": "a"}).status_code,
        consultant_client.post(
            reverse("admin:careers_guide_restore", args=[guide.pk, guide.versions.latest("pk").pk])
        ).status_code,
    ]

    assert statuses == [200, 200, 200, 403, 403, 403]
