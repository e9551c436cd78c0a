"""Admins look at payments, deal with tasks, hold accounts and refund; nobody else needs to."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission
ALLOWED = {
    "subscriptions.customer": ["view", "change"],
    "subscriptions.subscription": ["view", "change"],
    "subscriptions.planchange": ["view"],
    "subscriptions.stripeevent": ["view", "change"],
    "subscriptions.stafftask": ["view", "change"],
}


def allow(apps, schema_editor):
    admins(apps).permissions.add(*permissions(apps))


def forbid(apps, schema_editor):
    admins(apps).permissions.remove(*permissions(apps))


def admins(apps):
    return apps.get_model("auth", "Group").objects.get_or_create(name="Admin")[0]


def permissions(apps):
    return [permission(apps, label, verb) for label, verbs in ALLOWED.items() for verb in verbs]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0003_who_reviews_links")]

    operations = [migrations.RunPython(allow, forbid)]
