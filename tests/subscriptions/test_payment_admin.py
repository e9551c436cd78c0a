"""What staff see of payments, and what they can do about them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Customer, PlanChange, StaffTask, StripeEvent
from tests.subscriptions.paying import paying

DAY = timedelta(days=1)
LISTS = ["customer", "subscription", "planchange", "stripeevent", "stafftask"]


@pytest.fixture
def customer(seeker) -> Customer:
    paying(seeker, id="sub_shown")
    return Customer.objects.get()


def address(name, *args) -> str:
    return reverse(f"admin:subscriptions_{name}", args=args)


def page_of(client, customer) -> str:
    return client.get(address("customer_change", customer.pk)).content.decode()


def make_rows(count):
    at = timezone.now()
    for number in range(User.objects.count(), User.objects.count() + count):
        person = User.objects.create_user(f"payer{number}@example.com")
        customer = paying(person).customer
        PlanChange.objects.create(
            user=person, at=at, kind="upgraded", plan_before="free", plan_after="plus", actor_kind="staff",
            actor=person, cause="test",
        )  # fmt: skip
        StripeEvent.objects.create(id=f"evt_{number}", type="invoice.paid", created_at=at, object_id="in_1")
        StaffTask.objects.raise_once("orphan", f"sub_x{number}", words="Whose?", at=at, customer=customer)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_3_and_30_rows(admin_client, name):
    counts = []
    for count in (3, 27):
        make_rows(count)
        admin_client.get(address(f"{name}_changelist"))
        with CaptureQueriesContext(connection) as queries:
            page = admin_client.get(address(f"{name}_changelist"))
        counts.append((page.status_code, len(queries)))

    assert counts[0] == counts[1]


def test_a_customers_page_says_which_plan_and_why_and_all_that_happened(admin_client, admin, customer):
    at = timezone.now()
    PlanChange.objects.create(
        user=customer.user, at=at, kind="held", plan_before="plus", plan_after="plus", actor_kind="staff", actor=admin,
        cause="Looks like card testing",
    )  # fmt: skip
    StripeEvent.objects.create(id="evt_1", type="invoice.paid", created_at=at, object_id="in_9",
                               customer_stripe_id=customer.stripe_id)  # fmt: skip
    StaffTask.objects.raise_once("refund", "re_1", words="Does it go on?", at=at, customer=customer)

    page = page_of(admin_client, customer)

    assert "Plus. Subscription sub_shown is active, gives Plus until" in page
    for shown in ("Looks like card testing", "invoice.paid", "Does it go on?", str(admin), "$8 a month"):
        assert shown in page


def test_a_persons_page_says_the_plan_and_leads_to_the_payments(admin_client, customer):
    page = admin_client.get(reverse("admin:accounts_user_change", args=[customer.user_id])).content.decode()

    assert "Plus. Subscription sub_shown is active" in page
    assert address("customer_change", customer.pk) in page


def test_staff_hold_and_release_and_the_log_says_who_and_why(admin_client, admin, customer):
    admin_client.post(address("customer_hold", customer.pk), {"reason": "Card testing"})
    customer.refresh_from_db()
    was_held = customer.is_held
    admin_client.post(address("customer_release", customer.pk))

    customer.refresh_from_db()
    assert (was_held, customer.is_held) == (True, False)
    assert list(PlanChange.objects.order_by("pk").values_list("kind", "actor", "cause")) == [
        ("held", admin.pk, "Card testing"),
        ("released", admin.pk, "Was held: Card testing"),
    ]


def test_a_hold_needs_a_reason(admin_client, customer):
    admin_client.post(address("customer_hold", customer.pk), {"reason": " "})

    customer.refresh_from_db()
    assert not customer.is_held


def test_a_refund_asks_first_and_a_look_at_the_question_changes_nothing(admin_client, customer):
    page = admin_client.get(address("customer_refund", customer.pk)).content.decode()

    assert "is given back in full, and the subscription ends <strong>now</strong>" in page
    assert not PlanChange.objects.exists()


def test_a_second_refund_is_told_in_words_for_staff(admin_client, customer):
    customer.subscriptions.update(status="canceled", ended_at=timezone.now())

    answer = admin_client.post(address("customer_refund", customer.pk), {"reason": "Twice"}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "There is nothing to give back: this customer has no subscription that runs."
    ]


@pytest.mark.parametrize("button", ["sync", "hold", "release", "refund"])
@pytest.mark.parametrize("role", ["editor", "moderator", "consultant"])
def test_only_admins_act_on_payments(request, role, button, customer):
    client = request.getfixturevalue(f"{role}_client")

    assert client.post(address(f"customer_{button}", customer.pk), {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("button", ["sync", "hold", "release"])
def test_nothing_is_done_by_looking(admin_client, customer, button):
    assert admin_client.get(address(f"customer_{button}", customer.pk)).status_code == 405


def test_what_stripe_says_is_not_edited_by_hand(admin_client, customer):
    pages = [address("customer_change", customer.pk), address("subscription_change", "sub_shown")]

    assert [admin_client.post(page, {"status": "active"}).status_code for page in pages] == [403, 403]


def found(client, name, query) -> set[str]:
    return {str(row.pk) for row in client.get(address(f"{name}_changelist") + query).context["cl"].queryset}


def test_the_lists_find_what_is_past_due_stale_held_and_unknown(admin_client, seeker, stranger, subscriber, moderator):
    now = timezone.now()
    paying(seeker, id="sub_due", status="past_due")
    paying(stranger, id="sub_stale", period_end=now - DAY)
    paying(subscriber, id="sub_unknown", plan="", product_id="prod_x")
    held = paying(moderator, id="sub_fine").customer
    held.hold(now, reason="test")

    lists = {state: found(admin_client, "subscription", f"?state={state}")
             for state in ("past-due", "stale", "unknown-product")}  # fmt: skip

    assert lists == {"past-due": {"sub_due"}, "stale": {"sub_stale"}, "unknown-product": {"sub_unknown"}}
    people = {state: found(admin_client, "customer", f"?state={state}") for state in ("past-due", "stale", "held")}
    assert people == {
        "past-due": {str(seeker.billing.pk)},
        "stale": {str(stranger.billing.pk)},
        "held": {str(held.pk)},
    }


def test_an_event_that_was_given_up_can_be_looked_at_again(admin_client):
    StripeEvent.objects.create(id="evt_1", type="invoice.paid", created_at=timezone.now(), attempts=8, failure="away")
    StripeEvent.objects.create(id="evt_2", type="invoice.paid", created_at=timezone.now())
    listed = found(admin_client, "stripeevent", "?state=failed")

    admin_client.post(address("stripeevent_changelist"), {"action": "try_again", "_selected_action": ["evt_1"]})

    assert (listed, StripeEvent.objects.due().count()) == ({"evt_1"}, 2)


def test_a_task_is_closed_with_a_note_and_by_whom(admin_client, admin, customer):
    task = StaffTask.objects.raise_once("dispute", "dp_1", words="Answer it.", at=timezone.now(), customer=customer)
    before = found(admin_client, "stafftask", "?state=open")

    admin_client.post(address("stafftask_close", task.pk), {"note": "Answered."})

    task.refresh_from_db()
    assert (before, found(admin_client, "stafftask", "?state=open")) == ({str(task.pk)}, set())
    assert (task.closed_by, task.note) == (admin, "Answered.")


def test_the_front_page_says_what_waits(admin_client, customer, stranger):
    now = timezone.now()
    paying(stranger, status="past_due")
    StaffTask.objects.raise_once("dispute", "dp_1", words="Answer it.", at=now, customer=customer)
    StripeEvent.objects.create(id="evt_1", type="invoice.paid", created_at=now, attempts=8, failure="away")

    waiting = admin_client.get("/admin/").context["waiting"]

    assert [(row["count"], row["words"]) for row in waiting] == [
        (1, "question about a payment"),
        (1, "event of Stripe’s couldn’t be acted on"),
        (1, "payment is missing"),
    ]
    assert all(admin_client.get(row["url"]).context["cl"].result_count == 1 for row in waiting)


# --- The charts of the front page -------------------------------------------------------------------------------------


def chart(client, name):
    page = client.get("/admin/").context
    return next(one for one in [*page["charts"], *page["empty_charts"]] if one.name == name)


def payers(now):
    people = [User.objects.create_user(f"p{number}@example.com") for number in range(5)]
    monthly, yearly, left, left_early, unfinished = people
    paying(monthly, started_at=now - 40 * DAY)
    paying(yearly, started_at=now - 2 * DAY, interval="year", amount=8000)
    paying(left, started_at=now - 40 * DAY, status="canceled", ended_at=now - DAY)
    paying(left_early, started_at=now - 90 * DAY, status="canceled", ended_at=now - 60 * DAY)
    paying(unfinished, started_at=now - DAY, status="incomplete_expired")


def test_the_charts_say_who_pays_what_it_brings_and_who_left(admin_client, subscriber):
    now = timezone.now()
    payers(now)

    people, revenue, churn = (chart(admin_client, name) for name in ("subscribers", "revenue", "churn"))

    last_days = [(now - day * DAY).date() for day in (3, 2, 1, 0)]
    assert [people.value(people.series[0], day) for day in last_days] == [2, 3, 2, 2]
    assert (people.figure, people.about) == (3, "now, 2 of them paying")
    assert [revenue.value(revenue.series[0], day) for day in last_days] == [16, 23, 15, 15]
    assert (revenue.unit, revenue.figure) == ("$", 15)
    assert (churn.figure, churn.about) == (1, "in 30 days, 50% of the 2 that ran before")


def test_revenue_is_for_those_who_may_see_subscriptions(consultant_client):
    payers(timezone.now())

    page = consultant_client.get("/admin/").context

    assert {"revenue", "churn"} & {one.name for one in [*page["charts"], *page["empty_charts"]]} == set()
