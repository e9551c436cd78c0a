from django.db import migrations

# head stays beside the narrow columns: relevance reads it for a thousand rows of a page.
FORWARD = """
ALTER TABLE jobs_sampleddocument ADD CONSTRAINT sampleddocument_follows
    FOREIGN KEY (job_id) REFERENCES jobs_jobdocument (job_id) ON DELETE CASCADE;
ALTER TABLE jobs_jobdocument ALTER COLUMN head SET STORAGE MAIN;
"""
BACKWARD = """
ALTER TABLE jobs_jobdocument ALTER COLUMN head SET STORAGE EXTENDED;
ALTER TABLE jobs_sampleddocument DROP CONSTRAINT sampleddocument_follows;
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_search_documents")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
