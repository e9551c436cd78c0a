"""Staff have the market of the guides they choose counted at once, instead of waiting for the night."""

import json
from base64 import b64decode

import pytest
from django.urls import reverse
from django.utils import timezone

from careers.market import RoleMarket
from careers.survey import refresh_market
from careers.tasks import count_markets, follow_roles
from jobboard.celery import app as celery_app
from tests.careers.guides import draft, published
from tests.careers.test_admin import change_path
from tests.careers.test_pages import text_of
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:careers_guide_changelist")


def count_path(guide) -> str:
    return reverse("admin:careers_guide_count_market", args=[guide.pk])


def told(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def asked_of_workers(task: str) -> list[list]:
    """The arguments of each message of the task that waits for a worker."""
    with celery_app.connection_for_write() as connection:
        waiting = [json.loads(text) for text in connection.default_channel.client.lrange("default", 0, -1)]
    bodies = [json.loads(b64decode(one["body"])) for one in waiting if one["headers"]["task"] == task]
    return [args for args, *_ in bodies]


def test_the_button_has_the_guides_market_counted_and_no_other(
    editor_client, client, own_redis, django_capture_on_commit_callbacks
):
    guide, _other = published(search="q=gardener"), published(slug="florist", role="florist", search="q=florist")
    JobFactory(title="Gardener")
    form = editor_client.get(change_path(guide)).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        answer = editor_client.post(count_path(guide), follow=True)
    asked = asked_of_workers("careers.count_markets")
    counted = count_markets(*asked[0])

    assert f'action="{count_path(guide)}"' in form
    assert (answer.redirect_chain, told(answer)) == (
        [(change_path(guide), 302)],
        [f"The market of “{guide}” is being counted now. Look at the page again in a minute."],
    )
    assert (asked, counted) == ([[[guide.pk]]], 1)
    assert list(RoleMarket.objects.everywhere().values_list("guide", "jobs")) == [(guide.pk, 1)]
    assert f"Open on {timezone.now():%-d %B} 1 job" in text_of(client.get(guide.get_absolute_url()))


def test_the_bulk_action_counts_the_chosen_and_tells_of_those_without_a_search(
    editor_client, own_redis, django_capture_on_commit_callbacks
):
    one, two = published(), published(slug="florist", role="florist")
    mute, _unchosen = draft(slug="mute", search=""), published(slug="baker", role="baker")
    chosen = {"action": "count_markets", "_selected_action": [one.pk, two.pk, mute.pk]}

    with django_capture_on_commit_callbacks(execute=True):
        answer = editor_client.post(LIST, chosen, follow=True)

    assert told(answer) == [
        "The markets of 2 guides are being counted now. Look at the page again in a minute.",
        f"“{mute}” has no search that finds its jobs, so there is nothing to count.",
    ]
    assert [sorted(keys) for [keys] in asked_of_workers("careers.count_markets")] == [sorted([one.pk, two.pk])]


def test_a_guide_without_a_search_offers_no_count_and_queues_none(
    editor_client, own_redis, django_capture_on_commit_callbacks
):
    guide = draft(search="")

    with django_capture_on_commit_callbacks(execute=True):
        answer = editor_client.post(count_path(guide), follow=True)

    assert told(answer) == [f"“{guide}” has no search that finds its jobs, so there is nothing to count."]
    assert count_path(guide) not in answer.content.decode()
    assert asked_of_workers("careers.count_markets") == []


def test_a_count_is_asked_for_by_a_button_alone(editor_client):
    assert editor_client.get(count_path(draft())).status_code == 405


@pytest.mark.parametrize(
    ("before", "more", "is_counted"), [(2, 9, False), (2, 10, True), (41, 10, False), (40, 10, True)]
)
def test_a_role_that_an_import_brought_many_jobs_is_counted_before_the_night(before, more, is_counted, own_redis):
    guide = published(search="q=gardener")
    JobFactory.create_batch(before, title="Gardener")
    refresh_market(guide, at=timezone.now())
    JobFactory.create_batch(more, title="Gardener")

    roles = follow_roles()

    assert (roles, asked_of_workers("careers.count_markets")) == (1, [[[guide.pk]]] if is_counted else [])
