"""Every model of this app, each from the module that holds its verbs."""

from subscriptions.changes import PlanChange
from subscriptions.checkout import CheckoutAttempt
from subscriptions.complimentary import ComplimentaryPlus
from subscriptions.customers import BillingLock, Customer
from subscriptions.events import StripeEvent
from subscriptions.mirror import Subscription
from subscriptions.notices import BillingNotice
from subscriptions.pricing import PricingPage
from subscriptions.staff_tasks import StaffTask

__all__ = [
    "BillingLock",
    "BillingNotice",
    "CheckoutAttempt",
    "ComplimentaryPlus",
    "Customer",
    "PlanChange",
    "PricingPage",
    "StaffTask",
    "StripeEvent",
    "Subscription",
]
