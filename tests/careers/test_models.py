"""What must never be false about a guide, and its verbs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from careers.models import Contributor, Figure, Guide, GuideIncomplete, Skill, Stage, State
from careers.stages import check_stages
from tests.careers.guides import draft, published

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def stage(years_from, years_to, title="a stage"):
    return Stage(title=title, level="junior", years_from=years_from, years_to=years_to, responsibilities=["raking"])


def refused(*stages):
    guide = draft(stages=[])
    for one in stages:
        one.guide = guide
    with transaction.atomic():
        Stage.objects.bulk_create(stages)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "stages", [[(0, 3), (2, 5)], [(0, None), (5, None)], [(0, 2), (0, 2)], [(4, None), (0, 9)], [(0, 9), (3, 4)]]
)
def test_the_database_refuses_overlapping_stages(stages):
    with pytest.raises(IntegrityError, match="stages_do_not_overlap"):
        refused(*(stage(*years) for years in stages))


@pytest.mark.parametrize("years", [(3, 3), (3, 2)])
def test_the_database_refuses_a_stage_that_ends_before_it_begins(years):
    with pytest.raises(IntegrityError, match="stage_years_in_order"):
        refused(stage(*years))


def test_stages_may_follow_one_another_and_leave_years_out():
    refused(stage(0, 2), stage(2, 5), stage(7, None))

    assert Stage.objects.count() == 3


def test_two_guides_may_have_stages_of_the_same_years():
    draft()
    draft(slug="another-gardener")

    assert Stage.objects.filter(years_from=0).count() == 2


def test_overlapping_stages_are_named_in_the_message():
    with pytest.raises(ValidationError) as refusal:
        check_stages([stage(5, None, "boss"), stage(0, 6, "helper")])

    assert refusal.value.messages == ["The years of “helper” (0–6 years) and “boss” (5+ years) overlap."]


def test_the_database_refuses_a_figure_without_a_source():
    draft()

    with pytest.raises(IntegrityError, match="figure_has_a_source"), transaction.atomic():
        Figure.objects.update(source="")


def test_growth_needs_two_years():
    draft()

    with pytest.raises(IntegrityError, match="figure_growth_has_two_years"), transaction.atomic():
        Figure.objects.update(to_year=None)


def test_a_review_needs_a_reviewer():
    guide = draft()

    with pytest.raises(IntegrityError, match="guide_reviewed_by_someone_on_a_day"), transaction.atomic():
        Guide.objects.filter(pk=guide.pk).update(reviewer=None)


def test_one_skill_has_one_name_whatever_the_case():
    Skill.objects.create(name="Botany", kind="technical")

    with pytest.raises(IntegrityError, match="skill_name_once"), transaction.atomic():
        Skill.objects.create(name="botany", kind="soft")


def test_a_published_guide_is_read_from_that_moment_until_it_is_withdrawn(seeker):
    guide = draft()

    guide.publish(by=seeker, at=NOON)
    read = [Guide.objects.published(NOON + timedelta(seconds=after)).exists() for after in (-1, 0, 1)]
    guide.unpublish(by=seeker, at=NOON)

    assert (read, guide.published_by) == ([False, True, True], seeker)
    assert not Guide.objects.published(NOON).exists()


def test_a_guide_published_again_keeps_its_first_day(seeker):
    guide = draft()

    guide.publish(by=seeker, at=NOON)
    guide.unpublish(by=seeker, at=NOON + timedelta(days=1))
    guide.publish(by=seeker, at=NOON + timedelta(days=2))

    guide.refresh_from_db()
    assert (guide.published_at, guide.withdrawn_at, guide.withdrawn_by) == (NOON, None, None)


def test_a_scheduled_guide_can_be_published_at_once(seeker):
    guide = draft()

    guide.schedule(NOON + timedelta(days=9), by=seeker, at=NOON - timedelta(days=1))
    guide.publish(by=seeker, at=NOON)

    assert (guide.published_at, guide.state(NOON)) == (NOON, State.PUBLISHED)


def test_an_incomplete_guide_is_not_published_and_says_what_is_missing(seeker):
    guide = draft(education=[], market={}, stages=[])

    with pytest.raises(GuideIncomplete) as refusal:
        guide.publish(by=seeker, at=NOON)

    assert (refusal.value.gaps, Guide.objects.published(timezone.now()).exists()) == (
        [
            "at least two stages",
            "the required education",
            "the demand",
            "the remote availability",
            "the top industries",
        ],
        False,
    )


def test_a_review_is_dated_and_due_again_in_a_year():
    guide, reviewer = published(), Contributor.objects.get(slug="rex")
    guide.figures.all().delete()  # they fall due by themselves

    guide.review(reviewer=reviewer, at=NOON)

    guide.refresh_from_db()
    assert (guide.reviewed_on, guide.review_due_on) == (date(2026, 5, 1), date(2027, 5, 1))
    assert list(Guide.objects.due_for_review(date(2027, 5, 1))) == [guide]
    assert list(Guide.objects.due_for_review(date(2027, 4, 30))) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("q=garden+engineer", "q=garden+engineer"),
        ("?level=senior&q=garden&page=4", "q=garden&level=senior"),
        ("https://board.test/jobs/?q=garden%20engineer", "q=garden+engineer"),
        ("", ""),
    ],
)
def test_the_search_is_kept_as_the_search_page_writes_it(typed, kept):
    guide = draft()

    guide.search = typed
    guide.full_clean()

    assert guide.search == kept


def test_a_search_that_finds_every_job_is_refused():
    guide = draft()

    guide.search = "sort=pay"
    with pytest.raises(ValidationError) as refusal:
        guide.full_clean()

    assert list(refusal.value.message_dict) == ["search"]
