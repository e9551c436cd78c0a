"""However staff change who may enter the admin, somebody is left who can let others in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.urls import reverse

from accounts.models import User
from tests.conftest import client_of, staff_of, waiting_for_a_lock
from tests.workers import wait_until

OWN_ACCESS = ["This is your own way into the admin: another admin can take it away."]


def form_of(person, **changed) -> dict:
    """The form as it stands; None unticks or empties a field."""
    said = {"email": person.email, "name": person.name, "time_zone": "UTC", "locale": "en", "theme": "system"}
    said |= {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(person, name)}
    said["groups"] = [group.pk for group in person.groups.all()]
    said |= {"emailaddress_set-TOTAL_FORMS": "0", "emailaddress_set-INITIAL_FORMS": "0"} | changed
    return {name: value for name, value in said.items() if value is not None}


def save(client, person, **changed):
    return client.post(reverse("admin:accounts_user_change", args=[person.pk]), form_of(person, **changed))


@pytest.mark.parametrize("field", ["is_active", "is_staff", "groups"])
def test_nobody_takes_their_own_access_away(field, admin_client, admin):
    response = save(admin_client, admin, name="Typed anew", **{field: None})

    admin.refresh_from_db()
    assert (response.status_code, response.context["adminform"].form.errors) == (200, {field: OWN_ACCESS})
    assert 'value="Typed anew"' in response.content.decode()
    assert (admin.is_active, admin.is_staff, [group.name for group in admin.groups.all()]) == (True, True, ["Admin"])


def test_a_superuser_does_not_make_themselves_less(admin):
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    admin.refresh_from_db()

    response = save(client_of(admin), admin, is_superuser=None)

    assert response.context["adminform"].form.errors == {"is_superuser": OWN_ACCESS}


def test_admins_change_the_rest_of_their_own_account(admin_client, admin):
    editors = Group.objects.get(name="Editor")

    response = save(admin_client, admin, name="Ada", groups=[admin.groups.get().pk, editors.pk])

    admin.refresh_from_db()
    assert (response.status_code, admin.name, admin.groups.count()) == (302, "Ada", 2)


def test_an_admin_takes_somebody_elses_access_away(admin_client, editor):
    response = save(admin_client, editor, is_active=None, is_staff=None, groups=None)

    editor.refresh_from_db()
    assert (response.status_code, editor.is_active, editor.is_staff, editor.groups.count()) == (302, False, False, 0)


@pytest.mark.usefixtures("a_connection_for_each_thread")
def test_of_two_admins_who_shut_each_other_out_the_second_is_refused():
    first, second = staff_of("Admin"), User.objects.create_superuser("boss@example.com", "correct horse battery")
    second.groups.set(first.groups.all())
    User.objects.filter(pk=second.pk).update(is_superuser=False)
    second.refresh_from_db()
    client = client_of(first)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.filter(pk=first.pk).update(is_staff=False)
            shutting_out = pool.submit(closing_its_connection, lambda: save(client, second, is_staff=None))
            wait_until(waiting_for_a_lock)
        response = shutting_out.result()

    second.refresh_from_db()
    assert response.context["adminform"].form.errors == {
        "is_staff": ["Somebody has taken away your own access meanwhile, so nothing is saved."]
    }
    assert second.is_staff


def closing_its_connection(work):
    try:
        return work()
    finally:
        connection.close()
