import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.db import connections
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

EMAIL = "/accounts/email/"


def link_in(message):
    return re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", message.body)[1]


def test_the_new_address_counts_once_it_is_confirmed_and_both_are_told(sure_client, member, post):
    sure_client.post(EMAIL, {"email": "New@Example.com", "action_add": ""})
    before = User.objects.get().email
    [confirmation] = post()
    sure_client.post(link_in(confirmation))

    notices = post()[1:]
    assert (before, User.objects.get().email) == ("seeker@example.com", "new@example.com")
    assert confirmation.to == ["new@example.com"]
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.com", True, True)]
    assert [(notice.to, notice.subject) for notice in notices] == [
        (["seeker@example.com"], "Your address at Openings is changed"),
        (["new@example.com"], "Your address at Openings is changed"),
    ]


def test_a_change_asks_for_the_password_again(member_client, post):
    response = member_client.post(EMAIL, {"email": "new@example.com", "action_add": ""})

    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F",
    )
    assert (EmailAddress.objects.count(), post()) == (1, [])


def test_after_the_password_the_change_goes_on_by_itself(member_client, post):
    member_client.post(EMAIL, {"email": "new@example.com", "action_add": ""})

    member_client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": EMAIL})

    assert [message.to for message in post()] == [["new@example.com"]]


def test_a_change_can_be_taken_back(sure_client, member):
    sure_client.post(EMAIL, {"email": "new@example.com", "action_add": ""})

    sure_client.post(EMAIL, {"email": "new@example.com", "action_remove": ""})

    assert list(EmailAddress.objects.values_list("email", flat=True)) == [member.email]


def test_an_address_of_someone_else_looks_like_any_other_and_stays_theirs(sure_client, member, stranger, post):
    stranger.trust_email()
    page = sure_client.post(EMAIL, {"email": stranger.email, "action_add": ""}, follow=True)
    pending = EmailAddress.objects.get(user=member, verified=False)

    sure_client.post(f"/accounts/confirm-email/{EmailConfirmationHMAC(pending).key}/")

    member.refresh_from_db()
    assert page.redirect_chain == [(EMAIL, 302)]
    assert (member.email, EmailAddress.objects.get(email=stranger.email, verified=True).user) == (
        "seeker@example.com",
        stranger,
    )


def test_the_address_of_an_account_never_confirmed_is_refused_without_an_error(sure_client, member, stranger, post):
    sure_client.post(EMAIL, {"email": stranger.email, "action_add": ""})
    [confirmation] = post()

    response = sure_client.post(link_in(confirmation), follow=True)

    member.refresh_from_db()
    assert (response.status_code, member.email) == (200, "seeker@example.com")
    assert "can’t be confirmed" in response.content.decode()


@pytest.mark.parametrize("address", ["", "a@", "x" * 250 + "@a.co", "seeker@example.com", "jo@exam\u200dple.com"])
def test_what_cant_be_an_address_is_refused_at_the_field(sure_client, address, post):
    page = sure_client.post(EMAIL, {"email": address, "action_add": ""})

    assert (page.status_code, list(page.context["form"].errors), post()) == (200, ["email"], [])


@pytest.mark.django_db(transaction=True)
def test_two_changes_confirmed_at_once_leave_one_address():
    user = User.objects.create_user("seeker@example.com", PASSWORD)
    user.trust_email()
    keys = [
        EmailConfirmationHMAC(EmailAddress.objects.create(user=user, email=f"{name}@example.com")).key for name in "ab"
    ]

    def confirm(key):
        status = Client(raise_request_exception=False).post(f"/accounts/confirm-email/{key}/").status_code
        connections.close_all()
        return status

    with ThreadPoolExecutor(max_workers=2) as threads:
        statuses = list(threads.map(confirm, keys))

    address = EmailAddress.objects.get()
    assert (address.verified, address.primary, address.email) == (True, True, User.objects.get().email)
    assert set(statuses) <= {302, 404}


def test_looking_at_a_link_for_another_account_logs_nobody_out(stranger, stranger_client, member):
    address = EmailAddress.objects.create(user=member, email="new@example.com")

    page = stranger_client.get(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/")

    assert (page.status_code, stranger_client.get("/account/").status_code) == (200, 200)
