from django.conf import settings
from django.db import models
from django.db.models import Q


class ComplimentaryPlusQuerySet(models.QuerySet):
    def running(self, at):
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), started_at__lte=at, ended_at__isnull=True)


class ComplimentaryPlus(models.Model):
    """Plus given by staff without payment, with a reason and usually an end."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="complimentary_plus")
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ComplimentaryPlusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "complimentary Plus"

    def __str__(self):
        return f"Plus for {self.user}: {self.reason}"
