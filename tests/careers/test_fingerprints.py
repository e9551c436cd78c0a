"""What is kept of a guide's page under its fingerprint is never stale: each change shows on the next view."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careers.market import RoleMarket
from careers.models import Certification, Contributor, Figure, Guide, GuideSkill, OwnQuestion, Platform, Skill, Stage
from careers.survey import refresh_markets
from jobs.models import Category
from tests.careers.guides import published
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

# By the plainest road, past every save() and signal.
CHANGES = {
    "the guide": lambda: Guide.objects.update(introduction="A sentence never seen before."),
    "a stage": lambda: Stage.objects.update(title="a sentence never seen before"),
    "the level of a skill": lambda: GuideSkill.objects.filter(skill__name="hydraulics").update(expected_from="middle"),
    "the name of a skill": lambda: Skill.objects.filter(name="patience").update(name="a sentence never seen before"),
    "a certification": lambda: Certification.objects.update(issuer="A sentence never seen before"),
    "a figure": lambda: Figure.objects.update(amount="5.5"),
    "a question": lambda: OwnQuestion.objects.update(answer="A sentence never seen before."),
    "a platform": lambda: Platform.objects.update(name="A sentence never seen before"),
    "the category": lambda: Category.objects.filter(guides__isnull=False).update(name="Never seen before"),
    "the author": lambda: Contributor.objects.filter(slug="ada").update(name="Never Seen"),
    "the reviewer": lambda: Contributor.objects.filter(slug="rex").update(name="Never Seen"),
    "a row less": lambda: Certification.objects.all().delete(),
    "the market": lambda: RoleMarket.objects.update(companies=[{"slug": "never-seen", "name": "Never Seen", "n": 1}]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_shows_on_the_next_view(change, client, settings):
    guide = published()
    JobFactory(title="Garden engineer")
    refresh_markets(Guide.objects.all(), at=guide.published_at)
    before = client.get(guide.get_absolute_url()).content.decode()
    assert client.get(guide.get_absolute_url()).content.decode() == before

    CHANGES[change]()

    after = client.get(guide.get_absolute_url()).content.decode()
    assert after != before
    assert ("ever seen" in after.lower()) == (change not in ("a figure", "a row less", "the level of a skill"))


def test_a_second_view_asks_only_for_what_may_have_changed(client):
    guide = published()
    JobFactory(title="Garden engineer")
    client.get(guide.get_absolute_url())

    with CaptureQueriesContext(connection) as queries:
        client.get(guide.get_absolute_url())

    # The guide with its fingerprint, how many jobs and the newest of them, related guides.
    assert len(queries) == 3
