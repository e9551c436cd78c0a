"""Whoever writes guides looks after the addresses of their sources."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission
WRITERS = ["Editor", "Admin"]


def allow(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=WRITERS):
        group.permissions.add(*permissions(apps))


def forbid(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=WRITERS):
        group.permissions.remove(*permissions(apps))


def permissions(apps):
    return [permission(apps, "careers.sourcelink", verb) for verb in ("view", "change")]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0006_who_sees_why_people_leave")]

    operations = [migrations.RunPython(allow, forbid)]
