"""What tells two states of a guide apart: everything that its page says of its own, in one hash.

PostgreSQL takes it from the rows themselves, so that it changes by whatever road a change came: the admin, an import,
a skill renamed for all guides, a night's survey of the market. What is drawn under it is never stale.
"""

from django.db import models
from django.db.models.expressions import RawSQL

# Each gives rows about the guide; their text is hashed as PostgreSQL writes it.
ROWS = (
    "SELECT 1, stage.id, stage::text FROM careers_stage stage WHERE stage.guide_id = careers_guide.id",
    "SELECT 2, asked.id, asked::text || skill::text FROM careers_guideskill asked"
    " JOIN careers_skill skill ON skill.id = asked.skill_id WHERE asked.guide_id = careers_guide.id",
    "SELECT 3, one.id, one::text FROM careers_certification one WHERE one.guide_id = careers_guide.id",
    "SELECT 4, figure.id, figure::text FROM careers_figure figure WHERE figure.guide_id = careers_guide.id",
    "SELECT 5, own.id, own::text FROM careers_ownquestion own WHERE own.guide_id = careers_guide.id",
    "SELECT 6, platform.id, platform::text FROM careers_guide_platforms posted"
    " JOIN careers_platform platform ON platform.id = posted.platform_id WHERE posted.guide_id = careers_guide.id",
    "SELECT 7, category.id, category::text FROM jobs_category category WHERE category.id = careers_guide.category_id",
    "SELECT 8, person.id, person::text FROM careers_contributor person"
    " WHERE person.id IN (careers_guide.author_id, careers_guide.reviewer_id)",
    "SELECT 9, market.id, market::text FROM careers_rolemarket market"
    " WHERE market.guide_id = careers_guide.id AND market.region_id IS NULL",
)


def fingerprint() -> RawSQL:
    """The hash as an expression over rows of Guide, 32 hexadecimal digits."""
    rows = " UNION ALL ".join(ROWS)
    said = f"SELECT string_agg(said, chr(1) ORDER BY kind, id) FROM ({rows}) part (kind, id, said)"
    return RawSQL(f"md5(careers_guide::text || coalesce(({said}), ''))", [], output_field=models.TextField())  # noqa: S611 -- made of column names of ours alone
