"""The sandbox's own first page: who subscribes, what was delivered, and letting time pass."""

from stripe_sandbox import billing, due
from stripe_sandbox.pages.html import Html, Response, fill, joined, money, page, redirect
from stripe_sandbox.periods import day_words
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.webhooks import MODES

DAY = 86_400
STEPS = {"An hour": 3600, "A day": DAY, "A week": 7 * DAY, "A month": 31 * DAY, "A year": 366 * DAY}
SHOWN = 20  # rows of each list

BODY = """
<p>This stands in for Stripe on this machine. The site asks it as it would ask Stripe.</p>
<section><h2>Let time pass</h2>
<p class="note">What falls due is done: renewals, retries, ends. Afterwards all of it lies that far in the past, so
that the site, whose clock goes on as before, sees the dates that it would see if it had waited.</p>
<form method="post" action="/time" class="row">{steps}</form></section>
<section><h2>Subscriptions</h2>{subscriptions}</section>
<section><h2>Webhooks</h2>
<form method="post" action="/webhooks"><fieldset class="choice"><legend>How they arrive</legend>{modes}</fieldset>
<button class="quiet">Set</button></form>
{deliveries}</section>
<section><h2>Test cards</h2>{cards}</section>
"""

CARDS = {
    "4242 4242 4242 4242": "pays",
    "4000 0000 0000 0002": "is declined",
    "4000 0000 0000 9995": "has insufficient funds",
    "4000 0000 0000 0341": "can be saved, and pays nothing: for a renewal that fails",
    "4000 0025 0000 3155": "asks for 3-D Secure when it is saved",
    "4000 0027 6000 3184": "asks for 3-D Secure each time",
    "4000 0000 0000 0259": "pays, and the charge is disputed",
}


def show(sandbox: Sandbox) -> Response:
    account = sandbox.account
    subscriptions = [subscription_row(account, one) for one in list(account.all("subscription"))[:SHOWN]]
    deliveries = [
        fill(
            "<li><span>{type}</span><span>{status}</span></li>", type=one["type"], status=one["status"] or one["words"]
        )
        for one in sandbox.webhooks.done[-SHOWN:][::-1]
    ]
    steps = [fill('<button name="seconds" value="{value}">{name}</button>', name=name, value=value)
             for name, value in STEPS.items()]  # fmt: skip
    cards = [
        fill("<li><span>{number}</span><span>{does}</span></li>", number=one, does=does) for one, does in CARDS.items()
    ]
    body = fill(
        BODY,
        steps=joined(steps),
        subscriptions=rows(subscriptions, "Nobody has subscribed yet."),
        modes=joined(mode_choice(one, sandbox.webhooks.mode) for one in MODES),
        deliveries=rows(deliveries, "Nothing was delivered yet."),
        cards=rows(cards, ""),
    )
    return page("Stripe sandbox", body)


def rows(found: list[Html], otherwise: str) -> Html:
    if not found:
        return fill("<p>{otherwise}</p>", otherwise=otherwise)
    return fill('<ul class="plain">{rows}</ul>', rows=joined(found))


def subscription_row(account, one: dict) -> Html:
    price = billing.items_of(one)[0]["price"]
    customer = account.objects[one["customer"]]
    return fill(
        "<li><span>{who}</span><span>{price}</span><span>{status}, period ends {end}</span>{invoice}</li>",
        who=customer.get("email") or one["customer"],
        price=f"{money(price['unit_amount'], price['currency'])} / {price['recurring']['interval']}",
        status=one["status"],
        end=day_words(billing.period_end_of(one)),
        invoice=invoice_link(account, one),
    )


def invoice_link(account, one: dict) -> Html:
    invoice = account.objects.get(one["latest_invoice"]) or {}
    if not invoice.get("hosted_invoice_url"):
        return Html("")
    return fill('<a href="{url}">Invoice {number}</a>', url=invoice["hosted_invoice_url"], number=invoice["number"])


def mode_choice(mode: str, present: str) -> Html:
    checked = Html(" checked") if mode == present else Html("")
    return fill(
        '<label><input type="radio" name="mode" value="{mode}"{checked}>{words}</label>',
        mode=mode, checked=checked, words=mode.replace("_", " "),
    )  # fmt: skip


def pass_time(sandbox: Sandbox, typed: dict[str, str]) -> Response:
    if typed.get("seconds") in map(str, STEPS.values()):
        due.age(sandbox.account, int(typed["seconds"]))
    return redirect("/")


def set_mode(sandbox: Sandbox, typed: dict[str, str]) -> Response:
    if typed.get("mode") in MODES:
        sandbox.webhooks.set_mode(typed["mode"])
    return redirect("/")


PAGES = {
    ("GET", "/"): lambda sandbox, typed: show(sandbox),
    ("POST", "/time"): pass_time,
    ("POST", "/webhooks"): set_mode,
}
