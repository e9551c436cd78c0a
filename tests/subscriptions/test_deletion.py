"""Deleting an account of somebody who pays ends it at Stripe first, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from copy import copy

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.utils import timezone

from accounts.deletion import CannotDeleteNow, delete_account
from accounts.models import TransactionalMail, User
from subscriptions import billing
from subscriptions.models import CheckoutAttempt, Customer, PlanChange, StaffTask, Subscription
from subscriptions.sync import locked
from tests.conftest import PASSWORD, waiting_for_a_lock
from tests.workers import wait_until


def at_stripe(stripe) -> list[str]:
    return [one["status"] for one in stripe.state()["subscription"].values()]


def test_a_deleted_account_is_charged_no_more(stripe, subscribe, seeker):
    subscribe(seeker)

    delete_account(seeker)

    assert (at_stripe(stripe), User.objects.count(), Customer.objects.count()) == (["canceled"], 0, 0)
    change = PlanChange.objects.newest_first().first()
    assert (change.kind, change.cause, change.user) == ("downgraded", "The account is deleted", None)


def test_a_page_for_paying_that_is_still_open_is_closed_too(stripe, seeker):
    attempt = billing.start_checkout(seeker, "month", at=timezone.now())

    delete_account(seeker)

    with pytest.raises(AssertionError):
        stripe.pay(attempt.session_id)
    assert (at_stripe(stripe) if "subscription" in stripe.state() else [], CheckoutAttempt.objects.count()) == ([], 0)


def test_what_was_bought_and_not_heard_of_ends_too(stripe, buy, seeker):
    buy(seeker)

    delete_account(seeker)

    assert at_stripe(stripe) == ["canceled"]


@pytest.mark.parametrize("kind", ["error", "drop_before", "drop_after"])
def test_while_stripe_does_not_answer_the_account_stays(stripe, subscribe, seeker, kind):
    subscribe(seeker)
    stripe.fault(kind)

    for _ in range(2):
        with pytest.raises(CannotDeleteNow) as refused:
            delete_account(seeker)
    stripe.no_faults()

    task = StaffTask.objects.get()
    assert (task.kind, task.closed_at, "still here" in refused.value.words) == ("deletion", None, True)
    assert (User.objects.count(), Subscription.objects.count()) == (1, 1)
    delete_account(seeker)
    task.refresh_from_db()
    assert (User.objects.count(), at_stripe(stripe), task.note) == (0, ["canceled"], "The account is deleted.")


def test_the_page_says_why_the_account_is_still_there(stripe, subscribe, seeker, client):
    subscribe(seeker)
    seeker.trust_email()
    client.post("/accounts/login/", {"login": seeker.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    with stripe.down():
        response = client.post("/account/deletion/", {"sure": "on"}, follow=True)

    assert "your account is still here" in response.content.decode()
    assert User.objects.count() == 1


def test_what_is_gone_at_stripe_already_stands_in_nobodys_way(stripe, subscribe, seeker):
    subscription = subscribe(seeker)
    api = stripe.client().v1
    api.subscriptions.cancel(subscription.pk)
    api.customers.delete(subscription.customer.stripe_id)

    delete_account(seeker)

    assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_second_click_meanwhile_waits_for_the_first(stripe, subscribe, seeker):
    subscribe(seeker)

    def delete(person):
        try:
            return delete_account(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic():
            person = User.objects.select_for_update().get()
            clicks = threads.map(delete, [person, copy(person)])
            wait_until(lambda: waiting_for_a_lock() == 2)
        assert sorted(clicks) == [False, True]

    assert (User.objects.count(), at_stripe(stripe), StaffTask.objects.count()) == (0, ["canceled"], 0)
    assert TransactionalMail.objects.filter(subject="Your account at Openings is deleted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_a_worker_looks_the_account_stays(stripe, subscribe, seeker):
    subscription = subscribe(seeker)

    def delete():
        try:
            with pytest.raises(CannotDeleteNow):
                delete_account(seeker)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        locked(subscription.customer_id, wait=True)
        threads.submit(delete).result()

    assert (User.objects.count(), at_stripe(stripe)) == (1, ["active"])


@pytest.mark.parametrize("ended", [False, True], ids=["on Plus", "on Free"])
def test_a_credit_that_goes_with_the_account_is_named(seeker, seeker_client, admin_client, subscribe, ended):
    subscription = subscribe(seeker)
    seeker_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    if ended:
        Subscription.objects.filter(pk=subscription.pk).update(status="canceled", ended_at=timezone.now())
    without = seeker_client.get("/account/deletion/").content.decode()
    Customer.objects.filter(pk=subscription.customer_id).update(balance=-7200)

    own = seeker_client.get("/account/deletion/").content.decode()
    by_staff = admin_client.get(deletion_by_staff(seeker)).content.decode()

    until = "as long as you keep it" if not ended else "if you get that again"
    assert "Your credit" not in without
    assert "Your credit of $72 is lost with the account: it isn’t paid out" in own
    assert f"for Openings+ {until}." in own
    assert "Their credit of $72 is lost with the account." in by_staff


def deletion_by_staff(person):
    return f"/admin/accounts/user/{person.pk}/delete/"


def test_staff_delete_a_subscriber_whose_subscription_ends_first(admin_client, seeker, subscribe, stripe):
    subscribe(seeker)

    page = admin_client.get(deletion_by_staff(seeker)).content.decode()
    admin_client.post(deletion_by_staff(seeker), {"post": "yes"})

    assert "Their subscription to Openings+, $8 a month, is ended first" in page
    assert at_stripe(stripe) == ["canceled"]
    assert not User.objects.filter(pk=seeker.pk).exists()


def test_while_stripe_does_not_answer_staff_are_told_why_the_person_stays(admin_client, seeker, subscribe, stripe):
    subscribe(seeker)
    stripe.fault("error")

    response = admin_client.post(deletion_by_staff(seeker), {"post": "yes"}, follow=True)
    stripe.no_faults()

    assert response.request["PATH_INFO"] == f"/admin/accounts/user/{seeker.pk}/change/"
    assert "couldn’t be ended at our payment provider" in response.content.decode()
    assert User.objects.filter(pk=seeker.pk).exists()
    assert not LogEntry.objects.exists()
    assert StaffTask.objects.get().kind == "deletion"
