from django import template

register = template.Library()


@register.filter
def dollars(cents: int) -> str:
    """A price of ours, in US cents, as people write it: $8, or $8.50."""
    whole, rest = divmod(cents, 100)
    return f"${whole}.{rest:02}" if rest else f"${whole}"


@register.filter
def money(cents: int, currency: str) -> str:
    """An amount as Stripe names it: $8.50, or 8.50 EUR in another currency than ours; a credit has a minus."""
    sign, cents = ("−", -cents) if cents < 0 else ("", cents)
    return sign + dollars(cents) if currency == "usd" else f"{sign}{cents / 100:.2f} {currency.upper()}"
