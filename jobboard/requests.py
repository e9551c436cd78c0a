"""Requests that no page has an answer to are refused before one is looked for."""

from django.core.exceptions import BadRequest
from django.http import HttpResponseNotAllowed

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
    """Refuses a NUL in the path: no address of ours has one, and PostgreSQL takes none. Last, to show a whole page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path:
            raise BadRequest
        return self.get_response(request)
