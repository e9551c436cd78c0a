from django import template

register = template.Library()


@register.filter
def dollars(cents: int) -> str:
    """A price of ours, in US cents, as people write it: $8, or $8.50."""
    whole, rest = divmod(cents, 100)
    return f"${whole}.{rest:02}" if rest else f"${whole}"
