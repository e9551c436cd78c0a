"""The methods that any page of ours has an answer to."""

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
