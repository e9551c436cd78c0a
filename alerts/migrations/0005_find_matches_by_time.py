import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0004_unsubscriptions'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='match',
            name='match_job',
        ),
        migrations.AddIndex(
            model_name='match',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['matched_at', 'job'], name='match_since'),
        ),
    ]
