"""Requests that no page has an answer to are refused before one is looked for, and what is typed comes in legible."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpResponseNotAllowed, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.characters import readable, unturned
from jobboard.errors import method_not_allowed

KNOWN = ("GET", "HEAD", "OPTIONS", "POST")


class KnownMethodsMiddleware:
    """Refuses every other method: Django's own form views take PUT for POST, and its admin takes any for GET."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in KNOWN:
            return HttpResponseNotAllowed(KNOWN)
        return self.get_response(request)


class HeadMiddleware:
    """Answers HEAD with the headers alone. Django leaves the body to the server, and gunicorn warns of each.

    First, so that the headers are those of the whole page, its length included.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "HEAD" and response.streaming:
            response.streaming_content = []
        elif request.method == "HEAD":
            response.content = b""
        return response


class ModestFormsMiddleware:
    """Refuses more than anybody types into a form, before it is read: a page says again what was typed.

    Only staff bring files and long texts. What programs post is no form.
    """

    MOST_BYTES = 256 * 1024
    FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_form = request.content_type in self.FORMS and not is_for_staff(request)
        if is_form and size_of_body(request) > self.MOST_BYTES:
            raise RequestDataTooBig


def size_of_body(request) -> int:
    """In bytes as the header says; of what is no number Django reads nothing."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


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


class NotAllowedPageMiddleware:
    """Gives people a page where a method isn't allowed; programs get the bare status and the methods that are."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        if "text/html" in request.headers.get("Accept", ""):
            page = method_not_allowed(request)
            page.headers["Allow"] = response.headers["Allow"]
            response = page
        patch_vary_headers(response, ["Accept"])
        return response


class LegibleInputMiddleware:
    """Takes characters that no page can show out of addresses and forms, once for every view, page and row.

    Not out of passwords, whose fields say at once what they refuse, nor on the staff's pages, where a text is kept as
    written or refused; what turns a line round is taken out of theirs, too. After the check for forgery, which reads
    forms first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.GET = cleaned(request.GET, readable)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method == "POST" and may_be_read(request, view):
            request.POST = cleaned(request.POST, unturned if is_for_staff(request) else readable)


def may_be_read(request, view) -> bool:
    """Whether reading the form leaves the bytes to the views that programs post to, as Stripe does."""
    return not getattr(view, "csrf_exempt", False) or request.content_type == "application/x-www-form-urlencoded"


def cleaned(query: QueryDict, clean: Callable[[str], str]) -> QueryDict:
    made = {name: values if "password" in name else list(map(clean, values)) for name, values in query.lists()}
    if made == dict(query.lists()):
        return query
    changed = query.copy()
    for name, values in made.items():
        changed.setlist(name, values)
    changed._mutable = False
    return changed
