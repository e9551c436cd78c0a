"""Editors publish guides, as they did before it was a permission of its own."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission
ALLOWED = {
    "Editor": {"careers.guide": ["publish"]},
    "Admin": {"careers.guide": ["publish"]},
}


def allow(apps, schema_editor):
    for group, permissions in each_group(apps):
        group.permissions.add(*permissions)


def forbid(apps, schema_editor):
    for group, permissions in each_group(apps):
        group.permissions.remove(*permissions)


def each_group(apps):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ALLOWED):
        allowed = ALLOWED[group.name]
        yield group, [permission(apps, label, verb) for label, verbs in allowed.items() for verb in verbs]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0004_who_sees_payments")]

    operations = [migrations.RunPython(allow, forbid)]
