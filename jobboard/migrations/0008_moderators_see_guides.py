"""Moderators hear what people complain of, guides too: they see them with their history, and change nothing."""

from importlib import import_module

from django.db import migrations

roles = import_module("jobboard.migrations.0001_roles")
SEEN = ["careers.guide", "careers.skill", *(f"careers.{part}" for part in roles.GUIDE_PARTS)]


def allow(apps, schema_editor):
    moderators(apps).permissions.add(*permissions(apps))


def forbid(apps, schema_editor):
    moderators(apps).permissions.remove(*permissions(apps))


def moderators(apps):
    return apps.get_model("auth", "Group").objects.get_or_create(name="Moderator")[0]


def permissions(apps):
    return [roles.permission(apps, label, "view") for label in SEEN]


class Migration(migrations.Migration):
    dependencies = [("jobboard", "0007_who_looks_after_sources")]

    operations = [migrations.RunPython(allow, forbid)]
