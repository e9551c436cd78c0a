"""The fields of a card, and what is wrong with what was typed."""

import re
from datetime import UTC, datetime

from stripe_sandbox.account import Account
from stripe_sandbox.api.payments import save_card
from stripe_sandbox.cards import CARDS, has_check_digit
from stripe_sandbox.pages.html import Html, field_row, fill

TEST_CARDS = "Test cards: 4242 4242 4242 4242 is good, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for "
TEST_CARDS += "3-D Secure, 4000 0000 0000 0341 can be saved and pays nothing. Any date to come, any CVC."


def card_fields(typed: dict[str, str], errors: dict[str, str]) -> Html:
    def row(name, label, **attributes):
        return field_row(name, label, typed.get(name, ""), error=errors.get(name), **attributes)

    digits = {"inputmode": "numeric", "required": "required"}
    return fill(
        '{number}<div class="pair">{expiry}{cvc}</div>{name}<p class="note">{hint}</p>',
        number=row("card_number", "Card number", autocomplete="cc-number", **digits),
        expiry=row("expiry", "Expiry (MM / YY)", autocomplete="cc-exp", placeholder="MM / YY", **digits),
        cvc=row("cvc", "CVC", autocomplete="cc-csc", maxlength=4, **digits),
        name=row("name", "Name on card", autocomplete="cc-name", required="required"),
        hint=TEST_CARDS,
    )


def card_errors(typed: dict[str, str], now: int) -> dict[str, str]:
    """By field, in Checkout's words; empty when the card can be tried."""
    errors = {}
    number = digits_of(typed, "card_number")
    if not number:
        errors["card_number"] = "Your card number is incomplete."
    elif not has_check_digit(number) or not 13 <= len(number) <= 19:
        errors["card_number"] = "Your card number is invalid."
    elif number not in CARDS:
        errors["card_number"] = "This is none of the test cards. Never type a real card's number here."
    expiry = expiry_of(typed)
    today = datetime.fromtimestamp(now, UTC)
    if expiry is None:
        errors["expiry"] = "Your card's expiration date is incomplete."
    elif expiry < (today.year, today.month):
        errors["expiry"] = "Your card's expiration date is in the past."
    if not 3 <= len(digits_of(typed, "cvc")) <= 4:
        errors["cvc"] = "Your card's security code is incomplete."
    if not typed.get("name", "").strip():
        errors["name"] = "Please provide the name on the card."
    return errors


def digits_of(typed: dict[str, str], name: str) -> str:
    return re.sub(r"\D", "", typed.get(name, "")) if typed.get(name, "").isascii() else ""


def expiry_of(typed: dict[str, str]) -> tuple[int, int] | None:
    """(year, month)"""
    found = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)\s*", typed.get("expiry", ""), re.ASCII)
    return (2000 + int(found[2]), int(found[1])) if found else None


def typed_card(account: Account, typed: dict[str, str], *, email: str | None = None) -> dict:
    """A payment method from fields without errors."""
    year, month = expiry_of(typed)
    card = CARDS[digits_of(typed, "card_number")]
    return save_card(account, card, month=month, year=year, name=typed["name"].strip(), email=email)
