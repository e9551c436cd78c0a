"""What a person keeps of that which plans limit: known by an app above this one, asked through the settings."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from subscriptions.plans import Plan


@dataclass(frozen=True)
class PlanUse:
    """What a person keeps of that which plans limit: names of alerts, first those that a smaller plan keeps.

    `running` are active, `waiting` are paused because the plan has no place for them; `choose_url` is the page on
    which the person says which one goes on.
    """

    running: list[str]
    waiting: list[str]
    choose_url: str
    list_url: str

    def staying(self, plan: Plan) -> list[str]:
        """Those that go on once the person is on this plan."""
        return self.running[: plan.active_alerts]

    def pausing(self, plan: Plan) -> list[str]:
        return self.running[plan.active_alerts :]


def plan_use(user) -> PlanUse:
    """Asks the function named in settings.PLAN_USE."""
    return import_string(settings.PLAN_USE)(user)
