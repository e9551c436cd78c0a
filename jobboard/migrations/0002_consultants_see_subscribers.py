"""A consultant's work is for those on Plus, so that who they are is for consultants to see."""

from importlib import import_module

from django.db import migrations

permission = import_module("jobboard.migrations.0001_roles").permission
LABEL = "subscriptions.complimentaryplus"


def show_subscribers(apps, schema_editor):
    consultants(apps).permissions.add(permission(apps, LABEL, "view"))


def hide_subscribers(apps, schema_editor):
    consultants(apps).permissions.remove(permission(apps, LABEL, "view"))


def consultants(apps):
    return apps.get_model("auth", "Group").objects.get_or_create(name="Consultant")[0]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0001_roles")]

    operations = [migrations.RunPython(show_subscribers, hide_subscribers)]
