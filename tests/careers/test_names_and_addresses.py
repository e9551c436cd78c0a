"""What was renamed or merged goes on being found, and translations know one another."""

import pytest
from django.urls import reverse
from django.utils import timezone

from careers.content.loading import load_guide
from careers.models import Guide, Skill
from careers.skills import KindsDiffer
from tests.careers.guides import draft, mapping, published
from tests.careers.test_admin import change_path, errors, form_of

pytestmark = pytest.mark.django_db


def skill(name, kind="technical", **fields):
    return Skill.objects.create(name=name, kind=kind, **fields)


# --- Guides -----------------------------------------------------------------------------------------------------------


def test_the_old_address_of_a_guide_leads_to_the_new_one_for_good(editor_client, client):
    guide = published()

    for slug in ("gardener", "tree-engineer"):
        editor_client.post(change_path(guide), form_of(editor_client, guide) | {"slug": slug})

    answers = [client.get(f"/guides/{slug}/") for slug in ("garden-engineer", "gardener", "tree-engineer")]
    assert [(answer.status_code, answer.get("Location")) for answer in answers] == [
        (301, "/guides/tree-engineer/"),
        (301, "/guides/tree-engineer/"),
        (200, None),
    ]


def test_a_guide_may_take_its_old_address_back(client):
    guide = published()
    for slug in ("gardener", "garden-engineer"):
        guide.slug = slug
        guide.full_clean(exclude=["folded"])
        guide.save()

    answers = [client.get(f"/guides/{slug}/") for slug in ("garden-engineer", "gardener")]
    assert [(answer.status_code, answer.get("Location")) for answer in answers] == [
        (200, None),
        (301, "/guides/garden-engineer/"),
    ]


def test_an_old_address_is_not_given_to_another_guide(editor_client):
    guide, other = published(), draft(slug="other")
    guide.slug = "gardener"
    guide.save()

    page = editor_client.post(change_path(other), form_of(editor_client, other) | {"slug": "garden-engineer"})

    said = "This was the address of “How to become a garden engineer” and leads there still: choose another."
    assert (said in errors(page), Guide.objects.get(pk=other.pk).slug) == (True, "other")


def test_the_address_of_a_draft_or_of_a_guide_off_the_site_leads_nowhere(editor, client):
    guide = draft()
    guide.slug = "gardener"
    guide.save()
    gone = published(slug="gone")
    gone.slug = "gone-too"
    gone.save()
    gone.unpublish(by=editor, at=timezone.now())

    assert [client.get(f"/guides/{slug}/").status_code for slug in ("garden-engineer", "gone")] == [404, 404]


def test_editions_in_other_languages_are_told_to_search_engines_once_they_are_on_the_site(client):
    guide = published()
    german = load_guide(mapping(slug="garteningenieur", language="de", translation_of="garden-engineer")).guide

    assert 'hreflang="' not in client.get("/guides/garden-engineer/").content.decode()

    german.publish(by=None, at=timezone.now())

    expected = [
        '<link rel="alternate" hreflang="de" href="http://localhost:8000/guides/garteningenieur/">',
        '<link rel="alternate" hreflang="en" href="http://localhost:8000/guides/garden-engineer/">',
    ]
    for path in (guide.get_absolute_url(), german.get_absolute_url()):
        page = client.get(path).content.decode()
        assert [line in page for line in expected] == [True, True]


@pytest.mark.parametrize(
    ("of", "language", "message"),
    [
        ("german", "fr", "is a translation itself: choose its original."),
        ("guide", "de", "There is a translation into this language already."),
        ("itself", "fr", "A guide is no translation of itself."),
    ],
)
def test_a_translation_that_cannot_be_is_refused(of, language, message, editor_client):
    guide, itself = draft(), draft(slug="itself")
    german = load_guide(mapping(slug="garteningenieur", language="de", translation_of="garden-engineer")).guide
    chosen = {"german": german, "guide": guide, "itself": itself}[of]

    said = form_of(editor_client, itself) | {"translation_of": chosen.pk, "language": language}
    page = editor_client.post(change_path(itself), said)

    assert message in page.content.decode()


# --- Skills -----------------------------------------------------------------------------------------------------------


def test_a_renamed_skill_is_still_found_by_its_old_name_and_address():
    renamed = skill("k8s")
    renamed.name, renamed.slug = "Kubernetes", "kubernetes"
    renamed.save()

    assert (renamed.also_called, Skill.objects.called("K8S"), Skill.objects.at("k8s").get()) == (
        ["k8s"],
        renamed,
        renamed,
    )


def test_a_file_that_knows_an_old_name_names_the_same_skill():
    draft()
    renamed = Skill.objects.get(name="hydraulics")
    renamed.name = "fluid mechanics"
    renamed.save()

    loaded = load_guide(mapping())

    assert (loaded.is_changed, Skill.objects.count(), Skill.objects.filter(name="hydraulics").exists()) == (
        False,
        3,
        False,
    )


def test_another_name_belongs_to_one_skill(editor_client):
    skill("Kubernetes", also_called=["k8s"])
    said = {"name": "containers", "kind": "technical", "also_called": "K8S", "slug": ""}

    page = editor_client.post(reverse("admin:careers_skill_add"), said)

    assert "“K8S” is a name of “Kubernetes” already: merge the two instead." in errors(page)


def test_merged_skills_are_one_in_every_guide_with_both_names(editor, editor_client):
    both = draft(skills={"technical": [{"name": "water", "expected_from": "senior"}, {"name": "hydraulics"}]})
    one = draft(slug="one", skills={"technical": [{"name": "soil"}, {"name": "hydraulics", "expected_from": "middle"}]})
    stays, goes = Skill.objects.get(name="water"), Skill.objects.get(name="hydraulics")
    asked = {"action": "merge_chosen", "_selected_action": [stays.pk, goes.pk]}
    path = reverse("admin:careers_skill_changelist")

    page = editor_client.post(path, asked)
    assert (page.status_code, Skill.objects.filter(pk=goes.pk).exists()) == (200, True)
    page = editor_client.post(path, asked | {"confirmed": "yes", "stays": stays.pk}, follow=True)

    stays.refresh_from_db()
    assert [str(message) for message in page.context["messages"]] == ["“hydraulics” became “water”."]
    assert (stays.also_called, Skill.objects.at("hydraulics").get()) == (["hydraulics"], stays)
    asking = [[(a.skill.name, a.expected_from) for a in guide.guide_skills.in_order()] for guide in (both, one)]
    assert asking == [[("water", "junior")], [("soil", "junior"), ("water", "middle")]]
    assert (one.versions.latest("pk").did, one.versions.latest("pk").by) == (
        "Skill “hydraulics” became “water”",
        editor,
    )


def test_the_names_of_all_merged_skills_lead_to_the_last(editor):
    first, second, third = skill("a one", also_called=["one"]), skill("b two"), skill("c three")

    second.merge(first, by=editor, at=timezone.now())
    third.merge(second, by=editor, at=timezone.now())

    assert {Skill.objects.called(name) for name in ("a one", "ONE", "b two", "c three")} == {third}
    assert {Skill.objects.at(slug).get() for slug in ("a-one", "b-two", "c-three")} == {third}


def test_a_technical_and_a_soft_skill_stay_apart(editor, editor_client):
    stays, other = skill("calm", "soft"), skill("statics")
    said = {"action": "merge_chosen", "_selected_action": [stays.pk, other.pk], "confirmed": "yes", "stays": stays.pk}

    page = editor_client.post(reverse("admin:careers_skill_changelist"), said)

    assert "“calm” is soft, “statics” is not. Change its kind first." in errors(page)
    assert Skill.objects.count() == 2
    with pytest.raises(KindsDiffer):
        stays.merge(other, by=editor, at=timezone.now())


@pytest.mark.parametrize("chosen", [{}, {"stays": ""}, {"stays": "nonsense"}, {"stays": 987654321}])
def test_a_choice_that_is_none_is_told_at_the_field(chosen, editor_client):
    skills = [skill("a").pk, skill("b").pk]
    said = {"action": "merge_chosen", "_selected_action": skills, "confirmed": "yes"} | chosen

    page = editor_client.post(reverse("admin:careers_skill_changelist"), said)

    assert (page.status_code, "errorlist" in page.content.decode(), Skill.objects.count()) == (200, True, 2)
