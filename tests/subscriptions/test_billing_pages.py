"""A person's pages about paying, from the rows that a look at Stripe leaves; nobody asks Stripe here."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils.html import strip_tags

from accounts.models import User
from alerts.models import Alert
from subscriptions.mirror import KNOWN
from subscriptions.models import CheckoutAttempt, ComplimentaryPlus, Customer, PlanChange, Subscription
from tests.alerts.conftest import search_for
from tests.subscriptions.paying import paying

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOME = "/account/billing/"
ON_FREE = "You are on Free: searching and applying without limits, and 1 active alert."


@pytest.fixture(autouse=True)
def sold(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


def main_of(response) -> str:
    html = response.content.decode()
    main = html[html.index('<div class="stack">') : html.index("</main>")]
    return " ".join(strip_tags(main.replace("</li>", " ")).split())


def sentences(response) -> list[str]:
    words = response.context["words"]
    return [*words.urgent, *words.plan, *words.charge]


def on(days: int) -> datetime:
    return NOW + days * DAY


def gift(user, until=None):
    ComplimentaryPlus.objects.create(user=user, reason="gift", started_at=NOW - 9 * DAY, until=until)


def with_credit(subscription):
    Customer.objects.filter(pk=subscription.customer_id).update(balance=-7200)


def held_customer(user):
    Customer.objects.of(user).hold(NOW, reason="Disputed payment dp_1")


UNPAID = {"latest_invoice_status": "open", "pay_url": "https://invoice.stripe.com/i/1", "pay_amount": 800,
          "next_charge_at": None, "next_amount": None}  # fmt: skip
NO_CHARGE = {"next_charge_at": None, "next_amount": None}
PAST_DUE = UNPAID | {"status": "past_due", "past_due_since": on(0), "plus_until": on(21), "next_attempt_at": on(3)}
GONE = NO_CHARGE | {"plus_until": None}
KEPT_CREDIT = "Your credit of $72 stays with your account and pays for Openings+ if you come back."

# Each state of the table of statuses, and what the page says: the rows, its title, all its sentences, what one can do.
STATES = {
    "nothing ever": (
        lambda user: None,
        "Free", [ON_FREE, "Nothing is charged."], {"subscribe"},
    ),
    "given without an end": (
        gift,
        "Openings+, complimentary", ["You have Openings+ without paying for it.", "Nothing is charged."], set(),
    ),
    "given until a day": (
        lambda user: gift(user, on(30)),
        "Openings+, complimentary",
        ["You have Openings+ without paying for it, until 27 December 2026.", "Nothing is charged."], set(),
    ),
    "active": (
        lambda user: paying(user),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "$8 will be charged on 26 December 2026, from your Visa ending in 4242."],
        {"cancel", "switch", "card"},
    ),
    "active, by the year, with a discount": (
        lambda user: paying(user, interval="year", amount=8000, next_amount=6000),
        "Openings+, $80 a year",
        ["It renews each year until you cancel, next on 26 December 2026.",
         "$60 will be charged on 26 December 2026, from your Visa ending in 4242.",
         "The price is $80 a year; discounts, credit and taxes are reckoned in."],
        {"cancel", "switch", "card"},
    ),
    "active, covered by credit": (
        lambda user: paying(user, next_amount=0),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "Nothing is charged on 26 December 2026: a discount or your credit covers it."],
        {"cancel", "switch", "card"},
    ),
    "active, covered by a credit that is known": (
        lambda user: with_credit(paying(user, next_amount=0)),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "Nothing is charged on 26 December 2026: your credit of $72 covers it."],
        {"cancel", "switch", "card"},
    ),
    "active, next charge unknown": (
        lambda user: paying(user, **NO_CHARGE),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "The price is $8 a month; the next charge isn’t known yet."],
        {"cancel", "switch", "card"},
    ),
    "active, the card runs out before": (
        lambda user: Customer.objects.filter(pk=paying(user).customer_id).update(card_exp_month=11, card_exp_year=2026),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "$8 will be charged on 26 December 2026, from your Visa ending in 4242.",
         "That card runs out in 11/2026, before the charge. Change it to keep Openings+."],
        {"cancel", "switch", "card"},
    ),
    "active, no card": (
        lambda user: Customer.objects.filter(pk=paying(user).customer_id).update(card_last4="", card_brand=""),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "$8 will be charged on 26 December 2026.", "No card is on file for it: add one before that day."],
        {"cancel", "switch", "card"},
    ),
    "active, and given too": (
        lambda user: (gift(user), paying(user)),
        "Openings+, $8 a month",
        ["It renews each month until you cancel, next on 26 December 2026.",
         "$8 will be charged on 26 December 2026, from your Visa ending in 4242."],
        {"cancel", "switch", "card"},
    ),
    "trialing": (
        lambda user: paying(user, status="trialing"),
        "Openings+, $8 a month",
        ["You are trying Openings+ until 26 December 2026. Then it is paid by the month.",
         "$8 will be charged on 26 December 2026, from your Visa ending in 4242."],
        {"cancel", "switch", "card"},
    ),
    "active, no news since the end": (
        lambda user: paying(user, period_end=on(-1), plus_until=on(2)),
        "Openings+, $8 a month",
        ["What you paid for ended on 26 November 2026, and word of the next payment hasn’t reached us. "
         "You keep Openings+ until 29 November 2026 while we wait for it.",
         "What was charged stands on Stripe’s own page."],
        {"cancel", "card", "stripe"},
    ),
    "active, trust used up": (
        lambda user: paying(user, period_end=on(-4), plus_until=None),
        "Openings+, $8 a month",
        ["What you paid for ended on 23 November 2026, and word of the next payment hasn’t reached us. "
         "Openings+ is off until it does.",
         "What was charged stands on Stripe’s own page."],
        {"cancel", "card", "stripe"},
    ),
    "cancelling": (
        lambda user: paying(user, cancel_at_period_end=True, **NO_CHARGE),
        "Openings+, $8 a month",
        ["You have cancelled: Openings+ ends on 26 December 2026 and doesn’t renew.",
         "Nothing more is charged. Until that day you can resume, and it goes on as before."],
        {"resume", "card"},
    ),
    "cancelling, with a credit": (
        lambda user: with_credit(paying(user, cancel_at_period_end=True, **NO_CHARGE)),
        "Openings+, $8 a month",
        ["You have cancelled: Openings+ ends on 26 December 2026 and doesn’t renew.",
         "Nothing more is charged. Until that day you can resume, and it goes on as before.", KEPT_CREDIT],
        {"resume", "card"},
    ),
    "cancelling by a date alone": (
        lambda user: paying(user, cancel_at=on(29), **NO_CHARGE),
        "Openings+, $8 a month",
        ["You have cancelled: Openings+ ends on 26 December 2026 and doesn’t renew.",
         "Nothing more is charged. Until that day you can resume, and it goes on as before."],
        {"resume", "card"},
    ),
    "ending on a day after the next renewal": (
        lambda user: paying(user, cancel_at=on(75), **NO_CHARGE),
        "Openings+, $8 a month",
        ["You have cancelled: Openings+ ends on 10 February 2027 and doesn’t renew.",
         "It is paid by the month until then, next on 26 December 2026."],
        {"resume", "card"},
    ),
    "cancelling, given beyond": (
        lambda user: (gift(user), paying(user, cancel_at_period_end=True, **NO_CHARGE)),
        "Openings+, $8 a month",
        ["You have cancelled: Openings+ ends on 26 December 2026 and doesn’t renew. "
         "You have Openings+ without paying for it after that.",
         "Nothing more is charged. Until that day you can resume, and it goes on as before."],
        {"resume", "card"},
    ),
    "past due": (
        lambda user: paying(user, **PAST_DUE),
        "Openings+, $8 a month",
        ["Your payment of $8 for Openings+ failed. Without a payment it ends on 18 December 2026 at the latest.",
         "You keep Openings+ for now.",
         "The payment is tried again from your Visa ending in 4242 on 30 November 2026, unless you pay before."],
        {"pay", "card", "cancel"},
    ),
    "past due, not tried again": (
        lambda user: paying(user, **PAST_DUE | {"next_attempt_at": None}),
        "Openings+, $8 a month",
        ["Your payment of $8 for Openings+ failed. Without a payment it ends on 18 December 2026 at the latest.",
         "You keep Openings+ for now.",
         "Pay now to keep it."],
        {"pay", "card", "cancel"},
    ),
    "past due and cancelled": (
        lambda user: paying(user, cancel_at_period_end=True, **PAST_DUE),
        "Openings+, $8 a month",
        ["Your payment of $8 for Openings+ failed. Without a payment it ends on 18 December 2026 at the latest.",
         "You keep Openings+ for now.",
         "You have cancelled, so it doesn’t renew on 26 December 2026.",
         "The payment is tried again from your Visa ending in 4242 on 30 November 2026, unless you pay before."],
        {"pay", "card", "resume"},
    ),
    "past due beyond the backstop": (
        lambda user: paying(user, **PAST_DUE | {"plus_until": None, "next_attempt_at": None}),
        "Openings+, $8 a month",
        ["Your payment of $8 for Openings+ failed.",
         "Openings+ is off because the payment is missing. With the payment it comes back."],
        {"pay", "card", "cancel"},
    ),
    "past due beyond the backstop, but given": (
        lambda user: (gift(user), paying(user, **PAST_DUE | {"plus_until": None})),
        "Openings+, complimentary",
        ["You have Openings+ without paying for it.", "$8 of your subscription hasn’t been paid."],
        {"pay", "cancel"},
    ),
    "incomplete": (
        lambda user: paying(user, **GONE | UNPAID | {"status": "incomplete"}),
        "Free",
        ["Your payment of $8 isn’t finished, so Openings+ hasn’t begun.",
         "Nothing has been charged. Finish the payment, or begin again: the unfinished one is dropped then."],
        {"pay", "subscribe"},
    ),
    "incomplete_expired": (
        lambda user: paying(user, status="incomplete_expired", **GONE),
        "Free",
        ["Your payment wasn’t finished in time, so Openings+ didn’t begin.", ON_FREE, "Nothing is charged."],
        {"subscribe"},
    ),
    "canceled": (
        lambda user: paying(user, status="canceled", ended_at=on(-2), **GONE),
        "Free", ["Openings+ ended on 25 November 2026.", ON_FREE, "Nothing is charged."], {"subscribe"},
    ),
    "canceled, with a credit": (
        lambda user: with_credit(paying(user, status="canceled", ended_at=on(-2), **GONE)),
        "Free", ["Openings+ ended on 25 November 2026.", ON_FREE, "Nothing is charged.", KEPT_CREDIT], {"subscribe"},
    ),
    "unpaid": (
        lambda user: paying(user, status="unpaid", **GONE),
        "Free", ["Openings+ has ended because a payment failed.", ON_FREE, "Nothing is charged."], {"subscribe"},
    ),
    "paused": (
        lambda user: paying(user, status="paused", **GONE),
        "Free",
        ["Openings+ has stopped because there is no card to pay with.", ON_FREE, "Nothing is charged."], {"subscribe"},
    ),
    "canceled, but given": (
        lambda user: (gift(user), paying(user, status="canceled", ended_at=on(-2), **GONE)),
        "Openings+, complimentary", ["You have Openings+ without paying for it.", "Nothing is charged."], set(),
    ),
    "an unknown status": (
        lambda user: paying(user, status="hibernating"),
        "Openings+",
        ["Your subscription is in a state that we don’t know yet. You keep Openings+, and our staff have been told.",
         "What is charged next stands on Stripe’s own page."],
        {"stripe", "write"},
    ),
    "an unknown product": (
        lambda user: paying(user, plan="", product_id="prod_other", plus_until=None),
        "Free",
        ["Your subscription is in a state that we don’t know yet. You keep Free, and our staff have been told.",
         "What is charged next stands on Stripe’s own page."],
        {"stripe", "write"},
    ),
    "on hold": (
        lambda user: held_customer(user),
        "Free",
        [ON_FREE, "Openings+ can’t be bought with this account until our staff have looked at it.",
         "Nothing is charged."],
        {"write"},
    ),
    "on hold after a dispute": (
        lambda user: (paying(user, status="canceled", ended_at=on(-2), **GONE), held_customer(user)),
        "Free",
        ["Openings+ ended on 25 November 2026.", ON_FREE,
         "Openings+ can’t be bought with this account until our staff have looked at it.", "Nothing is charged."],
        {"write"},
    ),
    "two at once": (
        lambda user: (paying(user, started_at=on(-1)), paying(user, started_at=on(-9), interval="year", amount=8000)),
        "Openings+, $8 a month",
        ["A second subscription of yours runs beside this one, for $80 a year. Our staff have been told; write to us.",
         "It renews each month until you cancel, next on 26 December 2026.",
         "$8 will be charged on 26 December 2026, from your Visa ending in 4242."],
        {"cancel", "switch", "card"},
    ),
}  # fmt: skip
LABELS = {
    "subscribe": "See the plans", "cancel": "Cancel Openings+", "resume": "Resume Openings+", "card": "Change card",
    "pay": "Pay now", "stripe": "See it at Stripe", "write": "Write to us", "switch": "instead",
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_in_each_state_every_sentence_about_money_is_the_true_one(state, seeker, seeker_client):
    make, title, says, offers = STATES[state]
    make(seeker)

    page = seeker_client.get(HOME)

    text = main_of(page)
    assert (page.context["words"].title, sentences(page), set(page.context["words"].offers)) == (title, says, offers)
    assert [sentence for sentence in [title, *says] if sentence not in text] == []
    assert {name for name, label in LABELS.items() if label in text} == offers
    assert money_in(text) <= money_in(" ".join([title, *says])) | ({"$80", "$8"} if "switch" in offers else set())


def money_in(text: str) -> set[str]:
    return set(re.findall(r"\$[\d.]+", text))


def test_no_status_that_we_know_is_left_out(seeker):
    found = set()
    for make, *_ in STATES.values():
        with transaction.atomic():
            make(seeker)
            found |= set(Subscription.objects.values_list("status", flat=True))
            transaction.set_rollback(True)

    assert found == {*KNOWN, "hibernating"}


# --- Alerts on the page -----------------------------------------------------------------------------------------------


def keep_alerts(owner, count):
    for number in range(count):
        wishes = {"rhythm": "daily", "hour": 8, "weekday": 0, "at": NOW - timedelta(hours=count - number)}
        Alert.objects.keep(owner, search=search_for(f"word{number}"), name=f"Alert {number}", **wishes)


def test_the_page_counts_alerts_and_names_what_pauses_at_the_end(seeker, seeker_client):
    paying(seeker, cancel_at_period_end=True, **NO_CHARGE)
    keep_alerts(seeker, 3)

    text = main_of(seeker_client.get(HOME))

    assert "3 of 10 alerts running." in text
    assert "Alert 2 goes on. 2 are paused, not deleted: Alert 1 Alert 0 Choose another one to go on" in text


def test_a_subscription_that_renews_announces_no_pause(seeker, seeker_client):
    paying(seeker)
    keep_alerts(seeker, 3)

    assert "goes on" not in main_of(seeker_client.get(HOME))


def test_back_on_free_the_page_names_what_waits(seeker, seeker_client):
    keep_alerts(seeker, 3)

    text = main_of(seeker_client.get(HOME))

    assert "1 of 1 alert running; 2 are paused until there is a place, none is deleted." in text
    assert "Paused, not deleted Alert 2 Alert 1 Choose which alert runs" in text


def test_before_cancelling_the_page_says_until_when_plus_stays_and_what_pauses(seeker, seeker_client):
    paying(seeker)
    keep_alerts(seeker, 2)

    text = main_of(seeker_client.get("/account/billing/cancellation/"))

    assert "You keep Openings+ until 26 December 2026. After that nothing more is charged." in text
    assert "Alert 1 goes on. 1 alert pauses, and nothing is deleted: Alert 0." in text


def test_before_cancelling_the_page_says_what_becomes_of_a_credit(seeker, seeker_client):
    with_credit(paying(seeker))

    text = main_of(seeker_client.get("/account/billing/cancellation/"))

    assert (
        "Your credit of $72 isn’t paid out: it stays with your account and pays for Openings+ if you come back." in text
    )


@pytest.mark.parametrize("count", [0, 9])
def test_the_page_costs_the_same_for_few_and_many_alerts(seeker, seeker_client, count, django_assert_num_queries):
    paying(seeker)
    keep_alerts(seeker, count)

    # session, person, customer, subscriptions, complimentary, plan, a late payment, alerts
    with django_assert_num_queries(8):
        seeker_client.get(HOME)


def made_up_for(subscription, at) -> None:
    PlanChange.objects.create(
        user=subscription.customer.user, at=at, kind="recovered", plan_before="plus", plan_after="plus",
        actor_kind="stripe", cause="in_1 is settled", subscription_ref=subscription.pk,
    )  # fmt: skip


@pytest.mark.parametrize(("days", "said"), [(0, True), (-2, False)])
def test_whoever_paid_late_is_told_once_which_card_renewals_use_and_how_to_change_it(seeker, seeker_client, days, said):
    made_up_for(paying(seeker), on(days))  # the present period began yesterday

    page = seeker_client.get(HOME)

    words = (
        "from your Visa ending in 4242. The last payment failed at first. If you then paid with another card than "
        "this one, renewals still come from this one. Change card"
    )
    assert (words in main_of(page), page.content.decode().count("Change card")) == (said, 1)


# --- The banner -------------------------------------------------------------------------------------------------------


def owes(user, **fields):
    subscription = paying(user, **PAST_DUE | fields)
    User.objects.filter(pk=user.pk).update(payment_due=True)
    return subscription


def test_a_failed_payment_is_said_above_every_page_with_a_date_and_a_way_to_pay(seeker, seeker_client):
    owes(seeker)

    page = " ".join(strip_tags(seeker_client.get("/plans/").content.decode()).split())

    assert (
        "Your payment of $8 for Openings+ failed. Without a payment Openings+ ends on 18 December 2026 at the latest."
        in page
    )
    assert 'href="/account/billing/payment/"' in seeker_client.get("/plans/").content.decode()


def test_the_banner_costs_nobody_else_a_query(seeker, seeker_client, django_assert_num_queries):
    with django_assert_num_queries(2):  # session and person
        seeker_client.get("/account/")


def test_what_was_paid_meanwhile_is_not_asked_for(seeker, seeker_client):
    owes(seeker, status="active", pay_url="", pay_amount=None)

    assert b"failed" not in seeker_client.get("/plans/").content


# --- Doors ------------------------------------------------------------------------------------------------------------


def test_where_plus_is_not_sold_there_is_no_such_page(seeker_client, settings):
    settings.STRIPE_SECRET_KEY = ""

    assert seeker_client.get(HOME).status_code == 404


def test_an_address_that_is_not_confirmed_is_confirmed_first(seeker, seeker_client):
    answer = seeker_client.post("/account/billing/checkout/", {"interval": "month"})

    assert (answer.url, CheckoutAttempt.objects.count()) == ("/accounts/email/", 0)


def attempt_of(user) -> CheckoutAttempt:
    return CheckoutAttempt.objects.create(user=user, interval="year", price_id="price_year", created_at=NOW)


@pytest.mark.parametrize("page", ["return", "cancelled"])
def test_nobody_comes_back_from_a_checkout_of_somebody_else(seeker, stranger_client, page):
    assert stranger_client.get(f"/account/billing/checkout/{attempt_of(seeker).pk}/{page}/").status_code == 404


def test_whoever_leaves_the_payment_page_is_told_that_nothing_was_charged(seeker, seeker_client):
    page = seeker_client.get(f"/account/billing/checkout/{attempt_of(seeker).pk}/cancelled/").content.decode()

    assert "Nothing was charged" in page
    assert "Pay $80 a year after all" in page


@pytest.mark.parametrize("page", ["cancellation/", "interval/?to=year", "payment/"])
def test_what_is_not_offered_leads_back_with_a_sentence(seeker_client, page):
    answer = seeker_client.get(HOME + page, follow=True)

    assert answer.redirect_chain == [(HOME, 302)]
    assert "There is nothing to" in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?to=", "?to=week", "?to=%00", "?to=Year"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_interval_that_there_is_not_leads_back_with_a_sentence(seeker_client, method, query):
    answer = getattr(seeker_client, method)(HOME + "interval/" + query, follow=True)

    assert answer.redirect_chain == [(HOME, 302)]
    assert "is paid by the month or by the year. Choose one of the two." in answer.content.decode()


def test_forms_may_lead_to_stripe_from_these_pages_and_the_plans_only(seeker_client):
    stripe = "form-action 'self' https://checkout.stripe.com https://billing.stripe.com"

    allowed = {page: stripe in seeker_client.get(page)["Content-Security-Policy"] for page in (HOME, "/plans/", "/")}

    assert allowed == {HOME: True, "/plans/": True, "/": False}
