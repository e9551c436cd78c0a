"""Pages for what goes wrong, each with a next step. 500.html is drawn by Django itself and needs nothing of ours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request, exception=None):
    return error_page(
        request, 400, "That request can’t be read", "Something in the address or in what was sent is malformed."
    )


def forbidden(request, exception=None):
    return error_page(
        request, 403, "You may not open this page", "It belongs to somebody else, or needs other rights than yours."
    )


def not_found(request, exception=None):
    return error_page(
        request, 404, "There is no such page", "The address may be mistyped, or the page has been taken down."
    )


def method_not_allowed(request):
    if request.method == "POST":
        return error_page(request, 405, "Nothing can be sent here", "This address is only a page to look at.")
    message = "This address only takes the press of a button. Nothing was changed. Go back to the page with the button."
    return error_page(request, 405, "This is no page to open", message)


def gone(request, message: str = "The job was closed a while ago and its page has been taken down."):
    """For views that know a page was there once."""
    return error_page(request, 410, "This page is gone for good", message)


def csrf_failure(request, reason=""):
    return error_page(
        request,
        403,
        "We didn’t act on that form",
        "You may have logged in or out in another tab meanwhile, or the form was open for very long, or cookies aren’t "
        "allowed. Go back, reload the page and send it again.",
        again=request.path if is_confirmation(request) else "",
    )


def is_confirmation(request) -> bool:
    """The link of a mail, confirmed in another tab: its page says what became of it and leads on."""
    return request.resolver_match is not None and request.resolver_match.url_name == "account_confirm_email"


def too_many_requests(request, exception=None):
    response = error_page(
        request, 429, "That was too often", "Please wait a few minutes, then try again. Nothing you have kept is lost."
    )
    response.headers.setdefault("Retry-After", "300")
    return response


def error_page(request: HttpRequest, status: int, title: str, message: str, *, again: str = "") -> HttpResponse:
    """`again` is the address of a page that may be opened anew."""
    context = {"status": status, "heading": title, "message": message, "again": again}
    return render(request, "error.html", context, status=status)
