"""Which page answers which address."""

import re
from collections.abc import Callable

from stripe_sandbox.account import Account
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages import checkout, invoice, portal
from stripe_sandbox.pages.html import Response, fill, page
from stripe_sandbox.pages.portal import Portal

# Each function is called as f(what the address is of, the fields of the form, further parts of the address).
CHECKOUT = {
    ("GET", ""): checkout.show,
    ("POST", ""): checkout.pay,
    ("POST", "/promotion"): checkout.apply_promotion,
    ("GET", "/authenticate"): checkout.show_authentication,
    ("POST", "/authenticate"): checkout.authenticate,
}
INVOICE = {
    ("GET", ""): invoice.show,
    ("POST", "/pay"): invoice.pay,
    ("GET", "/card"): invoice.show_card,
    ("POST", "/card"): invoice.pay_with_card,
    ("GET", "/authenticate"): invoice.show_authentication,
    ("POST", "/authenticate"): invoice.authenticate,
    ("GET", "/pdf"): invoice.pdf,
}
PORTAL = {
    ("GET", ""): portal.show_home,
    ("GET", "/payment-method"): portal.show_card_form,
    ("POST", "/payment-method"): portal.add_card,
    ("GET", "/payment-method/authenticate"): portal.show_authentication,
    ("POST", "/payment-method/authenticate"): portal.authenticate,
    ("GET", r"/subscriptions/(\w+)/cancel"): portal.show_cancel,
    ("POST", r"/subscriptions/(\w+)/cancel"): portal.cancel,
    ("POST", r"/subscriptions/(\w+)/resume"): portal.resume,
    ("GET", r"/subscriptions/(\w+)/update"): portal.show_update,
    ("POST", r"/subscriptions/(\w+)/update"): portal.choose,
    ("GET", r"/subscriptions/(\w+)/update/(\w+)"): portal.show_confirm,
    ("POST", r"/subscriptions/(\w+)/update/(\w+)"): portal.confirm,
}


def answer(account: Account, method: str, path: str, typed: dict[str, str]) -> Response:
    method = "GET" if method == "HEAD" else method
    if found := re.fullmatch(r"/c/pay/(\w+)(/.*)?", path):
        session = account.find("checkout.session", found[1])
        return respond(CHECKOUT, method, found[2], lambda page, *more: page(account, session, typed, *more))
    if found := re.fullmatch(r"/i/(\w+)/(\w+)(/.*)?", path):
        shown = account.find("invoice", found[1])
        refuse_stranger(shown, found[2])
        return respond(INVOICE, method, found[3], lambda page, *more: page(account, shown, typed, *more))
    if found := re.fullmatch(r"/p/session/(\w+)(/.*)?", path):
        opened = Portal(account, portal_session(account, found[1]))
        return respond(PORTAL, method, found[2], lambda page, *more: page(opened, typed, *more))
    return not_found()


def respond(pages: dict, method: str, rest: str | None, call: Callable[..., Response]) -> Response:
    for (wanted, pattern), function in pages.items():
        if wanted == method and (match := re.fullmatch(pattern, rest or "")):
            return call(function, *match.groups())
    return not_found()


def refuse_stranger(shown: dict, secret: str) -> None:
    if shown.get("_secret") != secret:
        raise ApiError("There is no such invoice.", status=404)


def portal_session(account: Account, secret: str) -> dict:
    for session in account.all("billing_portal.session"):
        if session["_secret"] == secret:
            return session
    raise ApiError("This portal session is gone. Open a new one from the site.", status=404)


def not_found() -> Response:
    return page("There is no such page", fill("<p>The address is wrong, or what it showed is gone.</p>"), status=404)


def trouble(error: ApiError) -> Response:
    return page("Something went wrong", fill("<p>{words}</p>", words=str(error)), status=error.status)
