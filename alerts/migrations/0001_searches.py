import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


MATCH = """
CREATE TABLE alerts_match (
    search_id integer NOT NULL,
    matched_at timestamptz NOT NULL,
    job_id bigint NOT NULL,
    PRIMARY KEY (search_id, matched_at, job_id)
) PARTITION BY RANGE (matched_at);
CREATE INDEX match_job ON alerts_match USING brin (job_id);
CREATE TABLE alerts_match_default PARTITION OF alerts_match DEFAULT;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0002_seed_taxonomy'),
    ]

    operations = [
        migrations.CreateModel(
            name='LexemeFrequency',
            fields=[
                ('lexeme', models.TextField(db_collation='C', primary_key=True, serialize=False)),
                ('documents', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name_plural': 'lexeme frequencies',
            },
        ),
        migrations.CreateModel(
            name='Search',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('fingerprint', models.UUIDField(unique=True)),
                ('query_string', models.TextField()),
                ('query', django.contrib.postgres.search.SearchQueryField(null=True)),
                ('pay_min_yearly', models.BigIntegerField(null=True)),
                ('kept_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'searches',
            },
        ),
        migrations.CreateModel(
            name='Matching',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='jobs.job')),
                ('noticed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('matched_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('matched_at__isnull', True)), fields=['job'], name='matching_pending')],
            },
        ),
        # Django can't say PARTITION BY; all else is as it would make it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Match',
                    fields=[
                        ('pk', models.CompositePrimaryKey('search_id', 'matched_at', 'job_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('matched_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='jobs.job')),
                        ('search', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='alerts.search')),
                    ],
                    options={
                        'verbose_name_plural': 'matches',
                        'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['job'], name='match_job')],
                    },
                ),
            ],
            database_operations=[migrations.RunSQL(MATCH, "DROP TABLE alerts_match")],
        ),
        migrations.CreateModel(
            name='SearchAnchor',
            fields=[
                ('pk', models.CompositePrimaryKey('search_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('key', models.TextField(db_collation='C')),
                ('query', django.contrib.postgres.search.SearchQueryField(null=True)),
                ('pay_min_yearly', models.BigIntegerField(null=True)),
                ('prev', django.contrib.postgres.search.SearchQueryField(null=True)),
                ('search', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='anchors', to='alerts.search')),
            ],
            options={
                'indexes': [models.Index(fields=['key'], name='searchanchor_key')],
            },
        ),
    ]
