import zoneinfo
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.addresses import canonical_email
from accounts.regions import validate_country, validate_locale, validate_time_zone


class UserQuerySet(models.QuerySet):
    def never_confirmed(self, before: datetime):
        """Accounts made before a time whose address nobody ever confirmed: nobody could log in to them."""
        confirmed = Q(emailaddress__verified=True) | Q(last_login__isnull=False) | Q(is_staff=True)
        return self.filter(joined_at__lt=before).exclude(confirmed)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    use_in_migrations = True

    def create_user(self, email, password=None, **fields):
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.trust_email()
        return user

    def get_by_natural_key(self, email):
        return self.get(email=canonical_email(email))


class User(AbstractBaseUser, PermissionsMixin):
    """Someone with an account: a seeker, a subscriber or one of the staff. The e-mail address is the login."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    country = models.CharField(
        max_length=2,
        blank=True,
        validators=[validate_country],
        help_text="ISO 3166 code of the country the person lives in.",
    )
    locale = models.CharField(
        max_length=16,
        default="en",
        validators=[validate_locale],
        help_text="How dates and amounts are written, such as en or de-AT.",
    )
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    wants_news = models.BooleanField("product news by mail", default=False)
    wants_reminders = models.BooleanField("reminders of saved jobs that close soon", default=True)
    # Kept by the app of plans, so that the banner above each page costs those who owe nothing no query.
    payment_due = models.BooleanField(default=False, editable=False)
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("may log in", default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_in_lower_case")]

    def __str__(self):
        return self.email

    def save(self, **kwargs):
        self.email = canonical_email(self.email)
        super().save(**kwargs)

    def get_full_name(self):
        return self.name or self.email

    def get_short_name(self):
        return self.name.split(" ")[0] or self.email

    def trust_email(self) -> None:
        """Take the address as confirmed, for accounts made by hand on the server: nobody mails them a link."""
        self.emailaddress_set.update_or_create(email=self.email, defaults={"verified": True, "primary": True})

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class TransactionalMailQuerySet(models.QuerySet):
    def due(self, at: datetime):
        return self.filter(next_attempt_at__lte=at)


class TransactionalMail(models.Model):
    """A mail about an account (confirmation, login code, notice) that is owed; the row goes when it is sent.

    It may hold a code or a link that lets someone in, so nothing is kept after sending or giving up.
    """

    WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180)]

    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = TransactionalMailQuerySet.as_manager()

    def __str__(self):
        return f"Mail {self.pk}"

    def postpone(self, at: datetime) -> bool:
        """Try again later; after the last try the row goes and False is returned."""
        if self.attempts >= len(self.WAITS):
            self.delete()
            return False
        self.next_attempt_at = at + self.WAITS[self.attempts]
        self.attempts += 1
        self.save(update_fields=["next_attempt_at", "attempts"])
        return True
