"""Which readers may use what is new: the one place to ask, whatever decides it one day."""

from django.conf import settings

from subscriptions.entitlements import plan_of

COMPARING = "comparing"
OWN_SKILLS = "own-skills"


def may_use(user, feature: str) -> bool:
    """Everybody may, unless the setting PLUS_FEATURES keeps the feature for plans with early features."""
    return feature not in settings.PLUS_FEATURES or plan_of(user).has_early_features
