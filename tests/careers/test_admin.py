"""Editing guides in the admin: no markup anywhere, clear refusals, drafts seen by link."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from careers.models import Contributor, Guide, Skill, Stage
from tests.careers.guides import draft, published

pytestmark = pytest.mark.django_db

PARTS = ("guide_skills", "stages", "certifications", "figures", "own_questions")


def change_path(guide):
    return reverse("admin:careers_guide_change", args=[guide.pk])


def form_of(client, guide):
    """What the change form holds as a browser would send it."""
    page = client.get(change_path(guide))
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    return {bound.html_name: sent(bound.value()) for form in forms for bound in form if sent(bound.value()) is not None}


def sent(value):
    return "\n".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def errors(page) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page.content.decode(), re.S))


def test_the_form_saves_what_it_shows_and_changes_nothing(editor_client):
    guide = draft()
    said = form_of(editor_client, guide)

    answer = editor_client.post(change_path(guide), said)

    after = Guide.objects.get()
    assert (answer.status_code, after.revised_at, after.aspects) == (302, guide.revised_at, guide.aspects)
    assert list(Stage.objects.values_list("pk", flat=True)) == [stage.pk for stage in guide.stages.all()]


def test_lists_are_written_one_a_line(editor_client):
    guide = draft()
    said = form_of(editor_client, guide) | {"aspects": "  digging \r\n\r\n moving   water\r\n"}

    editor_client.post(change_path(guide), said)

    after = Guide.objects.get()
    assert (after.aspects, after.revised_at > guide.revised_at) == (["digging", "moving water"], True)


def test_a_line_twice_or_too_long_is_told_with_its_number_and_kept(editor_client):
    guide = draft()
    said = form_of(editor_client, guide) | {"aspects": "digging\ndigging\n" + "x" * 201}

    page = editor_client.post(change_path(guide), said)

    assert "Line 2 says the same as line 1." in errors(page)
    assert "Line 3 has 201 characters; keep it to 200." in errors(page)
    assert "digging\ndigging\n" + "x" * 201 in page.content.decode()


def test_overlapping_stages_are_refused_by_name(editor_client):
    guide = draft()
    said = form_of(editor_client, guide) | {"stages-0-years_to": "5"}

    page = editor_client.post(change_path(guide), said)

    said = "The years of “junior garden engineer” (0–5 years) and “head gardener” (3+ years) overlap."
    assert (said in page.content.decode(), Stage.objects.get(years_from=0).years_to) == (True, 3)


def test_a_stage_after_the_open_one_can_be_added_in_one_step(editor_client):
    guide = draft()
    added = {"title": "park director", "level": "executive", "years_from": "9", "responsibilities": "all parks"}
    said = form_of(editor_client, guide) | {"stages-1-years_to": "9", "stages-TOTAL_FORMS": "3"}
    said |= {f"stages-2-{name}": value for name, value in added.items()}

    answer = editor_client.post(change_path(guide), said)

    assert (answer.status_code, [stage.years for stage in guide.stages.in_order()]) == (
        302,
        ["0–3 years", "3–9 years", "9+ years"],
    )


def test_two_skills_can_change_places_in_one_step(editor_client):
    guide = draft()
    said = form_of(editor_client, guide)
    first, second = said["guide_skills-0-skill"], said["guide_skills-1-skill"]

    answer = editor_client.post(
        change_path(guide), said | {"guide_skills-0-skill": second, "guide_skills-1-skill": first}
    )

    assert (answer.status_code, [asked.skill_id for asked in guide.guide_skills.in_order()][:2]) == (
        302,
        [second, first],
    )


def test_a_new_row_goes_to_the_end(editor_client):
    guide, skill = draft(), Skill.objects.create(name="botany", kind="technical")
    said = form_of(editor_client, guide) | {"guide_skills-3-skill": skill.pk, "guide_skills-3-expected_from": "junior"}

    editor_client.post(change_path(guide), said)

    assert [asked.skill.name for asked in guide.guide_skills.in_order()] == [
        "hydraulics",
        "soil science",
        "patience",
        "botany",
    ]


def test_the_same_skill_twice_is_refused(editor_client):
    guide = draft()
    said = form_of(editor_client, guide)

    page = editor_client.post(change_path(guide), said | {"guide_skills-1-skill": said["guide_skills-0-skill"]})

    assert (page.status_code, guide.guide_skills.count()) == (200, 3)
    assert "Please correct the duplicate" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reviewed_on": ""}, "Give both the reviewer and the day of the review, or neither."),
        ({"review_due_on": "2020-01-01"}, "The next review must be due after the last one."),
        ({"reviewed_on": "2099-01-01"}, "This day is yet to come; give the day on which it was done."),
        ({"figures-0-checked_on": "2099-01-01"}, "This day is yet to come; give the day on which it was done."),
        ({"review_due_on": "9999-01-01"}, "This day is more than five years away;"),
        ({"figures-0-review_due_on": "2099-01-01"}, "This day is more than five years away;"),
        ({"language": "zz"}, "No language has this code; give one such as en or pt-BR."),
        ({"language": "Deutsch"}, "Give a language code, such as en or pt-BR."),
        ({"demand": ""}, "Choose the demand or the remote availability that the note explains."),
        ({"search": "sort=pay"}, "This finds every job. Search for the role and copy the page&#x27;s address."),
        ({"figures-0-to_year": ""}, "Growth needs the year it is counted to."),
        ({"figures-0-source": ""}, "This field is required."),
        ({"stages-0-responsibilities": " \n "}, "This field is required."),
        ({"stages-0-years_to": "0"}, "A stage must end after it begins."),
        ({"slug": "feed"}, "This address belongs to the site itself: choose another."),
        ({"slug": "other-guide"}, "Guide with this Slug already exists."),
    ],
)
def test_what_cannot_be_true_is_refused_in_a_sentence(changes, message, editor_client):
    draft(slug="other-guide")
    guide = draft()

    page = editor_client.post(change_path(guide), form_of(editor_client, guide) | changes)

    assert (page.status_code, message in page.content.decode()) == (200, True)


def test_a_nul_is_never_an_error_of_ours(editor_client):
    guide = draft()

    page = editor_client.post(
        change_path(guide), form_of(editor_client, guide) | {"aspects": "a\x00b", "title": "a\x00b"}
    )

    assert (page.status_code, "Null characters are not allowed." in page.content.decode()) == (200, True)


def test_publish_shows_the_guide_and_notes_who_and_when(editor, editor_client, client):
    guide = draft()

    editor_client.post(reverse("admin:careers_guide_publication", args=[guide.pk]))

    guide.refresh_from_db()
    assert (guide.is_published(timezone.now()), guide.published_by) == (True, editor)


def test_an_incomplete_guide_is_not_published_and_the_editor_reads_why(editor_client):
    guide = draft(education=[], questions=[])

    page = editor_client.post(reverse("admin:careers_guide_publication", args=[guide.pk]), follow=True)

    said = [str(message) for message in page.context["messages"]]
    assert said == [
        "Publish: not possible for “How to become a garden engineer”. Still missing: the required education."
    ]
    assert "Before it can be published, it still needs: the required education." in page.content.decode()


def test_unpublish_takes_the_guide_off_the_site(editor, editor_client):
    guide = published()

    editor_client.post(reverse("admin:careers_guide_withdrawal", args=[guide.pk]))

    guide.refresh_from_db()
    assert (guide.is_published(timezone.now()), guide.withdrawn_by) == (False, editor)


def test_before_a_guide_leaves_the_site_a_page_says_what_that_means(editor_client):
    guide = published()
    address = reverse("admin:careers_guide_withdrawal", args=[guide.pk])

    offered = editor_client.get(reverse("admin:careers_guide_change", args=[guide.pk]))
    asked = editor_client.get(address)

    guide.refresh_from_db()
    assert f'href="{address}">Take off the site…' in offered.content.decode()
    assert ("will meet “not found”" in asked.content.decode(), guide.is_published(timezone.now())) == (True, True)


@pytest.mark.parametrize("name", ["submission", "return", "publication"])
def test_the_state_is_not_changed_by_a_link(name, editor_client):
    guide = draft()

    answer = editor_client.get(reverse(f"admin:careers_guide_{name}", args=[guide.pk]))

    guide.refresh_from_db()
    assert (answer.status_code, guide.published_at, guide.withdrawn_at) == (405, None, None)


def test_only_staff_publish(seeker_client):
    guide = draft()

    answer = seeker_client.post(reverse("admin:careers_guide_publication", args=[guide.pk]))

    guide.refresh_from_db()
    assert (answer.status_code in (302, 403), guide.published_at) == (True, None)


def test_several_guides_are_published_from_the_list_after_a_page_that_says_which(editor, editor_client):
    ready, unready = draft(), draft(slug="unready", title="Unready", education=[])
    asked = {"action": "take_publication", "_selected_action": [ready.pk, unready.pk]}

    page = editor_client.post(reverse("admin:careers_guide_changelist"), asked)

    assert (page.context["ready"], page.context["refusals"]) == (
        [ready],
        [(unready, "Still missing: the required education.")],
    )
    assert not Guide.objects.published(timezone.now()).exists()

    page = editor_client.post(reverse("admin:careers_guide_changelist"), asked | {"confirmed": "1"}, follow=True)

    said = [str(message) for message in page.context["messages"]]
    assert said == ["“How to become a garden engineer” is published."]
    assert [guide.published_by for guide in Guide.objects.published(timezone.now())] == [editor]


def test_a_bulk_change_is_asked_again_when_the_number_of_guides_has_changed(editor_client):
    guide = draft()
    asked = {"action": "take_publication", "_selected_action": [guide.pk], "confirmed": "2"}

    page = editor_client.post(reverse("admin:careers_guide_changelist"), asked)

    assert "The number of guides has changed meanwhile." in page.content.decode()
    assert not Guide.objects.published(timezone.now()).exists()


def test_an_editor_is_warned_when_a_published_guide_loses_a_part(editor_client):
    guide = published()

    page = editor_client.post(change_path(guide), form_of(editor_client, guide) | {"education": ""}, follow=True)

    assert "Readers of this published guide now miss: the required education." in page.content.decode()


def test_the_link_to_the_site_previews_a_draft(editor_client, client):
    guide = draft()

    link = editor_client.get(change_path(guide)).context["absolute_url"]

    assert link.startswith("/guides/preview/")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", ["Draft"]),
        ("review", []),
        ("scheduled", []),
        ("published", ["Published"]),
        ("due", ["Draft"]),
        ("withdrawn", []),
        ("missed", []),
        ("nonsense", ["Draft", "Published"]),
        ("", ["Draft", "Published"]),
    ],
)
def test_the_list_is_filtered_by_state(state, expected, editor_client):
    draft(slug="draft", title="Draft", reviewed_on=None, reviewer=None, review_due_on=timezone.now().date())
    published(slug="published", title="Published", review_due_on=None)

    page = editor_client.get(reverse("admin:careers_guide_changelist"), {"state": state})

    assert [guide.title for guide in page.context["cl"].result_list] == expected


def test_the_list_is_searched_by_skill(editor_client):
    draft()
    draft(slug="other", title="Other", skills={"soft": [{"name": "wit"}]})

    page = editor_client.get(reverse("admin:careers_guide_changelist"), {"q": "hydraulics"})

    assert [guide.slug for guide in page.context["cl"].result_list] == ["garden-engineer"]


def test_skills_are_completed_from_the_shared_vocabulary(editor_client):
    Skill.objects.create(name="botany", kind="technical")
    Skill.objects.create(name="calm", kind="soft")

    answer = editor_client.get(
        reverse("admin:autocomplete"),
        {"app_label": "careers", "model_name": "guideskill", "field_name": "skill", "term": "BOT"},
    )

    assert [found["text"] for found in answer.json()["results"]] == ["botany"]


def test_each_field_of_the_form_has_a_name_for_screen_readers(editor_client):
    page = editor_client.get(change_path(draft())).content.decode()

    visible = [tag for tag in re.findall(r"<(?:textarea|select|input)\b[^>]*>", page) if 'type="hidden"' not in tag]
    named = [tag for tag in visible if "aria-label" in tag or 'type="submit"' in tag or label_of(tag) in page]
    assert (len(visible) > 60, [tag for tag in visible if tag not in named]) == (True, [])


def label_of(tag) -> str:
    return 'for="' + re.search(r'id="([^"]+)"', tag).group(1) + '"'


@pytest.mark.parametrize("model", ["guide", "skill", "platform", "contributor"])
def test_a_list_page_holds_its_queries_with_three_rows_and_with_thirty(model, editor_client, django_assert_num_queries):
    path = reverse(f"admin:careers_{model}_changelist")
    rows(1, 3)
    editor_client.get(path)
    with CaptureQueriesContext(connection) as three:
        editor_client.get(path)

    rows(4, 30)

    with django_assert_num_queries(len(three)):
        editor_client.get(path)


def rows(first, last):
    for number in range(first, last + 1):
        draft(
            slug=f"guide-{number}",
            title=f"Guide {number}",
            skills={"soft": [{"name": f"skill {number}"}]},
            platforms=[{"name": f"Board {number}", "url": "https://board.test/"}],
            author={"slug": f"author-{number}", "name": f"Author {number}"},
        )


def test_a_contributor_who_is_a_team_has_no_account(editor, editor_client):
    answer = editor_client.post(
        reverse("admin:careers_contributor_add"),
        {"slug": "team", "name": "Team", "kind": Contributor.Kind.TEAM, "user": editor.pk},
    )

    assert "A team has no account: leave this empty." in answer.content.decode()
