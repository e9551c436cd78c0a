"""What a person says they can do; without an account it stays on their device, and nothing is kept here."""

from django.conf import settings
from django.db import models, transaction

from careers.skills import Skill


class OwnSkillQuerySet(models.QuerySet):
    @transaction.atomic
    def keep(self, user, skills, *, at) -> None:
        """Make these the person's skills; those marked before keep their time."""
        self.filter(user=user).exclude(skill__in=skills).delete()
        self.bulk_create([OwnSkill(user=user, skill=skill, marked_at=at) for skill in skills], ignore_conflicts=True)


class OwnSkill(models.Model):
    """That a person has a skill, by their own word."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="own_skills")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="marks")
    marked_at = models.DateTimeField()

    objects = OwnSkillQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "skill"], name="own_skill_once")]

    def __str__(self):
        return f"{self.user_id} has {self.skill_id}"


def personal_data(user) -> dict:
    """For settings.PERSONAL_DATA."""
    marked = OwnSkill.objects.filter(user=user).order_by("skill__name")
    return {"own_skills": list(marked.values("marked_at", name=models.F("skill__name")))}
