from django.db import migrations

# A person's latest click on a job is their application. Going back deletes the applications with their table.
COPY = """
INSERT INTO jobs_application (user_id, job_id, applied_at)
SELECT user_id, job_id, max(hour_at) FROM jobs_applyclick WHERE user_id IS NOT NULL GROUP BY user_id, job_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0018_applications'),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
    ]
