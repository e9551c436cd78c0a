"""The languages that a guide can be read in."""

from django.db import models
from django.db.models.expressions import RawSQL


def editions() -> RawSQL:
    """The guide and its translations that are on the site, [{"language": …, "slug": …}], over rows of Guide.

    Written as SQL because every view of a guide asks it, and to build it anew would cost more than its answer.
    """
    return RawSQL(EDITIONS, [], output_field=models.JSONField())  # noqa: S611 -- no value is in the SQL


EDITIONS = """
coalesce((
    SELECT jsonb_agg(jsonb_build_object('language', edition.language, 'slug', edition.slug)
        ORDER BY edition.language, edition.id)
    FROM careers_guide edition
    WHERE coalesce(careers_guide.translation_of_id, careers_guide.id) IN (edition.id, edition.translation_of_id)
        AND edition.published_at <= statement_timestamp() AND edition.withdrawn_at IS NULL
), '[]')
"""
