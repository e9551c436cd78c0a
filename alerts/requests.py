"""Alerts that visitors ask for by giving an address: they start when the address is confirmed."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User, canonical_email
from accounts.turns import take_turns
from alerts.alert import Alert
from alerts.rhythm import Rhythm, Weekday
from alerts.searches import Search
from alerts.suppressions import Suppression

LINK_LASTS = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
# Nobody can be bombed with our confirmations: one a day, and three until one of them is confirmed.
BETWEEN_MAILS = timedelta(hours=24)
MOST_MAILS = 3
# Requests without a mail of their own that a confirmation offers to keep as well.
MOST_OFFERED = 5


class AccountClosed(Exception):
    """Staff have closed the account that this address belongs to."""


class AlertRequestQuerySet(models.QuerySet):
    def of(self, address: str):
        return self.filter(email=canonical_email(address))

    def pending(self, at: datetime):
        return self.filter(confirmed_at__isnull=True, created_at__gt=at - LINK_LASTS)

    def by_token(self, token: str):
        return self.filter(token_hash=token_hash(token))

    def past_keeping(self, at: datetime):
        return self.filter(created_at__lte=at - KEPT_FOR)

    @transaction.atomic
    def ask(self, address: str, *, search: Search, at: datetime, **wishes) -> tuple[AlertRequest, str]:
        """Note the wish; the token is for the mail to send, '' when this address gets none now.

        `wishes` are name, rhythm, hour, weekday, time_zone and quiet_weekends. Asked for again, what waits already is
        changed to them; only what was mailed stays as it is beside a new mail, so that both links work.
        """
        take_turns(canonical_email(address))
        token = secrets.token_urlsafe(32) if self.may_be_mailed(address, at) else ""
        if token:
            wishes |= {"token_hash": token_hash(token), "mailed_at": at, "created_at": at}
        twin = self.of(address).pending(at).filter(search=search).order_by("-created_at", "-pk").first()
        if twin and not (token and twin.mailed_at):
            twin.change(**wishes)
            return twin, token
        return self.create(email=canonical_email(address), search=search, **{"created_at": at} | wishes), token

    def may_be_mailed(self, address: str, at: datetime) -> bool:
        if Suppression.objects.stops(address):
            return False
        earlier = self.of(address)
        confirmed_at = earlier.aggregate(latest=models.Max("confirmed_at"))["latest"]
        if confirmed_at:
            earlier = earlier.filter(created_at__gt=confirmed_at)
        mails = list(earlier.filter(mailed_at__isnull=False).values_list("mailed_at", flat=True))
        return len(mails) < MOST_MAILS and all(at - mailed_at >= BETWEEN_MAILS for mailed_at in mails)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class AlertRequest(models.Model):
    """What a visitor wants to be told of. Only the hash of the link's token is kept."""

    email = models.EmailField(max_length=254)
    search = models.ForeignKey(Search, models.PROTECT, related_name="requests")
    name = models.CharField(max_length=160)
    rhythm = models.CharField(max_length=8, choices=Rhythm)
    hour = models.PositiveSmallIntegerField()
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    quiet_weekends = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 -- null is "no link was mailed"
    created_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    objects = AlertRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["email", "-created_at"], name="alertrequest_of_email"),
            models.Index(fields=["created_at"], name="alertrequest_age"),
        ]

    def __str__(self):
        return f"{self.name} for {self.email}"

    def is_over(self, at: datetime) -> bool:
        return at - self.created_at > LINK_LASTS

    @cached_property
    def zone_it_runs_in(self) -> str:
        """The time zone of the address's account, when it has one: a person's alerts share it."""
        owner = User.objects.filter(email=self.email).only("time_zone").first()
        return owner.time_zone if owner else self.time_zone

    def change(self, **wishes) -> None:
        for name, value in wishes.items():
            setattr(self, name, value)
        self.save(update_fields=[*wishes])

    def others(self, at: datetime):
        """What else was asked for this address and never mailed about."""
        waiting = AlertRequest.objects.of(self.email).pending(at).filter(mailed_at__isnull=True)
        return waiting.exclude(search=self.search).order_by("-created_at", "-pk")[:MOST_OFFERED]

    @transaction.atomic
    def confirm(self, at: datetime) -> Alert | None:
        """Make the alert, and the account when the address has none; None when it was confirmed before.

        Raises AccountClosed, TooManyAlerts.
        """
        take_turns(self.email)
        same = AlertRequest.objects.of(self.email).filter(search=self.search, confirmed_at__isnull=True)
        if same.filter(pk=self.pk).update(confirmed_at=at) == 0:
            return None
        same.update(confirmed_at=at)
        owner = account_of(self.email, self.time_zone)
        # Who presses the button wants mail, whatever was stopped since it was asked.
        Suppression.objects.lift(self.email)
        twin = owner.alerts.kept().filter(search=self.search).first()
        return twin or self.keep_for(owner, at)

    def keep_for(self, owner: User, at: datetime) -> Alert:
        return Alert.objects.keep(
            owner,
            search=self.search,
            name=self.name,
            rhythm=self.rhythm,
            hour=self.hour,
            weekday=self.weekday,
            quiet_weekends=self.quiet_weekends,
            at=at,
        )


def account_of(address: str, time_zone: str) -> User:
    """The account of an address that its owner has just proved, made when there is none.

    A password that was set before the address was proved may be somebody else's, so it stops working.
    """
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, None, time_zone=time_zone)
    if not user.is_active:
        raise AccountClosed
    if EmailAddress.objects.filter(user=user, email=address, verified=False).exists():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    EmailAddress.objects.filter(email=address).exclude(user=user).delete()
    EmailAddress.objects.update_or_create(user=user, email=address, defaults={"verified": True, "primary": True})
    return user
