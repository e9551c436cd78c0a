"""The note on a person's row that a payment of theirs is missing."""

from accounts.models import User
from subscriptions.mirror import Subscription


def keep(user: User) -> None:
    """Called in the transaction that writes what Stripe says."""
    user.payment_due = Subscription.objects.of(user).to_pay().exists()
    User.objects.filter(pk=user.pk).exclude(payment_due=user.payment_due).update(payment_due=user.payment_due)
