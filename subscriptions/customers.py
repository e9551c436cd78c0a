"""Who pays: a person's customer at Stripe, and the lock under which what Stripe says is written down."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User

# A page that finds a stale row asks for a look at Stripe, but not more often than this.
ASK_AGAIN_AFTER = timedelta(minutes=5)


class CustomerQuerySet(models.QuerySet):
    def held(self):
        return self.filter(held_at__isnull=False)

    def wanting_sync(self):
        """Asked for since the last look at Stripe began."""
        return self.filter(sync_wanted_at__isnull=False)

    def of(self, user: User) -> Customer:
        """The person's row, made when there is none; it holds the key under which Stripe is asked to make its own."""
        return self.get_or_create(user=user)[0]

    def ask_for_sync(self, *, unless_since: timedelta | None = None) -> int:
        """Have a worker look at Stripe; says for how many of them that was noted now."""
        asked = Q(sync_wanted_at__gt=Now() - unless_since) if unless_since else Q(pk__in=[])
        return self.exclude(asked).update(sync_wanted_at=Now())


class Customer(models.Model):
    """A person as a customer of Stripe's. PROTECT: whoever pays can't be deleted before it has ended at Stripe."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="billing")
    # Stripe is asked to make the customer under this key, so that asking twice makes one.
    creation_key = models.UUIDField(default=uuid.uuid4, editable=False)
    stripe_id = models.CharField(max_length=255, unique=True, null=True, editable=False)  # noqa: DJ001 -- unique, and many have none
    deleted_at = models.DateTimeField("deleted at Stripe", null=True, editable=False)

    card_brand = models.CharField(max_length=32, blank=True, editable=False)
    card_last4 = models.CharField(max_length=4, blank=True, editable=False)
    card_exp_month = models.PositiveSmallIntegerField(null=True, editable=False)
    card_exp_year = models.PositiveSmallIntegerField(null=True, editable=False)
    # The payment method on the customer itself when we last looked: another one means that the portal changed it.
    card_of_customer = models.CharField(max_length=255, blank=True, editable=False)
    balance = models.IntegerField(default=0, editable=False, help_text="US cents; below zero is a credit.")

    held_at = models.DateTimeField(null=True, editable=False)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    hold_reason = models.CharField(max_length=200, blank=True, editable=False)

    # Who is changing something at Stripe just now, so that the log names them whoever hears of it first.
    acting = models.CharField(max_length=8, blank=True, editable=False)
    acting_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    acting_until = models.DateTimeField(null=True, editable=False)

    synced_at = models.DateTimeField(null=True, editable=False)
    sync_wanted_at = models.DateTimeField(null=True, editable=False)
    sync_failed_at = models.DateTimeField(null=True, editable=False)
    sync_failure = models.CharField(max_length=500, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, hold_reason="") | (Q(held_at__isnull=False) & ~Q(hold_reason="")),
                name="customer_held_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sync_wanted_at"], name="customer_wanting_sync", condition=Q(sync_wanted_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.user} ({self.stripe_id or 'not at Stripe yet'})"

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    @property
    def credit(self) -> int:
        """US cents that Stripe takes off what is charged next; it forgets them with the customer."""
        return 0 if self.deleted_at else max(0, -self.balance)

    def is_acted_on(self, at: datetime) -> bool:
        return self.acting_until is not None and self.acting_until > at

    def acted_on(self, kind: str, *, by: User | None, until: datetime) -> None:
        """Note who is about to change something at Stripe: what is found changed until then was them."""
        Customer.objects.filter(pk=self.pk).update(acting=kind, acting_by=by, acting_until=until)

    def hold(self, at: datetime, *, reason: str, by: User | None = None) -> bool:
        """Let nothing be bought until staff release it; False when it is held already."""
        free = Customer.objects.filter(pk=self.pk, held_at__isnull=True)
        held = free.update(held_at=at, held_by=by, hold_reason=reason[:200])
        self.refresh_from_db(fields=["held_at", "held_by", "hold_reason"])
        return bool(held)

    def release(self) -> bool:
        held = Customer.objects.filter(pk=self.pk).held()
        released = held.update(held_at=None, held_by=None, hold_reason="")
        self.refresh_from_db(fields=["held_at", "held_by", "hold_reason"])
        return bool(released)


class BillingLock(models.Model):
    """Held by whoever fetches from Stripe and writes for one customer, from before the fetch until after the write.

    A row of its own: pages that write about the customer must not wait for a worker that waits for Stripe.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="lock")
    # When the last look at Stripe that was kept began, by the database's clock.
    synced_from = models.DateTimeField(null=True, editable=False)

    def __str__(self):
        return f"Lock of {self.customer_id}"
