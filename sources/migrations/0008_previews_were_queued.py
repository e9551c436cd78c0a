"""Imports previewed before workers read files count as given to be read when they were uploaded."""

from django.db import migrations
from django.db.models import F


def queue(apps, schema_editor):
    runs = apps.get_model("sources", "ImportRun").objects
    runs.filter(previewed_at__isnull=False, queued_at__isnull=True).update(queued_at=F("uploaded_at"))


class Migration(migrations.Migration):
    dependencies = [("sources", "0007_reading_in_a_worker")]
    operations = [migrations.RunPython(queue, migrations.RunPython.noop)]
