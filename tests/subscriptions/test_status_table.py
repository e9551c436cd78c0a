"""What each status of Stripe's means for the plan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from subscriptions.models import Subscription
from subscriptions.stripe_values import Invoice, Price, StripeSubscription
from subscriptions.sync import first_failure, plus_until

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BILL = Invoice(
    id="in_1",
    number="1",
    status="open",
    created_at=NOW - 5 * DAY,
    total=800,
    amount_due=800,
    amount_paid=0,
    amount_remaining=800,
    currency="usd",
    url="https://invoice.stripe.test/1",
    pdf="",
    next_attempt_at=NOW + DAY,
    finalized_at=NOW - 4 * DAY,
)
SAID = StripeSubscription(
    id="sub_1",
    status="active",
    price=Price("price_1", "jobboard_plus", 800, "usd", "month"),
    item_id="si_1",
    started_at=NOW - 35 * DAY,
    period_start=NOW - 10 * DAY,
    period_end=NOW + 20 * DAY,
    cancel_at_period_end=False,
    cancel_at=None,
    canceled_at=None,
    ended_at=None,
    latest_invoice=BILL,
    card=None,
)
HAD_PLUS, HAD_NONE = Subscription(plus_until=NOW + DAY), Subscription(plus_until=None)


def until(status, *, plan="plus", before=None, **facts):
    said = replace(SAID, status=status, **facts)
    past_due_since = first_failure(said, before, NOW) if status == "past_due" else None
    return plus_until(said, plan, before, past_due_since, NOW)


@pytest.mark.parametrize(
    ("status", "before", "expected"),
    [
        ("active", None, NOW + 23 * DAY),
        ("trialing", None, NOW + 23 * DAY),
        ("past_due", HAD_PLUS, NOW + 17 * DAY),
        ("past_due", None, NOW + 17 * DAY),
        ("incomplete", HAD_PLUS, None),
        ("incomplete_expired", HAD_PLUS, None),
        ("canceled", HAD_PLUS, None),
        ("unpaid", HAD_PLUS, None),
        ("paused", HAD_PLUS, None),
        ("some_word_of_next_year", HAD_PLUS, NOW + 23 * DAY),
        ("some_word_of_next_year", HAD_NONE, None),
        ("some_word_of_next_year", None, None),
    ],
)
def test_each_status_gives_plus_until_its_time(status, before, expected):
    assert until(status, before=before) == expected


@pytest.mark.parametrize(("hours", "trusted"), [(71, True), (73, False)])
def test_a_paid_time_that_is_over_is_trusted_for_three_days(hours, trusted):
    ended_at = NOW - timedelta(hours=hours)

    assert (until("active", period_end=ended_at) is not None) is trusted


@pytest.mark.parametrize(("days", "kept"), [(20, True), (22, False)])
def test_a_missing_payment_is_borne_for_three_weeks(days, kept):
    bill = replace(BILL, finalized_at=NOW - days * DAY)

    assert (until("past_due", latest_invoice=bill) is not None) is kept


def test_a_newer_bill_does_not_begin_the_three_weeks_anew():
    before = Subscription(status="past_due", plus_until=NOW + DAY, past_due_since=NOW - 20 * DAY)

    assert until("past_due", before=before) == NOW + DAY


def test_a_product_that_is_not_ours_gives_nothing_by_itself():
    assert until("active", plan="") is None
