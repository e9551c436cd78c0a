"""Deleting an account means that it is gone."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from accounts import mail
from accounts.models import User


class LastSuperuser(Exception):
    """Without this account nobody could manage the site."""


@transaction.atomic
def delete_account(user: User) -> None:
    """Delete a person with all they own and end their sessions; raises LastSuperuser."""
    refuse_last_superuser(user)
    email, keys = user.email, list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    user.delete()
    SessionStore.get_model_class().objects.filter(session_key__in=keys).delete()
    mail.owe(email, "account/email/account_deleted", {})


def refuse_last_superuser(user: User) -> None:
    if not user.is_superuser:
        return
    superusers = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
    if [user.pk] == list(superusers.values_list("pk", flat=True)):
        raise LastSuperuser
