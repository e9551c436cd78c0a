"""Staff delete a person in the admin by the same steps as the person would."""

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from alerts.models import Digest
from tests.conftest import PASSWORD


def page_of(person, name="delete"):
    return reverse(f"admin:accounts_user_{name}", args=[person.pk])


def test_nothing_is_left_and_the_person_hears_of_it(admin_client, admin, member, post):
    Digest.objects.create(
        recipient=member, window="2026-11-23T08", message_id="<1@localhost>", sent_to=member.email,
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    browser = Client()
    browser.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    session = UserSession.objects.get(user=member).session_key

    response = admin_client.post(page_of(member), {"post": "yes"})

    assert (response.status_code, response["Location"]) == (302, reverse("admin:accounts_user_changelist"))
    assert list(User.objects.all()) == [admin]
    assert (Digest.objects.get().recipient, Digest.objects.get().sent_to) == (None, "")
    assert not Session.objects.filter(session_key=session).exists()
    assert not UserSession.objects.filter(session_key=session).exists()
    assert [(entry.user, entry.action_flag, entry.object_repr) for entry in LogEntry.objects.all()] == [
        (admin, DELETION, "seeker@example.com")
    ]
    assert [(message.to, message.subject) for message in post()] == [
        (["seeker@example.com"], "Your account at Openings is deleted")
    ]


def test_the_page_asks_first_and_tells_what_goes(admin_client, member):
    page = admin_client.get(page_of(member)).content.decode()

    assert "seeker@example.com is deleted at once" in page
    assert "email addresses: 1" in page.lower()
    assert User.objects.filter(pk=member.pk).exists()


def test_nobody_deletes_themselves_or_a_superuser(admin_client, admin):
    boss = User.objects.create_superuser("boss@example.com", "correct horse battery")

    refused = [admin_client.post(page_of(person), {"post": "yes"}).status_code for person in (admin, boss)]

    assert (refused, User.objects.count()) == ([403, 403], 2)


def test_people_are_not_deleted_by_the_dozen(admin_client, admin, member, stranger):
    people = reverse("admin:accounts_user_changelist")

    admin_client.post(
        people, {"action": "delete_selected", "_selected_action": [member.pk, stranger.pk], "post": "yes"}
    )

    assert set(User.objects.all()) == {admin, member, stranger}
