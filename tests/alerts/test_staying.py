"""The person says which alert goes on when their plan holds fewer, before it does or after."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from alerts.alert import use_of_plan
from alerts.models import Alert
from subscriptions.entitlements import back_to_free
from subscriptions.models import ComplimentaryPlus
from subscriptions.plan_use import PlanUse

PAGE = "/alerts/staying/"


def running(owner):
    return sorted(owner.alerts.active().values_list("name", flat=True))


def waiting(owner):
    return sorted(owner.alerts.waiting().values_list("name", flat=True))


@pytest.fixture
def three(subscriber, keep):
    """Three alerts that run, the last one used last."""
    now = timezone.now()
    return [keep(subscriber, words=word, at=now - timedelta(hours=3 - n)) for n, word in enumerate(("go", "c", "rust"))]


def test_without_a_choice_the_one_used_last_goes_on(subscriber, three):
    back_to_free(subscriber, timezone.now())

    assert (running(subscriber), waiting(subscriber)) == (["rust"], ["c", "go"])


def test_the_choice_made_before_is_kept_when_the_plan_ends(subscriber_client, subscriber, three):
    answer = subscriber_client.post(PAGE, {"alert": three[0].pk, "next": "/plans/"})
    before = running(subscriber)
    back_to_free(subscriber, timezone.now())

    assert (answer.url, before) == ("/plans/", ["c", "go", "rust"])
    assert (running(subscriber), waiting(subscriber)) == (["go"], ["c", "rust"])


def test_the_choice_made_afterwards_takes_the_place(subscriber_client, subscriber, three):
    back_to_free(subscriber, timezone.now())

    subscriber_client.post(PAGE, {"alert": three[1].pk})

    assert (running(subscriber), waiting(subscriber)) == (["c"], ["go", "rust"])
    ComplimentaryPlus.objects.grant(subscriber, reason="again", by=None, at=timezone.now())
    assert (running(subscriber), waiting(subscriber)) == (["c", "go", "rust"], [])


def test_a_second_choice_takes_the_first_one_back(subscriber_client, subscriber, three):
    for alert in three:
        subscriber_client.post(PAGE, {"alert": alert.pk})

    assert list(subscriber.alerts.filter(chosen_at__isnull=False)) == [three[2]]


def test_the_database_holds_one_choice_for_each_person(three):
    with pytest.raises(IntegrityError):
        Alert.objects.update(chosen_at=timezone.now())


def test_what_is_not_ones_own_is_refused_at_the_field(stranger_client, stranger, keep, three):
    keep(stranger, words="sql")
    keep(stranger, words="php")

    page = stranger_client.post(PAGE, {"alert": three[0].pk})

    assert (page.status_code, page.context["form"].errors) == (200, {"alert": ["Choose one of your alerts."]})
    assert not Alert.objects.filter(chosen_at__isnull=False).exists()


def test_after_choosing_nobody_is_sent_to_another_site(subscriber_client, three):
    answer = subscriber_client.post(PAGE, {"alert": three[0].pk, "next": "https://evil.example/"})

    assert answer.url == reverse("alerts:list")


@pytest.mark.parametrize(("kept", "says"), [(0, "You have no alert that runs"), (1, "You have one alert")])
def test_with_nothing_to_choose_the_page_says_so(seeker_client, seeker, keep, kept, says):
    for number in range(kept):
        keep(seeker, words=f"word{number}")

    assert says in seeker_client.get(PAGE).content.decode()


def test_the_use_of_a_plan_names_what_runs_and_what_waits_in_one_query(seeker, keep, django_assert_num_queries):
    keep(seeker, words="paused by hand").pause(timezone.now(), by=Alert.PausedBy.PERSON)
    keep(seeker, words="first")
    keep(seeker, words="second")

    with django_assert_num_queries(1):
        use = use_of_plan(seeker)

    assert use == PlanUse(["first"], ["second"], PAGE, reverse("alerts:list"))


def test_the_list_leads_to_the_choice_while_an_alert_waits(seeker_client, seeker, keep):
    keep(seeker, words="first")
    before = PAGE in seeker_client.get(reverse("alerts:list")).content.decode()
    keep(seeker, words="second")

    assert (before, PAGE in seeker_client.get(reverse("alerts:list")).content.decode()) == (False, True)
