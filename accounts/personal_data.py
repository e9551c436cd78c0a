"""What the site keeps about a person, for the person to take away."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User

PROFILE = ["email", "name", "time_zone", "country", "locale", "theme", "wants_news", "wants_reminders"]


def personal_data(user: User) -> dict:
    """Everything as values that JSON knows, by app; other apps' functions are named in settings.PERSONAL_DATA."""
    data = {"account": account_data(user)}
    for name in settings.PERSONAL_DATA:
        data |= import_string(name)(user)
    return data


def account_data(user: User) -> dict:
    profile = {name: getattr(user, name) for name in PROFILE}
    return profile | {
        "joined_at": user.joined_at,
        "last_login_at": user.last_login,
        "addresses": list(EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary")),
        "second_factors": list(
            Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at", "last_used_at")
        ),
        "sessions": list(UserSession.objects.filter(user=user).order_by("pk").values("ip", "user_agent", "created_at")),
        "connected_accounts": list(SocialAccount.objects.filter(user=user).order_by("pk").values("provider", "uid")),
    }
