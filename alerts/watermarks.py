"""How far work that goes over everything has come, so that any worker can go on with it."""

from django.db import models


class Watermark(models.Model):
    """Up to when a step has looked at everything; and, of one that goes over rows piece by piece, up to which row."""

    step = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    # Null when nothing is left to go over.
    position = models.BigIntegerField(null=True)

    def __str__(self):
        return f"{self.step}: {self.at}"
