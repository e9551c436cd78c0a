from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def has_providers() -> bool:
    """Whether one can log in with an account of another site here."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS)
