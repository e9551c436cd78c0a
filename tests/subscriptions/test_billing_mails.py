"""The mails about paying: true in the state that they are about, and each once."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import TransactionalMail
from subscriptions.notices import BillingNotice, tell
from tests.subscriptions.paying import paying

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
UNPAID = {
    "status": "past_due", "past_due_since": NOW, "plus_until": NOW + timedelta(days=21), "pay_amount": 800,
    "pay_url": "https://invoice.stripe.com/i/1",
}  # fmt: skip
PERIOD = {"period_end": NOW + timedelta(days=29)}

MAILS = {
    "welcome": (PERIOD, {"receipt_url": "https://invoice.stripe.com/i/9"}, [
        "Openings+ is yours. It renews on 26 December 2026 and then each month, until you cancel.",
        "Your invoice:\nhttps://invoice.stripe.com/i/9",
        "Your plan, and how to cancel:\nhttp://localhost:8000/account/billing/",
    ]),
    "payment_failed": (UNPAID, {}, [
        "your payment of $8 for Openings+ failed. You keep Openings+ for now. "
        "Without a payment it ends on 18 December 2026 at the latest.",
        "Pay now:\nhttp://localhost:8000/account/billing/payment/",
    ]),
    "plus_ends_soon": (UNPAID, {}, [
        "$8 for Openings+ still hasn’t been paid, so it ends on 18 December 2026.",
        "Pay now and keep it:\nhttp://localhost:8000/account/billing/payment/",
        "Choose the alert that goes on:\nhttp://localhost:8000/alerts/staying/",
    ]),
    "plus_ended": ({"status": "canceled", "plus_until": None, "ended_at": NOW}, {}, [
        "Openings+ has ended and you are on Free. Nothing is charged any more, and nothing is deleted",
        "Choose which alert runs:\nhttp://localhost:8000/alerts/staying/",
    ]),
    "cancelling": (PERIOD | {"cancel_at_period_end": True}, {}, [
        "so it doesn’t renew. It stays yours until 26 December 2026, and nothing more is charged.",
        "Change your mind:\nhttp://localhost:8000/account/billing/",
    ]),
    "cancelling while a payment is missing": (UNPAID | PERIOD | {"cancel_at_period_end": True}, {}, [
        "The payment of $8 that failed is still open: without it Openings+ ends before 26 December 2026.",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("case", MAILS)
def test_a_mail_says_what_is_so_and_comes_once(seeker, case):
    fields, facts, says = MAILS[case]
    subscription, kind = paying(seeker, **fields), case.split(" ")[0]

    told = [tell(seeker, kind, subscription, occasion="in_1", at=NOW, **facts) for _ in range(2)]

    mail = TransactionalMail.objects.get()
    assert (told, mail.to) == ([True, False], seeker.email)
    assert [sentence for sentence in says if sentence not in mail.text] == []
    assert kind in BillingNotice.Kind.values
