"""A subscription gives Plus as a grant does, and the log says why."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from subscriptions.entitlements import end_passed_grants, plan_of, plans_of, reasons_of
from subscriptions.models import CheckoutAttempt, ComplimentaryPlus, Customer, PlanChange, PricingPage, Subscription
from subscriptions.plans import FREE, PLUS
from tests.subscriptions.paying import paying

DAY = timedelta(days=1)


def test_a_subscription_gives_plus_until_its_last_moment(seeker):
    subscription = paying(seeker)
    last = subscription.plus_until

    plans = [plans_of([seeker.pk], at)[seeker.pk] for at in (last - timedelta(seconds=1), last)]

    assert plans == [PLUS, FREE]


def test_either_a_grant_or_a_subscription_is_enough(seeker, stranger, subscriber, django_assert_num_queries):
    paying(seeker)
    paying(subscriber, status="canceled", plus_until=None)
    people = [seeker.pk, stranger.pk, subscriber.pk]

    with django_assert_num_queries(1):
        plans = plans_of(people, timezone.now())

    assert [plans[person].key for person in people] == ["plus", "free", "plus"]


def test_reading_a_plan_with_news_costs_one_query(seeker, django_assert_num_queries):
    paying(seeker)

    with django_assert_num_queries(1):
        assert plan_of(seeker) == PLUS


def test_a_stale_read_asks_for_news_and_not_again_within_minutes(seeker):
    paying(seeker, period_end=timezone.now() - DAY, plus_until=timezone.now() + 2 * DAY)

    plans = [plan_of(seeker)]
    asked = Customer.objects.get().sync_wanted_at
    plans.append(plan_of(seeker))

    assert (plans, Customer.objects.get().sync_wanted_at) == ([PLUS, PLUS], asked)
    assert asked is not None


def test_trust_that_is_used_up_ends_plus_once_and_says_why(seeker):
    now = timezone.now()
    paying(seeker, id="sub_a", period_end=now - 3 * DAY, plus_until=now - timedelta(minutes=1))
    PlanChange.objects.create(
        user=seeker, at=now - 30 * DAY, kind="upgraded", plan_before="free", plan_after="plus",
        actor_kind="stripe", cause="sub_a is active",
    )  # fmt: skip

    counts = [end_passed_grants(now), end_passed_grants(now)]

    last = PlanChange.objects.newest_first().first()
    assert (counts, Subscription.objects.get().plus_until) == ([1, 0], None)
    assert (last.kind, last.actor_kind, last.cause) == (
        "downgraded", "clock", "No news from Stripe for 72 hours after the end",
    )  # fmt: skip


def test_a_grant_and_its_end_are_in_the_log_with_who_did_it(seeker, admin):
    now = timezone.now()

    grant = ComplimentaryPlus.objects.grant(seeker, reason="wrote a guide", by=admin, at=now)
    grant.end(now + DAY, by=admin)

    assert list(PlanChange.objects.order_by("pk").values_list("kind", "actor_kind", "actor", "cause")) == [
        ("upgraded", "staff", admin.pk, "Complimentary Plus: wrote a guide"),
        ("downgraded", "staff", admin.pk, "End of: wrote a guide"),
    ]


def test_a_grant_beside_a_subscription_changes_no_plan(seeker):
    now = timezone.now()
    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=now)
    paying(seeker)

    ComplimentaryPlus.objects.get().end(now + DAY)

    assert (plan_of(seeker), PlanChange.objects.count()) == (PLUS, 1)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_the_log_as_it_was_written(seeker, change):
    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=None, at=timezone.now())
    rows = PlanChange.objects.all()

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        rows.update(cause="nothing") if change == "update" else rows.delete()

    assert PlanChange.objects.get().cause == "Complimentary Plus: gift"


def test_the_log_lets_go_of_a_deleted_account(seeker):
    ComplimentaryPlus.objects.grant(seeker, reason="gift", by=seeker, at=timezone.now())

    seeker.delete()

    change = PlanChange.objects.get()
    assert (change.user, change.actor, change.plan_after) == (None, None, "plus")


def test_whoever_is_a_customer_cannot_be_deleted(seeker):
    Customer.objects.of(seeker)

    with pytest.raises(ProtectedError):
        seeker.delete()


def test_a_person_has_one_open_checkout(seeker):
    now = timezone.now()
    first = CheckoutAttempt.objects.create(user=seeker, interval="month", price_id="price_month", created_at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckoutAttempt.objects.create(user=seeker, interval="year", price_id="price_year", created_at=now)
    first.close("expired", now)
    CheckoutAttempt.objects.create(user=seeker, interval="year", price_id="price_year", created_at=now)

    assert CheckoutAttempt.objects.open().get().interval == "year"


def test_those_who_pay_and_those_who_were_given_plus_are_counted_once(client, seeker, stranger, subscriber):
    PricingPage(subscribers_shown_from=1).save()
    paying(seeker)
    paying(subscriber)
    paying(stranger, status="past_due", plus_until=timezone.now() - DAY)

    assert client.get("/plans/").context["subscribers"] == 2


def test_staff_read_why_somebody_has_plus(seeker, subscriber):
    nothing, given = reasons_of(seeker, timezone.now()), reasons_of(subscriber, timezone.now())
    subscription = paying(seeker, id="sub_why")

    assert (nothing, given) == (["Never had Plus"], ["Complimentary without an end: test cast"])
    assert reasons_of(seeker, timezone.now()) == [
        f"Subscription sub_why is active, gives Plus until {subscription.plus_until:%-d %B %Y, %H:%M} UTC"
    ]


def test_a_date_alone_is_a_cancellation_too(seeker):
    ends_at = timezone.now() + 9 * DAY

    plain, by_flag, by_date = (
        Subscription(status="active", period_end=ends_at),
        Subscription(status="active", period_end=ends_at, cancel_at_period_end=True),
        Subscription(status="active", period_end=ends_at + DAY, cancel_at=ends_at),
    )

    assert [one.ends_at for one in (plain, by_flag, by_date)] == [None, ends_at, ends_at]
