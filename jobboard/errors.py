"""Pages for what goes wrong, each with a next step. 500.html is drawn by Django itself and needs nothing of ours."""

from django.conf import settings
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
    """What was typed isn't lost: it can be sent again, with the token that counts since the log-in."""
    title = "We didn’t act on that form"
    why = "You may have logged in or out in another tab meanwhile, or the form was open for very long"
    if is_confirmation(request):
        return error_page(request, 403, title, f"{why}.", again=request.path)
    if not may_be_sent_again(request):
        how = "or cookies aren’t allowed. Go back, reload the page and send it again."
        return error_page(request, 403, title, f"{why}, {how}")
    who = f"as {request.user.email}" if request.user.is_authenticated else "without being logged in"
    message = f"{why}. What you filled in is kept here: send it again now, {who}."
    if settings.CSRF_COOKIE_NAME not in request.COOKIES:
        message += " Should this page come back, allow cookies for this site."
    response = error_page(request, 403, title, message, unsent=fields_sent(request))
    # Some forms lead on to another site, such as an employer's or Stripe.
    response.csp_policy = settings.SECURE_CSP | {"form-action": ["'self'", "https:", "http:"]}
    return response


def may_be_sent_again(request) -> bool:
    """Only a form of ours: another site's must not become one click away. No page repeats a password or a file."""
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    has_token = "csrfmiddlewaretoken" in request.POST
    return is_ours and has_token and not request.FILES and not any("password" in name for name in request.POST)


def fields_sent(request) -> list[tuple[str, str]]:
    sent = request.POST.lists()
    return [(name, value) for name, values in sent if name != "csrfmiddlewaretoken" for value in values]


def is_confirmation(request) -> bool:
    """The link of a mail, confirmed in another tab: its page says what became of it and leads on."""
    return request.resolver_match is not None and request.resolver_match.url_name == "account_confirm_email"


def too_many_requests(request, exception=None):
    response = error_page(
        request, 429, "That was too often", "Please wait a few minutes, then try again. Nothing you have kept is lost."
    )
    response.headers.setdefault("Retry-After", "300")
    return response


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    message: str,
    *,
    again: str = "",
    unsent: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    """`again` is the address of a page that may be opened anew, `unsent` the fields of a form to send once more."""
    context = {"status": status, "heading": title, "message": message, "again": again, "unsent": unsent}
    return render(request, "error.html", context, status=status)
