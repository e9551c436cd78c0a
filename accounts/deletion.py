"""Deleting an account means that it is gone."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.module_loading import import_string

from accounts import mail
from accounts.models import User


class CannotDeleteNow(Exception):
    """Something must come first, here or elsewhere; `words` are a sentence for the person."""

    def __init__(self, words: str):
        super().__init__(words)
        self.words = words


def delete_account(user: User) -> bool:
    """Delete a person with all they own and end their sessions; or raise CannotDeleteNow. False when another click did.

    What must end elsewhere (a subscription, say) ends first, by the functions in settings.BEFORE_ACCOUNT_DELETION.
    """
    with transaction.atomic():
        refuse_last_superuser(user)
    for name in settings.BEFORE_ACCOUNT_DELETION:
        import_string(name)(user)
    try:
        return delete_here(user)
    except ProtectedError as error:
        raise CannotDeleteNow("Something of yours began in this very moment. Try again, please.") from error


@transaction.atomic
def delete_here(user: User) -> bool:
    """Whoever locks the person's row first deletes and mails; the others find it gone."""
    refuse_last_superuser(user)
    if not User.objects.select_for_update().filter(pk=user.pk).exists():
        return False
    email, keys = user.email, list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    user.delete()
    SessionStore.get_model_class().objects.filter(session_key__in=keys).delete()
    mail.owe(email, "account/email/account_deleted", {})
    return True


def refuse_last_superuser(user: User) -> None:
    if not user.is_superuser:
        return
    superusers = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
    if [user.pk] == list(superusers.values_list("pk", flat=True)):
        raise CannotDeleteNow("Nobody else is a superuser. Make someone else one first.")
