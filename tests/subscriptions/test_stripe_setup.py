"""What `manage.py stripe_setup` makes at Stripe, and that it makes it once."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from subscriptions.plans import PLUS

URL = "https://board.test/stripe/webhook/"


@pytest.fixture
def sells(sandbox, settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = sandbox.key, sandbox.address
    return sandbox


def set_up() -> str:
    said = StringIO()
    call_command("stripe_setup", webhook_url=URL, stdout=said)
    return said.getvalue()


def made(sandbox) -> dict:
    state = sandbox.state()
    prices = sorted((one["lookup_key"], one["unit_amount"], one["product"]) for one in state["price"].values())
    kinds = ("product", "billing_portal.configuration", "v2.core.event_destination")
    return {"prices": prices} | {kind: len(state.get(kind, {})) for kind in kinds}


def test_it_makes_everything_once(sells):
    first, second = set_up(), set_up()

    assert made(sells) == {
        "prices": [("plus_monthly", 800, "jobboard_plus"), ("plus_yearly", 8000, "jobboard_plus")],
        "product": 1,
        "billing_portal.configuration": 1,
        "v2.core.event_destination": 1,
    }
    assert first.count(": made") == 5
    assert "Set STRIPE_WEBHOOK_SECRET to whsec_" in first
    assert (second.count(": was there"), "STRIPE_WEBHOOK_SECRET" in second) == (5, False)


def test_a_new_price_leaves_those_who_pay_the_old_one_where_they_are(sells, monkeypatch):
    set_up()
    api = sells.client().v1
    old = api.prices.list({"lookup_keys": ["plus_monthly"]}).data[0].id
    monkeypatch.setattr("subscriptions.management.commands.stripe_setup.PLUS", replace(PLUS, monthly_price=900))

    set_up()

    new = api.prices.list({"lookup_keys": ["plus_monthly"]}).data[0]
    assert (new.unit_amount, new.id == old, api.prices.retrieve(old).lookup_key) == (900, False, None)


def test_without_a_key_it_says_so(settings):
    settings.STRIPE_SECRET_KEY = ""

    with pytest.raises(CommandError, match="Set STRIPE_SECRET_KEY first"):
        set_up()


def test_when_stripe_is_away_it_says_so(sells):
    with sells.down(), pytest.raises(CommandError, match="Stripe: "):
        set_up()
