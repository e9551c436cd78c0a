"""What someone has: the one place that says which plan a person is on."""

from django.utils import timezone

from subscriptions.models import ComplimentaryPlus
from subscriptions.plans import FREE, PLUS, Plan


def plan_of(user) -> Plan:
    """The plan a person is on now; a visitor is on Free. One query."""
    if not user.is_authenticated:
        return FREE
    has_plus = ComplimentaryPlus.objects.running(timezone.now()).filter(user=user).exists()
    return PLUS if has_plus else FREE
