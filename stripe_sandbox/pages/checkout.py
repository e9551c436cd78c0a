"""The hosted Checkout: /c/pay/{session}."""

import re

from stripe_sandbox import invoicing
from stripe_sandbox.account import Account
from stripe_sandbox.api import checkout
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages.card_form import card_errors, card_fields, typed_card
from stripe_sandbox.pages.html import Html, Response, alert, field_row, fill, joined, money, page, redirect

UNAUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)

FORM = """
{alert}{summary}{code}
<form class="card" method="post" action="/c/pay/{id}" novalidate>
<h2>{heading}</h2>
{email}{card}
<button class="wide">{button}</button>
</form>
{back}
"""

AUTHENTICATION = """
<section>
<p>{bank} wants to know that it is you who pays {amount}.</p>
<form method="post" action="/c/pay/{id}/authenticate" class="row">
<button name="passed" value="yes">Complete authentication</button>
<button name="passed" value="no" class="quiet">Fail authentication</button>
</form>
</section>
"""

CODE = """
<form class="card" method="post" action="/c/pay/{id}/promotion" novalidate>
{field}
<button class="quiet">{button}</button>
</form>
"""


def show(account: Account, session: dict, typed: dict, *, errors=None, problem=None, code_problem=None) -> Response:
    if session["status"] != "open":
        return show_closed(session)
    errors = errors or {}
    setup = session["mode"] == "setup"
    body = fill(
        FORM,
        id=session["id"],
        alert=alert(problem),
        summary=summary(account, session),
        code=code_form(account, session, typed, code_problem),
        heading="Card details" if setup else "Pay with card",
        email=email_row(session, typed, errors),
        card=card_fields(typed, errors),
        button="Save card"
        if setup
        else "Start trial"
        if "trial_period_days" in session["_subscription"]
        else "Subscribe",
        back=back_link(session),
    )
    status = 422 if errors or code_problem else 402 if problem else 200
    return page("Save a card" if setup else title(account, session), body, status=status, leads_to=addresses(session))


def addresses(session: dict) -> tuple[str | None, ...]:
    return session["success_url"], session["cancel_url"]


def title(account: Account, session: dict) -> str:
    price = account.objects[session["_lines"][0]["price"]]
    return f"Subscribe to {invoicing.name_of(account, price)}"


def show_closed(session: dict) -> Response:
    if session["status"] == "expired":
        words = "This Checkout has timed out. Go back to the site and start again: nothing was charged."
        return page("Timed out", fill("<p>{words}</p>{back}", words=words, back=back_link(session)), status=410)
    words = "You have completed your payment already. This page is done."
    return page("All done here", fill("<p>{words}</p>", words=words))


def back_link(session: dict) -> Html:
    if not session["cancel_url"]:
        return Html("")
    return fill('<p><a href="{url}">Back</a></p>', url=filled(session["cancel_url"], session))


def email_row(session: dict, typed: dict, errors: dict) -> Html:
    known = (session["customer_details"] or {}).get("email") or session["customer_email"]
    if known:
        return fill('<p class="note">Receipts go to {email}.</p>', email=known)
    return field_row(
        "email", "Email", typed.get("email", ""), error=errors.get("email"), type="email", autocomplete="email"
    )


def summary(account: Account, session: dict) -> Html:
    if session["mode"] == "setup":
        return Html("<p>The card is saved for what comes due. Nothing is charged now.</p>")
    rows = [price_row(account, one) for one in session["_lines"]]
    if off := session["total_details"]["amount_discount"]:
        rows.append(("Discount", money(-off, session["currency"]), ""))
    rows.append(("Total due today", money(session["amount_total"], session["currency"]), "total"))
    if days := session["_subscription"].get("trial_period_days"):
        rows.insert(0, (f"{days} days free", "", ""))
    return fill('<section><dl class="sum">{rows}</dl></section>', rows=joined(sum_row(*row) for row in rows))


def sum_row(label: str, value: str, kind: str = "") -> Html:
    return fill('<dt class="{kind}">{label}</dt><dd class="{kind}">{value}</dd>', kind=kind, label=label, value=value)


def price_row(account: Account, line: dict) -> tuple[str, str, str]:
    price = account.objects[line["price"]]
    label = f"{invoicing.name_of(account, price)}, {invoicing.price_words(price).removeprefix('at ')}"
    return label, money(price["unit_amount"] * line["quantity"], price["currency"]), ""


def code_form(account: Account, session: dict, typed: dict, problem: str | None) -> Html:
    if not session["allow_promotion_codes"]:
        return Html("")
    applied = session["discounts"][0]["promotion_code"] if session["discounts"] else None
    if applied:
        words = f"Promotion code {account.objects[applied]['code']} is applied."
        shown = fill('<p class="field">{words}</p><input type="hidden" name="remove" value="yes">', words=words)
        return fill(CODE, id=session["id"], field=shown, button="Remove code")
    row = field_row(
        "promotion_code", "Promotion code", typed.get("promotion_code", ""), error=problem, autocomplete="off"
    )
    return fill(CODE, id=session["id"], field=row, button="Apply")


def apply_promotion(account: Account, session: dict, typed: dict[str, str]) -> Response:
    if session["status"] != "open":
        return show_closed(session)
    if typed.get("remove"):
        checkout.remove_code(account, session)
        return redirect(f"/c/pay/{session['id']}")
    try:
        checkout.apply_code(account, session, typed.get("promotion_code", ""))
    except ApiError as error:
        return show(account, session, typed, code_problem=str(error))
    return redirect(f"/c/pay/{session['id']}")


def pay(account: Account, session: dict, typed: dict[str, str]) -> Response:
    if session["status"] == "complete":  # a second click, whose answer is the one that the browser shows
        return redirect(filled(session["success_url"], session))
    if session["status"] != "open":
        return show_closed(session)
    errors = card_errors(typed, account.now) | email_errors(session, typed)
    if errors:
        return show(account, session, typed, errors=errors)
    email = typed.get("email", "").strip() or None
    method = typed_card(account, typed, email=email)
    session["_method"], session["_email"] = method["id"], email
    return try_to_pay(account, session, typed=typed)


def email_errors(session: dict, typed: dict) -> dict[str, str]:
    known = (session["customer_details"] or {}).get("email") or session["customer_email"]
    if known or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", typed.get("email", "").strip()):
        return {}
    return {"email": "Your email is incomplete."}


def try_to_pay(account: Account, session: dict, *, authenticated: bool | None = None, typed=None) -> Response:
    method = account.objects[session["_method"]]
    try:
        came_to = checkout.submit(account, session, method, email=session["_email"], authenticated=authenticated)
    except ApiError as error:
        problem = UNAUTHENTICATED if authenticated is False else str(error)
        return show(account, session, kept(typed or {}), problem=problem)
    if came_to == "authenticate":
        return redirect(f"/c/pay/{session['id']}/authenticate")
    return redirect(filled(session["success_url"], session))


def kept(typed: dict[str, str]) -> dict[str, str]:
    """What is typed again only by mistake; a security code is never sent back."""
    return {name: value for name, value in typed.items() if name != "cvc"}


def filled(url: str, session: dict) -> str:
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def show_authentication(account: Account, session: dict, typed: dict) -> Response:
    if session["status"] != "open" or "_method" not in session:
        return redirect(f"/c/pay/{session['id']}")
    amount = money(session["amount_total"] or 0, session["currency"] or "usd")
    body = fill(AUTHENTICATION, id=session["id"], bank="The bank of this card", amount=amount)
    return page("3-D Secure", body, leads_to=addresses(session))


def authenticate(account: Account, session: dict, typed: dict[str, str]) -> Response:
    if session["status"] != "open" or "_method" not in session:
        return redirect(f"/c/pay/{session['id']}")
    return try_to_pay(account, session, authenticated=typed.get("passed") == "yes")
