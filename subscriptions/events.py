"""News from Stripe: each event once, by its id. What happened is asked of Stripe; an event only says where to look."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now

# After this many tries an event waits for staff; the nightly look at every subscription makes up for it.
MOST_ATTEMPTS = 8

KEEP = """
INSERT INTO subscriptions_stripeevent (id, type, object_id, customer_stripe_id, created_at, attempts, failure)
VALUES (%s, %s, %s, %s, %s, 0, '') ON CONFLICT (id) DO NOTHING
"""


class StripeEventQuerySet(models.QuerySet):
    def keep(self, event_id: str, *, type: str, object_id: str, customer_id: str, created_at: datetime) -> bool:
        """Write it down, in one statement; False when it is here already."""
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [event_id, type, object_id, customer_id, created_at])
            return cursor.rowcount == 1

    def waiting(self):
        return self.filter(processed_at__isnull=True, attempts__lt=MOST_ATTEMPTS)

    def due(self):
        return self.waiting().filter(next_attempt_at__lte=Now())

    def failed(self):
        return self.filter(processed_at__isnull=True, attempts__gte=MOST_ATTEMPTS)

    def try_again(self) -> int:
        """Have those that failed or wait looked at at once."""
        return self.filter(processed_at__isnull=True).update(attempts=0, next_attempt_at=Now(), failure="")

    def over(self, before: datetime):
        return self.filter(received_at__lt=before)

    def done(self) -> int:
        return self.filter(processed_at__isnull=True).update(processed_at=Now(), failure="")

    def postpone(self, failure: str) -> int:
        """Look again later: after 1, 2, 4 … minutes."""
        wait = timedelta(minutes=1) * 2 ** F("attempts")
        return self.filter(processed_at__isnull=True).update(
            attempts=F("attempts") + 1, next_attempt_at=Now() + wait, failure=failure[:500]
        )


class StripeEvent(models.Model):
    id = models.CharField(max_length=255, primary_key=True)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True, db_index=True)
    customer_stripe_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField("happened at")
    # By the database's clock, which also says when a look at Stripe began: two machines' clocks may differ.
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    failure = models.CharField(max_length=500, blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="stripe_event_waiting", condition=Q(processed_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.type} ({self.pk})"
