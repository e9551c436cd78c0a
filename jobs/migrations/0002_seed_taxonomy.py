from django.db import migrations

from jobs import taxonomy


def seed(apps, schema_editor):
    category, region = apps.get_model("jobs", "Category"), apps.get_model("jobs", "Region")
    category.objects.bulk_create(
        category(slug=slug, name=name, position=n) for n, (slug, name) in enumerate(taxonomy.CATEGORIES)
    )
    region.objects.bulk_create(
        region(slug=slug, name=name, countries=countries.split(), position=n)
        for n, (slug, name, countries) in enumerate(taxonomy.REGIONS)
    )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_jobs")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
