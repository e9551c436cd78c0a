"""Whoever may publish jobs looks at the links that imports brought."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission
REVIEWERS = ["Editor", "Moderator", "Admin"]


def allow(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=REVIEWERS):
        group.permissions.add(*permissions(apps))


def forbid(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=REVIEWERS):
        group.permissions.remove(*permissions(apps))


def permissions(apps):
    return [permission(apps, "sources.heldlink", verb) for verb in ("view", "change")]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0002_consultants_see_subscribers")]

    operations = [migrations.RunPython(allow, forbid)]
