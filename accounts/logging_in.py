"""Logging in on the way to something, and coming back to where it can be done."""

from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def login_then_back(to: str):
    """Let only people in; whoever pressed a button logs in and comes back to the page on which it stood.

    Django's login_required leads back to the address of the button, which takes POST only. `to` names the page for
    browsers that don't tell where the button stood.
    """

    def guard(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            is_pressed = request.method == "POST"
            return redirect_to_login(
                (page_of_button(request) or reverse(to)) if is_pressed else request.get_full_path()
            )

        return guarded

    return guard


def page_of_button(request) -> str:
    """Path and query of our page that a form was sent from; empty when unknown or the very address of the button."""
    address = request.headers.get("Referer", "")
    if not is_ours(request, address):
        return ""
    page = urlsplit(address)
    return "" if page.path == request.path else page._replace(scheme="", netloc="", fragment="").geturl()


def is_ours(request, address: str) -> bool:
    """Whether the address leads nowhere but to this site; of a path alone it is true."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
