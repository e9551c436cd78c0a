from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import User
from subscriptions.entitlements import plan_of
from subscriptions.models import ComplimentaryPlus, PricingPage
from subscriptions.plans import FREE, PLUS

PLANS = "/plans/"
BECOME_PLUS = "/plans/development/plus/"
BECOME_FREE = "/plans/development/free/"


def text(response):
    return " ".join(response.content.decode().split())


def test_a_visitor_reads_both_plans_and_prices(client, db):
    page = text(client.get(PLANS))

    assert "$0 <small>a month</small>" in page
    assert "$8 <small>a month</small>" in page
    assert "Openings+ can’t be bought on this site yet." in page
    assert "1 active job alert" in page
    assert "Up to 10 active job alerts" in page


@pytest.mark.parametrize(
    ("paid", "price"),
    [
        ("yearly", "$80 <small>a year</small>"),
        ("monthly", "$8 <small>a month</small>"),
        ("\0x", "$8 <small>a month</small>"),
    ],
)
def test_the_switch_between_months_and_years_is_a_link(client, db, paid, price):
    assert price in text(client.get(PLANS, {"paid": paid}))


def test_the_plan_one_is_on_is_marked(seeker_client, subscriber_client):
    free, plus = seeker_client.get(PLANS), subscriber_client.get(PLANS)

    assert (free.context["plan"], plus.context["plan"]) == (FREE, PLUS)
    assert [text(page).count("Your plan") for page in (free, plus)] == [1, 1]


def subscribers(count):
    now = timezone.now()
    users = User.objects.bulk_create(User(email=f"s{number}@example.com") for number in range(count))
    ComplimentaryPlus.objects.bulk_create(ComplimentaryPlus(user=user, reason="test", started_at=now) for user in users)
    return users


@pytest.mark.parametrize(("count", "says"), [(24, False), (25, True)])
def test_the_number_of_subscribers_is_said_from_the_threshold_on(client, db, count, says):
    subscribers(count)

    assert (f"{count} people have Openings+ today." in text(client.get(PLANS))) == says


def test_staff_choose_the_threshold(client, db):
    PricingPage(subscribers_shown_from=1).save()
    subscribers(1)

    assert "1 person has Openings+ today." in text(client.get(PLANS))


def test_only_people_with_plus_now_are_counted_and_each_once(client, db):
    PricingPage(subscribers_shown_from=1).save()
    _once, twice, ended, closed = subscribers(4)
    now = timezone.now()
    ComplimentaryPlus.objects.create(user=twice, reason="again", started_at=now)
    ComplimentaryPlus.objects.filter(user=ended).update(started_at=now - timedelta(days=1), ended_at=now)
    User.objects.filter(pk=closed.pk).update(is_active=False)

    assert client.get(PLANS).context["subscribers"] == 2


def test_nobody_is_not_a_number_to_show(client, db):
    PricingPage(subscribers_shown_from=0).save()

    assert client.get(PLANS).context["subscribers"] is None


def test_there_is_one_row_of_settings(db):
    PricingPage(subscribers_shown_from=1).save()
    PricingPage(subscribers_shown_from=7).save()

    with pytest.raises(IntegrityError):
        PricingPage.objects.bulk_create([PricingPage(pk=2)])


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_costs_the_same_for_few_and_many_subscribers(client, db, count, django_assert_num_queries):
    subscribers(count)

    with django_assert_num_queries(1):
        client.get(PLANS)


def test_in_development_one_switches_to_plus_and_back(seeker_client, seeker, settings):
    settings.DEVELOPMENT = True
    seeker_client.post(BECOME_PLUS)
    seeker_client.post(BECOME_PLUS)
    with_plus, grants = plan_of(seeker), ComplimentaryPlus.objects.count()

    answer = seeker_client.post(BECOME_FREE)

    assert (with_plus, grants, plan_of(seeker), answer["Location"]) == (PLUS, 1, FREE, PLANS)


@pytest.mark.parametrize("address", [BECOME_PLUS, BECOME_FREE])
def test_the_switch_is_not_there_on_a_real_site(seeker_client, address):
    assert seeker_client.post(address).status_code == 404


@pytest.mark.parametrize("address", [BECOME_PLUS, BECOME_FREE])
def test_the_switch_needs_a_post_and_a_login(seeker_client, client, settings, address):
    settings.DEVELOPMENT = True

    assert (seeker_client.get(address).status_code, client.post(address).status_code) == (405, 302)


def test_the_words_two_months_free_are_true():
    assert PLUS.yearly_cost_by_month - PLUS.yearly_price == 2 * PLUS.monthly_price
