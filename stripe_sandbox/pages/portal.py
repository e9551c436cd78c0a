"""The billing portal: /p/session/{secret}, and a page for each thing that can be done there."""

from stripe_sandbox import billing, invoicing
from stripe_sandbox.account import Account
from stripe_sandbox.api import subscriptions
from stripe_sandbox.api.payments import attach_to, card_of
from stripe_sandbox.cards import DECLINES
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages.card_form import card_errors, card_fields, typed_card
from stripe_sandbox.pages.html import Html, Response, alert, fill, joined, money, origin, page, redirect
from stripe_sandbox.periods import day_words

HOME = """
{alert}{subscriptions}
<section><h2>Payment method</h2>{methods}{add}</section>
{history}
{back}
"""

SUBSCRIPTION = """
<section>
<h2>{name}</h2>
<p>{price}</p>
<p>{status}</p>
<div class="row">{actions}</div>
</section>
"""

CANCEL = """
<form class="card" method="post" action="{path}">
<p>{words}</p>
{reasons}
<button class="wide">Confirm cancellation</button>
</form>
<p><a href="{home}">Go back</a></p>
"""

UPDATE = """
{alert}
<form class="card" method="post" action="{path}">
<fieldset class="choice"><legend>Choose how you pay</legend>{choices}</fieldset>
<button class="wide">Continue</button>
</form>
<p><a href="{home}">Go back</a></p>
"""

CONFIRM = """
{alert}
<section><dl class="sum">{rows}</dl></section>
<form method="post" action="{path}"><button class="wide">Confirm</button></form>
<p><a href="{home}">Go back</a></p>
"""

CARD = """
{alert}
<form class="card" method="post" action="{path}" novalidate>
{card}
<button class="wide">Add</button>
</form>
<p><a href="{home}">Go back</a></p>
"""

REASON_WORDS = {
    "too_expensive": "It's too expensive",
    "missing_features": "I need more features",
    "switched_service": "I found an alternative",
    "unused": "I no longer need it",
    "customer_service": "Customer service was less than expected",
    "too_complex": "Ease of use was less than expected",
    "low_quality": "Quality was less than expected",
    "other": "Other reason",
}


class Portal:
    """A session of the portal, with what belongs to its customer."""

    def __init__(self, account: Account, session: dict):
        self.account = account
        self.session = session
        self.customer = account.find("customer", session["customer"])
        self.features = account.objects[session["configuration"]]["features"]
        self.home = f"/p/session/{session['_secret']}"

    def subscriptions(self) -> list[dict]:
        found = self.account.all("subscription", customer=self.customer["id"])
        return [one for one in found if billing.is_live(one) and one["status"] != "incomplete"]

    def subscription(self, wanted: str) -> dict:
        """Raises ApiError (404) for one of somebody else, or one that is over."""
        found = self.account.find("subscription", wanted)
        if found not in self.subscriptions():
            raise ApiError("There is no such subscription.", status=404)
        return found

    def path(self, subscription: dict, what: str) -> str:
        return f"{self.home}/subscriptions/{subscription['id']}/{what}"

    def done(self) -> Response:
        """Where the flow leads, when there is one."""
        after = (self.session["flow"] or {}).get("after_completion") or {}
        if after.get("type") == "redirect":
            return redirect(after["redirect"]["return_url"])
        return redirect(self.home)

    def page(self, title: str, body: Html, status: int = 200) -> Response:
        after = ((self.session["flow"] or {}).get("after_completion") or {}).get("redirect") or {}
        return page(title, body, status=status, leads_to=(self.session["return_url"], after.get("return_url")))


def show_home(portal: Portal, typed: dict, *, problem: str | None = None) -> Response:
    if (first := first_page(portal)) and not portal.session.get("_flow_begun"):
        portal.session["_flow_begun"] = True
        return redirect(first)
    portal.session["_flow_begun"] = True
    shown = [subscription_section(portal, one) for one in portal.subscriptions()]
    body = fill(
        HOME,
        alert=alert(problem),
        subscriptions=joined(shown) or Html("<section><p>You have no subscription.</p></section>"),
        methods=method_list(portal),
        add=add_link(portal),
        history=history(portal),
        back=back_link(portal),
    )
    return portal.page("Billing", body)


def first_page(portal: Portal) -> str | None:
    """The page that the session's flow begins with."""
    flow = portal.session["flow"]
    if flow is None:
        return None
    if flow["type"] == "payment_method_update":
        return f"{portal.home}/payment-method"
    about = portal.account.objects[flow[flow["type"]]["subscription"]]
    if flow["type"] == "subscription_update_confirm":
        return portal.path(about, f"update/{flow['subscription_update_confirm']['items'][0]['price']}")
    return portal.path(about, flow["type"].removeprefix("subscription_"))


def back_link(portal: Portal) -> Html:
    url = portal.session["return_url"]
    if not url:
        return Html("")
    return fill('<p><a href="{url}">Return to {where}</a></p>', url=url, where=origin(url).partition("//")[2])


def subscription_section(portal: Portal, subscription: dict) -> Html:
    price = billing.items_of(subscription)[0]["price"]
    return fill(
        SUBSCRIPTION,
        name=invoicing.name_of(portal.account, price),
        price=invoicing.price_words(price).removeprefix("at "),
        status=status_words(subscription),
        actions=joined(actions(portal, subscription)),
    )


def status_words(subscription: dict) -> str:
    if ends_at := end_of(subscription):
        return f"Your subscription will be canceled on {day_words(ends_at)}."
    if subscription["status"] in ("past_due", "unpaid"):
        return "Your last payment failed. Pay the open invoice below, or add another card."
    return f"Your subscription renews on {day_words(billing.period_end_of(subscription))}."


def end_of(subscription: dict) -> int | None:
    if subscription["cancel_at_period_end"]:
        return billing.period_end_of(subscription)
    return subscription["cancel_at"]


def actions(portal: Portal, subscription: dict):
    if end_of(subscription):
        if portal.features["subscription_cancel"]["enabled"]:
            yield fill(
                '<form method="post" action="{path}"><button>Don\'t cancel subscription</button></form>',
                path=portal.path(subscription, "resume"),
            )
        return
    if portal.features["subscription_update"]["enabled"] and other_prices(portal, subscription):
        yield link_button("Update subscription", portal.path(subscription, "update"))
    if portal.features["subscription_cancel"]["enabled"]:
        yield link_button("Cancel subscription", portal.path(subscription, "cancel"))


def link_button(words: str, path: str) -> Html:
    return fill('<a class="button quiet" href="{path}">{words}</a>', words=words, path=path)


# --- Cards ------------------------------------------------------------------------------------------------------------


def method_list(portal: Portal) -> Html:
    found = list(portal.account.all("payment_method", customer=portal.customer["id"]))
    default = (portal.customer["invoice_settings"] or {}).get("default_payment_method")
    if not found:
        return Html("<p>No card is saved.</p>")
    rows = [
        fill("<li><span>{card}</span><span>{default}</span></li>", card=card_words(one),
             default="Default" if one["id"] == default else f"Expires {expiry_words(one)}")
        for one in found
    ]  # fmt: skip
    return fill('<ul class="plain">{rows}</ul>', rows=joined(rows))


def card_words(method: dict) -> str:
    return f"{method['card']['brand'].capitalize()} ending in {method['card']['last4']}"


def expiry_words(method: dict) -> str:
    return f"{method['card']['exp_month']:02} / {method['card']['exp_year']}"


def add_link(portal: Portal) -> Html:
    if not portal.features["payment_method_update"]["enabled"]:
        return Html("")
    return fill("<p>{link}</p>", link=link_button("Add payment method", f"{portal.home}/payment-method"))


def show_card_form(portal: Portal, typed: dict, *, errors=None, problem=None) -> Response:
    body = fill(
        CARD,
        alert=alert(problem),
        path=f"{portal.home}/payment-method",
        card=card_fields(typed, errors or {}),
        home=portal.home,
    )
    return portal.page("Add payment method", body, 422 if errors else 402 if problem else 200)


def add_card(portal: Portal, typed: dict) -> Response:
    """It becomes the customer's default. Cards of the subscriptions themselves stay: Stripe's habit, and a trap."""
    account, customer = portal.account, portal.customer
    if errors := card_errors(typed, account.now):
        return show_card_form(portal, typed, errors=errors)
    method = typed_card(account, typed, email=customer["email"])
    if decline_code := card_of(method).declines:
        return show_card_form(portal, typed | {"cvc": ""}, problem=DECLINES[decline_code][1])
    if card_of(method).authentication:
        portal.session["_method"] = method["id"]
        return redirect(f"{portal.home}/payment-method/authenticate")
    return save(portal, method)


def save(portal: Portal, method: dict) -> Response:
    attach_to(portal.account, method, portal.customer)
    settings = (portal.customer["invoice_settings"] or {}) | {"default_payment_method": method["id"]}
    portal.account.change(portal.customer, "customer.updated", invoice_settings=settings)
    return portal.done()


AUTHENTICATION = """
<section>
<p>The bank of this card wants to know that it is yours.</p>
<form method="post" action="{path}" class="row">
<button name="passed" value="yes">Complete authentication</button>
<button name="passed" value="no" class="quiet">Fail authentication</button>
</form>
</section>
"""


def show_authentication(portal: Portal, typed: dict) -> Response:
    body = fill(AUTHENTICATION, path=f"{portal.home}/payment-method/authenticate")
    return portal.page("3-D Secure", body)


def authenticate(portal: Portal, typed: dict) -> Response:
    method = portal.account.objects.get(portal.session.pop("_method", None))
    if method is None:
        return redirect(portal.home)
    if typed.get("passed") != "yes":
        return show_card_form(portal, {}, problem="We are unable to authenticate your payment method.")
    method["_authenticated"] = True
    return save(portal, method)


# --- Cancelling -------------------------------------------------------------------------------------------------------


def show_cancel(portal: Portal, typed: dict, wanted: str) -> Response:
    subscription = portal.subscription(wanted)
    refuse_disabled(portal, "subscription_cancel")
    if portal.features["subscription_cancel"]["mode"] == "immediately":
        words = "Your subscription ends at once."
    else:
        words = f"It stays available until {day_words(billing.period_end_of(subscription))}, and isn't renewed then."
    body = fill(
        CANCEL, path=portal.path(subscription, "cancel"), words=words, reasons=reason_choices(portal), home=portal.home
    )
    return portal.page("Cancel subscription", body)


def refuse_disabled(portal: Portal, feature: str) -> None:
    if not portal.features[feature]["enabled"]:
        raise ApiError("The site doesn't let you do this here.", status=403)


def reason_choices(portal: Portal) -> Html:
    asked = portal.features["subscription_cancel"]["cancellation_reason"]
    if not asked["enabled"]:
        return Html("")
    rows = [
        fill(
            '<label><input type="radio" name="feedback" value="{one}">{words}</label>', one=one, words=REASON_WORDS[one]
        )
        for one in asked["options"]
    ]
    return fill('<fieldset class="choice"><legend>Why do you leave?</legend>{rows}</fieldset>', rows=joined(rows))


def cancel(portal: Portal, typed: dict, wanted: str) -> Response:
    """With flexible billing, only `cancel_at` is set; `cancel_at_period_end` stays false."""
    subscription = portal.subscription(wanted)
    refuse_disabled(portal, "subscription_cancel")
    account = portal.account
    feedback = typed.get("feedback") if typed.get("feedback") in REASON_WORDS else None
    account.change(
        subscription, None, cancellation_details=subscription["cancellation_details"] | {"feedback": feedback}
    )
    if portal.features["subscription_cancel"]["mode"] == "immediately":
        billing.end_subscription(account, subscription, reason="cancellation_requested")
        return portal.done()
    values = subscriptions.cancellation(subscription, {"cancel_at": "min_period_end"}, account.now)
    account.change(subscription, "customer.subscription.updated", **values)
    return portal.done()


def resume(portal: Portal, typed: dict, wanted: str) -> Response:
    subscription = portal.subscription(wanted)
    values = subscriptions.cancellation(subscription, {"cancel_at": ""}, portal.account.now)
    portal.account.change(subscription, "customer.subscription.updated", **values)
    return portal.done()


# --- Switching between prices -----------------------------------------------------------------------------------------


def other_prices(portal: Portal, subscription: dict) -> list[dict]:
    products = portal.features["subscription_update"]["products"] or []
    present = billing.items_of(subscription)[0]["price"]["id"]
    return [portal.account.objects[one] for product in products for one in product["prices"] if one != present]


def show_update(portal: Portal, typed: dict, wanted: str) -> Response:
    subscription = portal.subscription(wanted)
    refuse_disabled(portal, "subscription_update")
    problem = "Choose one first." if typed.get("chosen") == "" else None
    rows = [
        fill('<label><input type="radio" name="price" value="{id}" required>{words}</label>', id=one["id"],
             words=f"{invoicing.name_of(portal.account, one)}, {invoicing.price_words(one).removeprefix('at ')}")
        for one in other_prices(portal, subscription)
    ]  # fmt: skip
    path = portal.path(subscription, "update")
    body = fill(UPDATE, alert=alert(problem), path=path, choices=joined(rows), home=portal.home)
    return portal.page("Update subscription", body, 422 if problem else 200)


def choose(portal: Portal, typed: dict, wanted: str) -> Response:
    subscription = portal.subscription(wanted)
    if typed.get("price") not in [one["id"] for one in other_prices(portal, subscription)]:
        return show_update(portal, {"chosen": ""}, wanted)
    return redirect(portal.path(subscription, f"update/{typed['price']}"))


def show_confirm(portal: Portal, typed: dict, wanted: str, price: str, *, problem: str | None = None) -> Response:
    subscription = portal.subscription(wanted)
    refuse_disabled(portal, "subscription_update")
    account = portal.account
    plan = billing.plan_change(
        account, subscription, change(subscription, price), behavior=behavior(portal), at=account.now
    )
    invoice = invoicing.draft(
        account, customer=portal.customer, subscription=subscription, lines=plan.lines, reason="upcoming", keep=False
    )
    due = max(0, invoice["total"] + portal.customer["balance"])
    rows = [(line.description, money(line.amount, line.price["currency"]), "") for line in plan.lines]
    rows.append(("Amount due today", money(due if plan.bill_now else 0, subscription["currency"]), "total"))
    shown = joined(
        fill('<dt class="{kind}">{label}</dt><dd class="{kind}">{value}</dd>', kind=kind, label=label, value=value)
        for label, value, kind in rows
    )
    path = portal.path(subscription, f"update/{price}")
    return portal.page(
        "Confirm your update",
        fill(CONFIRM, alert=alert(problem), rows=shown, path=path, home=portal.home),
        402 if problem else 200,
    )


def change(subscription: dict, price: str) -> list[dict]:
    return [{"id": billing.items_of(subscription)[0]["id"], "price": price}]


def behavior(portal: Portal) -> str:
    return portal.features["subscription_update"]["proration_behavior"]


def confirm(portal: Portal, typed: dict, wanted: str, price: str) -> Response:
    """Nothing changes when the card is declined."""
    subscription = portal.subscription(wanted)
    refuse_disabled(portal, "subscription_update")
    if price not in [one["id"] for one in other_prices(portal, subscription)]:
        return portal.done()
    params = {
        "items": change(subscription, price),
        "proration_behavior": behavior(portal),
        "payment_behavior": "error_if_incomplete",
    }
    try:
        subscriptions.update(portal.account, params, subscription["id"])
    except ApiError as error:
        again = Portal(portal.account, portal.account.objects[portal.session["id"]])
        return show_confirm(again, {}, wanted, price, problem=str(error))
    return portal.done()


# --- Invoices ---------------------------------------------------------------------------------------------------------


def history(portal: Portal) -> Html:
    if not portal.features["invoice_history"]["enabled"]:
        return Html("")
    rows = [
        fill(
            '<li><a href="{url}">{day}</a><span>{amount}</span><span>{status}</span></li>',
            url=one["hosted_invoice_url"],
            day=day_words(one["created"]),
            amount=money(one["total"], one["currency"]),
            status=one["status"].capitalize(),
        )
        for one in portal.account.all("invoice", customer=portal.customer["id"])
        if one["hosted_invoice_url"]
    ]
    inner = (
        fill('<ul class="plain">{rows}</ul>', rows=joined(rows)) if rows else Html("<p>There are no invoices yet.</p>")
    )
    return fill("<section><h2>Invoice history</h2>{inner}</section>", inner=inner)
