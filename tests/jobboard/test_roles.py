"""Which pages of the admin each role may see; every other one is refused."""

from importlib import import_module

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

# Said here because the clients are found by name: tests that need no database run after those that empty it.
pytestmark = pytest.mark.django_db

ROLES = import_module("jobboard.migrations.0001_roles").ROLES

EDITOR = {
    "jobs_job",
    "jobs_company",
    "jobs_category",
    "jobs_region",
    "jobs_exchangerate",
    "jobs_jobreport",
    "sources_heldlink",
    "sources_importrun",
    "sources_source",
    "careers_guide",
    "careers_skill",
    "careers_platform",
    "careers_contributor",
    "careers_sourcelink",
}
MODERATOR = {
    "jobs_job",
    "jobs_company",
    "jobs_category",
    "jobs_region",
    "jobs_jobreport",
    "sources_heldlink",
    "sources_importrun",
    "sources_source",
    "careers_guide",
    "careers_skill",
    "accounts_user",
}
CONSULTANT = {
    "jobs_job",
    "jobs_company",
    "jobs_category",
    "careers_guide",
    "careers_skill",
    "subscriptions_complimentaryplus",
}
ADMIN = EDITOR | {
    "accounts_user",
    "account_emailaddress",
    "usersessions_usersession",
    "alerts_alert",
    "alerts_digest",
    "alerts_suppression",
    "alerts_unsubscription",
    "auth_group",
    "subscriptions_complimentaryplus",
    "subscriptions_pricingpage",
    "subscriptions_customer",
    "subscriptions_subscription",
    "subscriptions_planchange",
    "subscriptions_stripeevent",
    "subscriptions_stafftask",
}


def lists():
    return {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}


@pytest.mark.parametrize(
    ("role", "allowed"), [("editor", EDITOR), ("moderator", MODERATOR), ("consultant", CONSULTANT), ("admin", ADMIN)]
)
def test_a_role_sees_its_lists_and_no_other(request, role, allowed):
    client = request.getfixturevalue(f"{role}_client")

    seen = {name for name in lists() if client.get(reverse(f"admin:{name}_changelist")).status_code == 200}

    assert seen == allowed & lists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_names_only_permissions_that_django_made_too(role):
    for label, verbs in ROLES[role].items():
        app_label, model = label.split(".")
        existing = Permission.objects.filter(content_type__app_label=app_label, content_type__model=model)
        content_type = existing[0].content_type

        assert content_type.model_class() is not None, label
        assert set(verbs) <= {
            *content_type.model_class()._meta.default_permissions,
            *(codename.split("_")[0] for codename, _ in content_type.model_class()._meta.permissions),
        }


@pytest.mark.parametrize("role", ["editor", "moderator", "consultant"])
def test_only_the_admin_role_may_change_people(request, role, seeker):
    client = request.getfixturevalue(f"{role}_client")

    response = client.post(reverse("admin:accounts_user_change", args=[seeker.pk]), {"email": "x@example.com"})

    assert response.status_code == 403


def test_the_admin_role_can_not_change_a_superuser(admin_client, django_user_model):
    boss = django_user_model.objects.create_superuser("boss@example.com", "correct horse battery")

    page = admin_client.get(reverse("admin:accounts_user_change", args=[boss.pk]))
    change = admin_client.post(reverse("admin:accounts_user_change", args=[boss.pk]), {"email": "mine@example.com"})

    assert (page.status_code, change.status_code) == (200, 403)
    assert b'name="email"' not in page.content


def test_the_admin_role_can_not_make_a_superuser(admin_client, seeker):
    page = reverse("admin:accounts_user_change", args=[seeker.pk])

    admin_client.post(
        page,
        {
            "email": seeker.email,
            "name": "Sina",
            "time_zone": "UTC",
            "locale": "en",
            "theme": "system",
            "is_active": "on",
            "is_superuser": "on",
            "user_permissions": [Permission.objects.first().pk],
            "emailaddress_set-TOTAL_FORMS": "0",
            "emailaddress_set-INITIAL_FORMS": "0",
        },
    )

    seeker.refresh_from_db()
    assert (seeker.name, seeker.is_superuser, seeker.user_permissions.count()) == ("Sina", False, 0)


def test_no_password_hash_is_shown(admin_client, seeker):
    page = admin_client.get(reverse("admin:accounts_user_change", args=[seeker.pk]))

    assert b"argon2" not in page.content


def test_a_visitor_of_the_admin_is_sent_to_the_sites_own_login(client, db):
    response = client.get("/admin/jobs/job/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/admin/jobs/job/")


def test_staff_without_a_second_factor_are_sent_to_set_one_up(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@example.com", is_staff=True))

    response = client.get("/admin/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/")


def test_a_seeker_is_refused(seeker_client):
    assert seeker_client.get("/admin/").status_code == 403


def test_filtering_people_by_their_password_is_refused(moderator_client, seeker):
    response = moderator_client.get("/admin/accounts/user/?password__startswith=argon2")

    assert response.status_code == 400


def test_a_filter_on_superusers_opens_nothing_to_who_may_not_see_people(editor_client):
    assert editor_client.get("/admin/accounts/user/?is_superuser__exact=1").status_code == 403
