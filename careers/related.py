"""Which roles lie near one: by skills in common, technical ones first, since nearly every role asks for the others."""

from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from careers.models import Guide


@dataclass(frozen=True)
class RelatedGuide:
    """Another guide as its card shows it; `shared` skills in common, `asked` skills that it asks for in all."""

    pk: int
    slug: str
    role: str
    title: str
    summary: str
    category: str
    shared: int
    asked: int

    @property
    def path(self) -> str:
        return reverse("careers:guide", args=[self.slug])


def related_guides(guide: Guide, *, most: int) -> list[RelatedGuide]:
    """Published guides with skills in common or of the same category, the nearest first; one query.

    Written as SQL because every view of a guide asks it, and to build it anew would cost more than its answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(RELATED, {"guide": guide.pk, "category": guide.category_id, "at": timezone.now(), "most": most})
        return [RelatedGuide(*row) for row in cursor.fetchall()]


RELATED = """
WITH common AS (
    SELECT theirs.guide_id, count(*) AS shared, count(*) FILTER (WHERE skill.kind = 'technical') AS technical
    FROM careers_guideskill mine
    JOIN careers_guideskill theirs ON theirs.skill_id = mine.skill_id AND theirs.guide_id <> mine.guide_id
    JOIN careers_skill skill ON skill.id = mine.skill_id
    WHERE mine.guide_id = %(guide)s
    GROUP BY theirs.guide_id
)
SELECT guide.id, guide.slug, guide.role, guide.title, guide.summary, category.name, coalesce(common.shared, 0),
    (SELECT count(*) FROM careers_guideskill asked WHERE asked.guide_id = guide.id)
FROM careers_guide guide
JOIN jobs_category category ON category.id = guide.category_id
LEFT JOIN common ON common.guide_id = guide.id
WHERE guide.id <> %(guide)s AND guide.published_at <= %(at)s AND guide.withdrawn_at IS NULL
    AND (common.shared > 0 OR guide.category_id = %(category)s)
ORDER BY coalesce(common.technical, 0) DESC, guide.category_id = %(category)s DESC, coalesce(common.shared, 0) DESC,
    guide.title, guide.id
LIMIT %(most)s
"""
