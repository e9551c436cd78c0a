"""Whoever looks after alerts sees why people leave them."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission


def allow(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Admin"):
        group.permissions.add(permission(apps, "alerts.unsubscription", "view"))


def forbid(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Admin"):
        group.permissions.remove(permission(apps, "alerts.unsubscription", "view"))


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0005_who_publishes_guides")]

    operations = [migrations.RunPython(allow, forbid)]
