"""Which skills an advert names: every advert is read once, and what was read outlives it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from careers.skills import Skill
from jobs.models import Job
from jobs.words import words

# Adverts are looked at for this long after they appear, and for as long as they are open.
WINDOW = timedelta(days=90)
BATCH = 500
TAG = re.compile(r"<[^>]*>")


class SkillMention(models.Model):
    """That an advert names a skill, by whichever of its names."""

    pk = models.CompositePrimaryKey("job_id", "skill_id")
    job = models.ForeignKey(Job, models.CASCADE, related_name="skill_mentions", db_index=False)
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="mentions")

    def __str__(self):
        return f"skill {self.skill_id} in job {self.job_id}"


class ReadAdvert(models.Model):
    """When an advert was read for skills; it is read again when it or the vocabulary changes."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="read_for_skills")
    read_at = models.DateTimeField()

    def __str__(self):
        return f"job {self.job_id} at {self.read_at}"


@dataclass(frozen=True)
class Vocabulary:
    """Names of skills as words, by the first of them: {"machine": [(("machine", "learning"), 7)]} for skill 7."""

    names: dict[str, list[tuple[tuple[str, ...], int]]]

    @classmethod
    def of(cls, skills: Iterable[Skill]) -> "Vocabulary":
        names: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for skill in skills:
            for name in skill.names_in_adverts():
                if said := tuple(words(name)):
                    names.setdefault(said[0], []).append((said, skill.pk))
        return cls(names)

    def skills_in(self, text: str) -> set[int]:
        """Keys of the skills that the plain text names."""
        said = words(text)
        return {
            skill
            for place, word in enumerate(said)
            for name, skill in self.names.get(word, ())
            if len(name) == 1 or tuple(said[place : place + len(name)]) == name
        }


def read_adverts(*, until: float, clock) -> bool:
    """Read adverts that are new or changed, oldest first, until `clock()` says so; whether none is left."""
    vocabulary = Vocabulary.of(Skill.objects.all())
    last = 0
    while clock() < until:
        count, last = read_batch(vocabulary, after=last)
        if count < BATCH:
            return True
    return False


@transaction.atomic
def read_batch(vocabulary: Vocabulary, *, after: int) -> tuple[int, int]:
    """Read the next adverts by their keys; says how many, and the last one's key."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            PENDING, {"after": after, "since": now - WINDOW, "now": now, "vocabulary": vocabulary_changed_at()}
        )
        adverts = cursor.fetchall()
    keep_mentions({pk: vocabulary.skills_in(plain(title, tags, text)) for pk, title, tags, text in adverts}, at=now)
    return len(adverts), adverts[-1][0] if adverts else after


def vocabulary_changed_at() -> datetime | None:
    return Skill.objects.aggregate(at=Max("changed_at"))["at"]


# Locked, so that two readers take different adverts instead of waiting for each other.
PENDING = f"""
SELECT job.id, job.title, job.tags, job.description
FROM jobs_job job
WHERE job.id > %(after)s AND job.published_at <= %(now)s
    AND (job.published_at >= %(since)s
        OR (job.closed_at IS NULL AND (job.expires_at IS NULL OR job.expires_at > %(now)s)))
    AND NOT EXISTS (
        SELECT FROM careers_readadvert reading
        WHERE reading.job_id = job.id AND reading.read_at >= job.updated_at
            AND (reading.read_at >= %(vocabulary)s) IS NOT FALSE
    )
ORDER BY job.id LIMIT {BATCH} FOR UPDATE OF job SKIP LOCKED
"""


def plain(title: str, tags: list[str], html: str) -> str:
    return "\n".join([title, *tags, unescape(TAG.sub(" ", html))])


def keep_mentions(found: dict[int, set[int]], *, at: datetime) -> None:
    """Make these the skills that the adverts name, by the adverts' keys."""
    SkillMention.objects.filter(job_id__in=found).delete()
    mentions = [SkillMention(job_id=job, skill_id=skill) for job, skills in found.items() for skill in sorted(skills)]
    SkillMention.objects.bulk_create(mentions, batch_size=5000)
    ReadAdvert.objects.bulk_create(
        [ReadAdvert(job_id=job, read_at=at) for job in found],
        update_conflicts=True,
        unique_fields=["job"],
        update_fields=["read_at"],
    )
