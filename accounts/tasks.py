from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import mail
from accounts.models import User

# Somebody else's address, mistyped or borrowed, isn't kept for ever.
UNCONFIRMED_KEPT_FOR = timedelta(days=30)


@shared_task(name="accounts.send_owed_mails")
def send_owed_mails() -> None:
    mail.send_due(timezone.now())


@shared_task(name="accounts.forget_unconfirmed")
def forget_unconfirmed() -> None:
    User.objects.never_confirmed(before=timezone.now() - UNCONFIRMED_KEPT_FOR).delete()
