"""Which page answers which address."""

import re

from stripe_sandbox.account import Account
from stripe_sandbox.errors import ApiError
from stripe_sandbox.pages import checkout
from stripe_sandbox.pages.html import Response, fill, page


def answer(account: Account, method: str, path: str, typed: dict[str, str]) -> Response:
    method = "GET" if method == "HEAD" else method
    for wanted, pattern, function in PAGES:
        if wanted == method and (match := re.fullmatch(pattern, path)):
            return function(account, typed, *match.groups())
    return not_found()


def checkout_page(function):
    def respond(account: Account, typed: dict[str, str], session_id: str) -> Response:
        session = account.objects.get(session_id)
        if session is None or session["object"] != "checkout.session":
            return not_found()
        return function(account, session, typed)

    return respond


PAGES = [
    ("GET", r"/c/pay/(\w+)", checkout_page(lambda account, session, typed: checkout.show(account, session))),
    ("POST", r"/c/pay/(\w+)", checkout_page(checkout.pay)),
    ("POST", r"/c/pay/(\w+)/promotion", checkout_page(checkout.apply_promotion)),
    (
        "GET",
        r"/c/pay/(\w+)/authenticate",
        checkout_page(lambda account, session, typed: checkout.show_authentication(account, session)),
    ),
    ("POST", r"/c/pay/(\w+)/authenticate", checkout_page(checkout.authenticate)),
]


def not_found() -> Response:
    return page("There is no such page", fill("<p>The address is wrong, or what it showed is gone.</p>"), status=404)


def trouble(error: ApiError) -> Response:
    return page("Something went wrong", fill("<p>{words}</p>", words=str(error)), status=error.status)
