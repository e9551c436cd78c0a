"""Requests that no page has an answer to are refused before one is looked for."""

from django.core.exceptions import BadRequest
from django.http import HttpResponseNotAllowed
from django.urls import reverse

KNOWN = ("GET", "HEAD", "OPTIONS", "POST")


class KnownMethodsMiddleware:
    """Refuses every other method: Django's own form views take PUT for POST, and its admin takes any for GET."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in KNOWN:
            return HttpResponseNotAllowed(KNOWN)
        return self.get_response(request)


class ReadableAddressMiddleware:
    """Refuses a NUL, which PostgreSQL takes in no text: in the path of any page, in the query of the staff's lists.

    Pages for everybody say at the field what is wrong. Last, to show a whole page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or (is_for_staff(request) and "%00" in request.META["QUERY_STRING"]):
            raise BadRequest
        return self.get_response(request)


def is_for_staff(request) -> bool:
    return request.path.startswith(reverse("admin:index"))
