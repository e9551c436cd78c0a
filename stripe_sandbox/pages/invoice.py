"""The hosted invoice: /i/{invoice}/{secret}, with its PDF."""

from stripe_sandbox import billing
from stripe_sandbox.account import Account
from stripe_sandbox.api.payments import attach_to
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages.card_form import card_errors, card_fields, typed_card
from stripe_sandbox.pages.html import Html, Response, alert, fill, joined, money, page, redirect
from stripe_sandbox.pages.pdf import one_page_pdf
from stripe_sandbox.periods import day_words

SHEET = """
{alert}
<section>
<p>{status}</p>
<dl class="sum">{rows}</dl>
</section>
{pay}
<p><a href="{path}/pdf">Download invoice</a></p>
"""

PAY_SAVED = """
<form class="card" method="post" action="{path}/pay"><p>{card}</p><button class="wide">Pay</button></form>
<p><a href="{path}/card">Pay with another card</a></p>
"""

PAY_CARD = """
<form class="card" method="post" action="{path}/card" novalidate>
{fields}
<button class="wide">Pay</button>
</form>
"""

AUTHENTICATION = """
<section>
<p>The bank of this card wants to know that it is you who pays {amount}.</p>
<form method="post" action="{path}/authenticate" class="row">
<button name="passed" value="yes">Complete authentication</button>
<button name="passed" value="no" class="quiet">Fail authentication</button>
</form>
</section>
"""


def path_of(invoice: dict) -> str:
    return f"/i/{invoice['id']}/{invoice['_secret']}"


def show(account: Account, invoice: dict, typed: dict, *, problem: str | None = None) -> Response:
    method = billing.method_for(account, invoice)
    pay = Html("")
    if invoice["status"] == "open" and method:
        brand = method["card"]["brand"].capitalize()
        pay = fill(PAY_SAVED, path=path_of(invoice), card=f"{brand} ending in {method['card']['last4']}")
    elif invoice["status"] == "open":
        pay = fill(PAY_CARD, path=path_of(invoice), fields=card_fields({}, {}))
    return sheet(invoice, pay, problem=problem, status=402 if problem else 200)


def sheet(invoice: dict, pay: Html, *, problem: str | None = None, status: int = 200) -> Response:
    rows = joined(
        fill('<dt class="{kind}">{label}</dt><dd class="{kind}">{value}</dd>', kind=kind, label=label, value=value)
        for label, value, kind in rows_of(invoice)
    )
    body = fill(SHEET, alert=alert(problem), status=status_words(invoice), rows=rows, pay=pay, path=path_of(invoice))
    return page(f"Invoice {invoice['number']}", body, status=status)


def rows_of(invoice: dict) -> list[tuple[str, str, str]]:
    currency = invoice["currency"]
    rows = [(line["description"], money(line["amount"], currency), "") for line in invoice["lines"]["data"]]
    if off := sum(one["amount"] for one in invoice["total_discount_amounts"]):
        rows.append(("Discount", money(-off, currency), ""))
    if (balance := invoice["amount_due"] - max(0, invoice["total"])) and invoice["total"] > 0:
        rows.append(("From your balance", money(balance, currency), ""))
    return [*rows, ("Amount due", money(invoice["amount_due"], currency), "total")]


def status_words(invoice: dict) -> str:
    match invoice["status"]:
        case "paid":
            return f"Paid on {day_words(invoice['status_transitions']['paid_at'])}."
        case "open":
            return f"Open since {day_words(invoice['created'])}."
        case "void":
            return "Void: nothing is owed."
        case _:
            return "Uncollectible."


def pay(account: Account, invoice: dict, typed: dict) -> Response:
    return try_to_pay(account, invoice, billing.method_for(account, invoice))


def show_card(account: Account, invoice: dict, typed: dict, *, errors=None, problem=None) -> Response:
    if invoice["status"] != "open":
        return redirect(path_of(invoice))
    form = fill(PAY_CARD, path=path_of(invoice), fields=card_fields(typed, errors or {}))
    return sheet(invoice, form, problem=problem, status=422 if errors else 402 if problem else 200)


def pay_with_card(account: Account, invoice: dict, typed: dict) -> Response:
    if errors := card_errors(typed, account.now):
        return show_card(account, invoice, typed, errors=errors)
    method = typed_card(account, typed, email=invoice["customer_email"])
    try:
        attach_to(account, method, account.find("customer", invoice["customer"]))
    except ApiError as error:
        return show_card(account, invoice, typed | {"cvc": ""}, problem=str(error))
    return try_to_pay(account, invoice, method)


def try_to_pay(account: Account, invoice: dict, method: dict | None, *, authenticated: bool | None = None) -> Response:
    """A second click finds the invoice paid."""
    if invoice["status"] != "open" or method is None:
        return redirect(path_of(invoice))
    invoice["_method"] = method["id"]
    outcome = billing.collect(account, invoice, method=method, authenticated=authenticated)
    if outcome and outcome.status == "requires_action":
        return redirect(f"{path_of(invoice)}/authenticate")
    if outcome and outcome.status == "failed":
        return show(account, invoice, {}, problem=outcome.message)
    return redirect(path_of(invoice))


def show_authentication(account: Account, invoice: dict, typed: dict) -> Response:
    if invoice["status"] != "open":
        return redirect(path_of(invoice))
    amount = money(invoice["amount_due"], invoice["currency"])
    return page("3-D Secure", fill(AUTHENTICATION, path=path_of(invoice), amount=amount))


def authenticate(account: Account, invoice: dict, typed: dict) -> Response:
    method = account.objects.get(invoice.get("_method"))
    return try_to_pay(account, invoice, method, authenticated=typed.get("passed") == "yes")


def pdf(account: Account, invoice: dict, typed: dict) -> Response:
    lines = [f"Invoice {invoice['number']}", "Stripe sandbox: no real payment was made.", "", status_words(invoice), ""]
    lines += [f"{label}: {value}" for label, value, _ in rows_of(invoice)]
    name = f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
    return Response(one_page_pdf(lines), kind="application/pdf", headers={"Content-Disposition": name})
