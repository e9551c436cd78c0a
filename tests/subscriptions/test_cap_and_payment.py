"""Fifty people's hands on one account while Stripe says that Plus begins or ends: the cap of the moment holds."""

import pytest
from django.utils import timezone

from accounts.models import User
from alerts.models import Alert
from subscriptions import billing
from subscriptions.entitlements import plan_of
from subscriptions.models import Customer
from subscriptions.plans import FREE, PLUS
from subscriptions.sync import sync_customer
from tests.alerts.test_cap import THREADS, all_at_once, starting, waiting_alerts

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("many-connections"),
    pytest.mark.usefixtures("a_connection_for_each_thread"),
]


def cap_watcher(owner, seen):
    """Looks at how many run, each time in one statement, and what the plan allows at most."""

    def watch():
        for _ in range(40):
            seen.append(owner.alerts.active().count())

    return watch


def test_starting_while_plus_begins_ends_with_every_place_taken(stripe, buy, seeker):
    buy(seeker)
    customer, alerts, seen = Customer.objects.get(user=seeker), waiting_alerts(seeker), []
    Alert.objects.filter(owner=seeker).update(paused_by=Alert.PausedBy.PLAN)
    calls = [starting(alert) for alert in alerts[: THREADS - 2]]
    calls.insert(THREADS // 2, lambda: sync_customer(customer.pk))
    calls.append(cap_watcher(seeker, seen))

    all_at_once(calls)

    slots = list(seeker.alerts.active().order_by("slot").values_list("slot", flat=True))
    assert (plan_of(seeker), slots, max(seen) <= 10) == (PLUS, list(range(1, 11)), True)


def test_starting_while_plus_ends_leaves_one(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    alerts, seen = waiting_alerts(seeker), []
    for alert in alerts[:10]:
        alert.activate(timezone.now())
    stripe.client().v1.subscriptions.cancel(subscription.pk)
    calls = [starting(alert) for alert in alerts[10 : THREADS + 8]]
    calls.insert(THREADS // 2, lambda: sync_customer(subscription.customer_id))
    calls.append(cap_watcher(seeker, seen))

    all_at_once(calls)

    waiting = seeker.alerts.filter(paused_by=Alert.PausedBy.PLAN).count()
    assert (plan_of(seeker), seeker.alerts.active().count(), waiting) == (FREE, 1, 9)
    assert max(seen) <= 10


def test_nine_alerts_wait_when_plus_ends_and_run_again_in_their_order_when_it_returns(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    alerts = waiting_alerts(seeker)[:10]
    for alert in alerts:
        alert.activate(timezone.now())
    began = dict(seeker.alerts.active().values_list("pk", "activated_at"))
    stripe.client().v1.subscriptions.cancel(subscription.pk)
    billing.return_from_portal(seeker, at=timezone.now())
    staying = list(seeker.alerts.active().values_list("pk", flat=True))
    waiting = [alert.pk for alert in Alert.objects.filter(owner=seeker).waiting()]

    attempt = billing.start_checkout(seeker, "month", at=timezone.now())
    stripe.pay(attempt.session_id)
    billing.return_from_checkout(seeker, attempt.pk, at=timezone.now())

    assert staying == [alerts[-1].pk]
    assert waiting == [alert.pk for alert in reversed(alerts[:-1])]
    # Within a day nothing is lost: all go on from where they were.
    assert dict(seeker.alerts.active().values_list("pk", "activated_at")) == began


def test_many_tabs_at_once_get_one_page_and_whoever_pays_pays_once(stripe, seeker):
    def open_tab():
        return billing.start_checkout(User.objects.get(pk=seeker.pk), "month", at=timezone.now()).url

    urls = all_at_once([open_tab] * 8)

    state = stripe.state()
    assert len(set(urls)) == 1
    assert (len(state["customer"]), len(state["checkout.session"])) == (1, 1)


def test_a_double_click_on_another_interval_is_one_charge_and_no_trouble(stripe, subscribe, seeker):
    subscription, at = subscribe(seeker), timezone.now()
    priced_at = billing.preview_switch(seeker, "year", at=at).at
    stripe.fault("hang", method="POST", path=f"/v1/subscriptions/{subscription.pk}", times=1, seconds=1)

    def click():
        return billing.switch(User.objects.get(pk=seeker.pk), "year", at=at, priced_at=priced_at).interval

    assert all_at_once([click, click]) == ["year", "year"]
    assert len(stripe.state()["invoice"]) == 2


def test_tabs_for_both_intervals_at_once_leave_one_page_on_which_one_can_pay(stripe, seeker):
    def opening(interval):
        def open_tab():
            try:
                attempt = billing.start_checkout(User.objects.get(pk=seeker.pk), interval, at=timezone.now())
            except billing.BillingError:
                return True
            return attempt.interval == interval

        return open_tab

    got_what_was_asked_for = all_at_once([opening("month"), opening("year")] * 2)

    assert all(got_what_was_asked_for)
    statuses = [session["status"] for session in stripe.state()["checkout.session"].values()]
    assert statuses.count("open") <= 1
