"""The test cards that Stripe documents (https://docs.stripe.com/testing), and what each does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    number: str
    brand: str = "visa"
    declines: str = ""  # a decline code: refused the moment it is used
    fails_later: str = ""  # a decline code: can be saved, and pays nothing
    authentication: str = ""  # "once": saved with 3-D Secure, pays alone afterwards; "always": each payment asks
    disputed: str = ""  # the reason: pays, and the charge is disputed

    @property
    def last4(self) -> str:
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in [
        Card("4242424242424242"),
        Card("5555555555554444", "mastercard"),
        Card("378282246310005", "amex"),
        Card("4000000000000002", declines="generic_decline"),
        Card("4000000000009995", declines="insufficient_funds"),
        Card("4000000000009987", declines="lost_card"),
        Card("4000000000000069", declines="expired_card"),
        Card("4000000000000127", declines="incorrect_cvc"),
        Card("4000000000000119", declines="processing_error"),
        Card("4000000000000341", fails_later="generic_decline"),
        Card("4000002500003155", authentication="once"),
        Card("4000000000003220", authentication="once"),
        Card("4000002760003184", authentication="always"),
        Card("4000008260003178", authentication="always", fails_later="insufficient_funds"),
        Card("4000000000000259", disputed="fraudulent"),
        Card("4000000000002685", disputed="product_not_received"),
    ]
}

# Payment methods that the API takes by name.
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
}

# Decline code -> (error code, what Stripe tells the person).
DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}


def has_check_digit(number: str) -> bool:
    """Whether the last digit is the one that Luhn's formula wants (ISO/IEC 7812)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
