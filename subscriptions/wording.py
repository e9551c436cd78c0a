"""What the pages say about someone's plan and money in each state: a function of what is known, so that every
sentence can be tested.

A sentence about money is said only when a row says so: an amount, a day or a card that isn't known is left out rather
than guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from subscriptions.billing import Standing
from subscriptions.mirror import Subscription
from subscriptions.plan_use import PlanUse
from subscriptions.plans import FREE, PLUS
from subscriptions.templatetags.prices import dollars, money

OTHER_INTERVAL = {"month": "year", "year": "month"}
BRANDS = {"amex": "American Express", "jcb": "JCB", "unionpay": "UnionPay", "diners": "Diners Club"}

# What the person can do from here; the page has a link or a form for each.
SUBSCRIBE, CANCEL, RESUME, SWITCH, CARD, PAY, STRIPE, WRITE = (
    "subscribe", "cancel", "resume", "switch", "card", "pay", "stripe", "write",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Whole sentences. `urgent` ones stand above the rest, `card` beside the way to change it; `ends_at` is when alerts
    beyond Free's will be paused."""

    title: str
    plan: list[str]
    charge: list[str]
    urgent: list[str] = field(default_factory=list)
    offers: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    card: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known, and the clock and the time zone in which it is told."""

    standing: Standing
    at: datetime
    zone: ZoneInfo

    @property
    def subscription(self) -> Subscription:
        return self.standing.subscription

    @property
    def plus(self) -> str:
        return f"{settings.SITE_NAME}+"

    @property
    def has_plus(self) -> bool:
        return self.standing.plan == PLUS

    def day(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%-d %B %Y}"

    def amount(self, cents: int) -> str:
        return money(cents, self.subscription.currency)

    @property
    def price(self) -> str:
        return f"{self.amount(self.subscription.amount)} a {self.subscription.interval}"

    @property
    def title(self) -> str:
        return f"{self.plus}, {self.price}"

    @property
    def credit(self) -> int:
        return self.standing.customer.credit if self.standing.customer else 0

    @property
    def card(self) -> str:
        """“Visa ending in 4242”, or nothing when Stripe has named no card."""
        customer = self.standing.customer
        if not customer or not customer.card_last4:
            return ""
        brand = BRANDS.get(customer.card_brand, customer.card_brand.title()) or "card"
        return f"{brand} ending in {customer.card_last4}"

    def is_given_beyond(self, moment: datetime) -> bool:
        """Whether a complimentary Plus outlasts this."""
        given = self.standing.complimentary
        return bool(given) and (given.until is None or given.until > moment)


def words_for(standing: Standing, *, at: datetime, zone: ZoneInfo) -> Words:
    facts = Facts(standing, at, zone)
    words = STATES[standing.state](facts)
    extra = [*old_news(facts), *second_subscription(facts)]
    return replace(words, urgent=[*words.urgent, *extra]) if extra else words


def old_news(facts: Facts) -> list[str]:
    if facts.standing.is_fresh:
        return []
    customer = facts.standing.customer
    since = f" This is what it said on {facts.day(customer.synced_at)}." if customer and customer.synced_at else ""
    return [f"We wait for word from our payment provider, Stripe.{since} What you did there isn’t lost."]


def second_subscription(facts: Facts) -> list[str]:
    second = facts.standing.second
    if not second:
        return []
    price = f"{money(second.amount, second.currency)} a {second.interval}"
    return [f"A second subscription of yours runs beside this one, for {price}. Our staff have been told; write to us."]


# --- Without a subscription that counts -------------------------------------------------------------------------------


def free(facts: Facts) -> Words:
    return Words("Free", [on_free()], ["Nothing is charged."], offers=frozenset({SUBSCRIBE}))


def on_free() -> str:
    return f"You are on Free: searching and applying without limits, and {FREE.active_alerts} active alert."


def complimentary(facts: Facts) -> Words:
    until = facts.standing.complimentary.until
    given = f"You have {facts.plus} without paying for it" + (f", until {facts.day(until)}." if until else ".")
    unpaid = unpaid_beside(facts)
    return Words(
        f"{facts.plus}, complimentary",
        [given],
        unpaid or ["Nothing is charged."],
        offers=frozenset({PAY, CANCEL} if unpaid else ()),
        ends_at=until,
    )


def unpaid_beside(facts: Facts) -> list[str]:
    """A bill that is open though Plus is there anyway."""
    subscription = facts.standing.subscription
    if not subscription or not subscription.is_live or not subscription.pay_url:
        return []
    return [f"{facts.amount(subscription.pay_amount)} of your subscription hasn’t been paid."]


def incomplete(facts: Facts) -> Words:
    subscription = facts.subscription
    to_pay = f" of {facts.amount(subscription.pay_amount)}" if subscription.pay_amount else ""
    return Words(
        "Free",
        [f"Your payment{to_pay} isn’t finished, so {facts.plus} hasn’t begun."],
        ["Nothing has been charged. Finish the payment, or begin again: the unfinished one is dropped then."],
        offers=frozenset({PAY, SUBSCRIBE} if subscription.pay_url else {SUBSCRIBE}),
    )


def over(facts: Facts) -> Words:
    charge = ["Nothing is charged.", *kept_credit(facts)]
    return Words("Free", [how_it_ended(facts), on_free()], charge, offers=frozenset({SUBSCRIBE}))


def how_it_ended(facts: Facts) -> str:
    subscription = facts.subscription
    if subscription.status == "incomplete_expired":
        return f"Your payment wasn’t finished in time, so {facts.plus} didn’t begin."
    if subscription.status == "unpaid":
        return f"{facts.plus} has ended because a payment failed."
    if subscription.status == "paused":
        return f"{facts.plus} has stopped because there is no card to pay with."
    ended = f" on {facts.day(subscription.ended_at)}" if subscription.ended_at else ""
    return f"{facts.plus} ended{ended}."


def held(facts: Facts) -> Words:
    ended = [how_it_ended(facts)] if facts.standing.subscription else []
    return Words(
        "Free",
        [*ended, on_free(), f"{facts.plus} can’t be bought with this account until our staff have looked at it."],
        ["Nothing is charged."],
        offers=frozenset({WRITE}),
    )


def unknown(facts: Facts) -> Words:
    held_now = facts.plus if facts.has_plus else "Free"
    return Words(
        held_now,
        [f"Your subscription is in a state that we don’t know yet. You keep {held_now}, and our staff have been told."],
        ["What is charged next stands on Stripe’s own page."],
        offers=frozenset({STRIPE, WRITE}),
    )


# --- With one ---------------------------------------------------------------------------------------------------------


def active(facts: Facts) -> Words:
    if facts.subscription.plan != PLUS.key:
        return unknown(facts)
    if facts.subscription.is_stale(facts.at):
        return late(facts)
    offers = {CANCEL, SWITCH, CARD}
    return Words(facts.title, [renews(facts)], next_charge(facts), offers=frozenset(offers), card=other_card(facts))


def other_card(facts: Facts) -> str:
    """Stripe keeps charging the card that failed, though the bill was paid with another one."""
    if not facts.standing.was_late or not facts.subscription.next_amount or not facts.card:
        return ""
    return (
        "The last payment failed at first. If you then paid with another card than this one, renewals still come "
        "from this one."
    )


def renews(facts: Facts) -> str:
    subscription = facts.subscription
    day = facts.day(subscription.period_end)
    if subscription.status == "trialing":
        return f"You are trying {facts.plus} until {day}. Then it is paid by the {subscription.interval}."
    return f"It renews each {subscription.interval} until you cancel, next on {day}."


def late(facts: Facts) -> Words:
    """The paid time is over and Stripe hasn't said what came of the next payment."""
    subscription = facts.subscription
    paid_until = f"What you paid for ended on {facts.day(subscription.period_end)}, and word of the next payment hasn’t"
    if facts.has_plus and subscription.gives_plus(facts.at):
        trusted = f" reached us. You keep {facts.plus} until {facts.day(subscription.plus_until)} while we wait for it."
    else:
        trusted = f" reached us. {'' if facts.has_plus else f'{facts.plus} is off until it does.'}".rstrip()
    return Words(
        facts.title,
        [paid_until + trusted],
        ["What was charged stands on Stripe’s own page."],
        offers=frozenset({CARD, CANCEL, STRIPE}),
    )


def next_charge(facts: Facts) -> list[str]:
    subscription = facts.subscription
    if subscription.next_charge_at is None or subscription.next_amount is None:
        return [f"The price is {facts.price}; the next charge isn’t known yet."]
    day = facts.day(subscription.next_charge_at)
    if not subscription.next_amount:
        return [f"Nothing is charged on {day}: {what_covers_it(facts)} covers it."]
    source = f", from your {facts.card}" if facts.card else ""
    charged = f"{facts.amount(subscription.next_amount)} will be charged on {day}{source}."
    return [charged, *why_not_the_price(facts), *card_trouble(facts, subscription.next_charge_at)]


def what_covers_it(facts: Facts) -> str:
    credit = facts.credit
    return f"your credit of {dollars(credit)}" if credit >= facts.subscription.amount else "a discount or your credit"


def why_not_the_price(facts: Facts) -> list[str]:
    if facts.subscription.next_amount == facts.subscription.amount:
        return []
    return [f"The price is {facts.price}; discounts, credit and taxes are reckoned in."]


def card_trouble(facts: Facts, charge_at: datetime) -> list[str]:
    customer = facts.standing.customer
    if not customer.card_last4:
        return ["No card is on file for it: add one before that day."]
    if customer.card_exp_year is None:
        return []
    runs_out = (customer.card_exp_year, customer.card_exp_month)
    if runs_out >= (charge_at.year, charge_at.month):
        return []
    return [f"That card runs out in {runs_out[1]:02}/{runs_out[0]}, before the charge. Change it to keep {facts.plus}."]


def cancelling(facts: Facts) -> Words:
    subscription = facts.subscription
    if subscription.plan != PLUS.key:
        return unknown(facts)
    ends_at = subscription.ends_at
    goes_on = f" You have {facts.plus} without paying for it after that." if facts.is_given_beyond(ends_at) else ""
    return Words(
        facts.title,
        [f"You have cancelled: {facts.plus} ends on {facts.day(ends_at)} and doesn’t renew.{goes_on}"],
        charges_before_the_end(facts),
        offers=frozenset({RESUME, CARD}),
        ends_at=end_of_plus(facts, ends_at),
    )


def charges_before_the_end(facts: Facts) -> list[str]:
    """An end that was set to a day after the next renewal leaves a charge to come."""
    subscription = facts.subscription
    if subscription.ends_at <= subscription.period_end:
        return [
            "Nothing more is charged. Until that day you can resume, and it goes on as before.",
            *kept_credit(facts),
        ]
    day = facts.day(subscription.period_end)
    return [f"It is paid by the {subscription.interval} until then, next on {day}."]


def kept_credit(facts: Facts) -> list[str]:
    if not facts.credit:
        return []
    return [
        f"Your credit of {dollars(facts.credit)} stays with your account and pays for {facts.plus} if you come back."
    ]


def end_of_plus(facts: Facts, moment: datetime) -> datetime | None:
    """When the alerts beyond Free's are paused: at this moment, or when a complimentary Plus ends after it."""
    if not facts.is_given_beyond(moment):
        return moment
    return facts.standing.complimentary.until


def past_due(facts: Facts) -> Words:
    subscription = facts.subscription
    to_pay = f" of {facts.amount(subscription.pay_amount)}" if subscription.pay_url else ""
    offers = {CARD, PAY if subscription.pay_url else STRIPE, RESUME if subscription.is_cancelling else CANCEL}
    return Words(
        facts.title,
        [*what_is_left(facts), *no_renewal(facts)],
        tried_again(facts),
        urgent=[f"Your payment{to_pay} for {facts.plus} failed.{by_when(facts)}"],
        offers=frozenset(offers),
        ends_at=end_of_plus(facts, subscription.plus_ends_at) if subscription.gives_plus(facts.at) else None,
    )


def by_when(facts: Facts) -> str:
    subscription = facts.subscription
    if not subscription.gives_plus(facts.at) or facts.is_given_beyond(subscription.plus_ends_at):
        return ""
    return f" Without a payment it ends on {facts.day(subscription.plus_ends_at)} at the latest."


def what_is_left(facts: Facts) -> list[str]:
    subscription = facts.subscription
    if not subscription.gives_plus(facts.at):
        return [f"{facts.plus} is off because the payment is missing. With the payment it comes back."]
    return [f"You keep {facts.plus} for now."]


def no_renewal(facts: Facts) -> list[str]:
    ends_at = facts.subscription.ends_at
    return [f"You have cancelled, so it doesn’t renew on {facts.day(ends_at)}."] if ends_at else []


def tried_again(facts: Facts) -> list[str]:
    subscription = facts.subscription
    if not subscription.next_attempt_at or subscription.next_attempt_at <= facts.at:
        return ["Pay now to keep it."] if subscription.gives_plus(facts.at) and subscription.pay_url else []
    source = f" from your {facts.card}" if facts.card else ""
    return [f"The payment is tried again{source} on {facts.day(subscription.next_attempt_at)}, unless you pay before."]


STATES = {
    "free": free,
    "complimentary": complimentary,
    "active": active,
    "cancelling": cancelling,
    "past_due": past_due,
    "incomplete": incomplete,
    "over": over,
    "unknown": unknown,
    "held": held,
}


# --- Beside the state -------------------------------------------------------------------------------------------------


def banner(subscription: Subscription, *, at: datetime, zone: ZoneInfo) -> str:
    """What stands above every page of somebody whose payment is missing."""
    plus = f"{settings.SITE_NAME}+"
    amount = money(subscription.pay_amount, subscription.currency)
    if subscription.is_incomplete:
        return f"Your payment of {amount} isn’t finished, so {plus} hasn’t begun."
    failed = f"Your payment of {amount} for {plus} failed."
    if not subscription.gives_plus(at):
        return failed
    ends_on = subscription.plus_ends_at.astimezone(zone)
    return f"{failed} Without a payment {plus} ends on {ends_on:%-d %B %Y} at the latest."


def alerts_used(use: PlanUse, standing: Standing) -> str:
    plan = standing.plan
    used = f"{len(use.running)} of {plan.active_alerts} alert{'' if plan.active_alerts == 1 else 's'} running"
    if not use.waiting:
        return used
    waiting = len(use.waiting)
    return f"{used}; {waiting} {'is' if waiting == 1 else 'are'} paused until there is a place, none is deleted"
