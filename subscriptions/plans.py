"""The two plans, kept in code: what each costs and what each holds."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Plan:
    """Prices are US cents; `active_alerts` is how many alerts may run at once."""

    key: str
    monthly_price: int
    yearly_price: int
    active_alerts: int
    shows_ads: bool
    has_consultant: bool
    has_early_features: bool
    stripe_product: str = ""

    @property
    def yearly_cost_by_month(self) -> int:
        """What a year costs when it is paid by the month, in US cents."""
        return 12 * self.monthly_price


FREE = Plan("free", 0, 0, active_alerts=1, shows_ads=True, has_consultant=False, has_early_features=False)
PLUS = Plan(
    "plus",
    800,
    8000,
    active_alerts=10,
    shows_ads=False,
    has_consultant=True,
    has_early_features=True,
    stripe_product="jobboard_plus",
)

PLANS = {plan.key: plan for plan in (FREE, PLUS)}
MOST_ACTIVE_ALERTS = max(plan.active_alerts for plan in PLANS.values())


CURRENCY = "usd"
# The prices at Stripe by their lookup keys: a price may be replaced there without a change of ours.
LOOKUP_KEYS = {"month": "plus_monthly", "year": "plus_yearly"}


def plan_of_product(product_id: str) -> str:
    """The key of the plan that a product of Stripe's stands for; empty for a product we don't know."""
    return next((plan.key for plan in PLANS.values() if product_id and plan.stripe_product == product_id), "")


def billing_is_on() -> bool:
    """Whether this site sells Plus through Stripe."""
    return bool(settings.STRIPE_SECRET_KEY)


def has_development_switch() -> bool:
    """Whether people switch their own plan here: on one's own machine, as long as no payment is set up."""
    return settings.DEVELOPMENT and not billing_is_on()


def can_get_plus() -> bool:
    """Whether people can get Plus here by themselves."""
    return billing_is_on() or has_development_switch()


def announce_plan(user, plan: Plan, *, at: datetime) -> None:
    """Tell the functions named in settings.AFTER_PLAN_CHANGE, inside the caller's transaction."""
    for name in settings.AFTER_PLAN_CHANGE:
        import_string(name)(user, plan, at=at)
