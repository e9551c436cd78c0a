"""Where allauth asks us: words, mails, and the places where two requests at once must not both win."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.db import transaction

from accounts import addresses, mail
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "cannot_remove_primary_email": "This is the address you log in with; change it instead.",
        "duplicate_email": "This is already the address of your account.",
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "email_taken": "Another account has this address.",
        "enter_current_password": "This is not your present password.",
        "incorrect_code": "This code is not right, or it has been used.",
        "incorrect_password": "This is not your password.",
        "invalid_login": "The e-mail address or the password is not right.",
        "invalid_or_expired_key": "This link is not valid any more.",
        "invalid_password_reset": "This link is not valid any more.",
        "rate_limited": "That was too many tries. Wait a few minutes and try again.",
        "same_as_current": "This is the same as now.",
        "too_many_login_attempts": "That was too many tries. Wait five minutes and try again.",
        "unverified_primary_email": "Confirm the address first.",
    }

    def clean_email(self, email):
        return addresses.clean_email(email)

    def send_mail(self, template_prefix, email, context):
        mail.owe(email, template_prefix, context)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """A change of address is told to both addresses: allauth tells only the old one."""
        super().send_notification_mail(template_prefix, user, context, email)
        if template_prefix == "account/email/email_changed":
            super().send_notification_mail(template_prefix, user, context, context["to_email"])

    @transaction.atomic
    def confirm_email(self, request, email_address):
        """Confirm under the person's lock: of two changes confirmed at once the second finds its row gone."""
        User.objects.select_for_update().get(pk=email_address.user_id)
        is_there = EmailAddress.objects.filter(pk=email_address.pk, verified=False).exists()
        is_free = not User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists()
        if is_there and is_free:
            return super().confirm_email(request, email_address)
        self.add_message(
            request, messages.ERROR, "account/messages/email_confirmation_failed.txt", {"email": email_address.email}
        )
        return False
