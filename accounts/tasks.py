from celery import shared_task
from django.utils import timezone

from accounts import mail


@shared_task(name="accounts.send_owed_mails")
def send_owed_mails() -> None:
    mail.send_due(timezone.now())
