"""What holds for every page: staff need a second factor and log in daily; account pages are nobody else's business."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from accounts.mfa import has_second_factor

STARTED, SEEN = "staff_session_started", "staff_session_seen"
# How exact "idle" is kept: writing the session at each request would cost an UPDATE each.
SEEN_EVERY = 60


class StaffSessionMiddleware:
    """Ends the session of staff eight hours after it began and after half an hour without a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if has_session(request) and request.user.is_authenticated and request.user.is_staff:
            if is_over(request.session, now=time.time()):
                logout(request)
                messages.info(request, "Staff log in again after a while. Please log in.")
                return redirect_to_login(request.get_full_path())
            note_presence(request.session, now=time.time())
        return self.get_response(request)


def has_session(request) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_over(session, now: float) -> bool:
    is_too_old = now - session.get(STARTED, now) > settings.STAFF_SESSION_AGE
    is_idle = now - session.get(SEEN, now) > settings.STAFF_SESSION_IDLE
    return is_too_old or is_idle


def note_presence(session, now: float) -> None:
    session.setdefault(STARTED, now)
    if now - session.get(SEEN, 0) > SEEN_EVERY:
        session[SEEN] = now


class StaffDoorMiddleware:
    """The admin's door: log in through the site's own page, be staff, have a second factor."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "admin" not in request.resolver_match.app_names:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise PermissionDenied
        if not has_second_factor(request.user):
            messages.warning(request, "Staff need a passkey or an authenticator app. Add one to enter the admin.")
            return redirect("mfa_index")
        return None


class AccountPagesMiddleware:
    """Account pages are kept by no search engine, keys in their addresses go to no other site, forms lead to logins.

    Not "no-referrer": with it browsers send `Origin: null` and Django's CSRF check refuses the form on the page.
    """

    ROUTES = ("account/", "accounts/")
    # Browsers hold a form's policy against the redirect that follows it too.
    LOGIN_HOSTS = {
        "google": "https://accounts.google.com",
        "github": "https://github.com",
        "openid_connect": "https://www.linkedin.com",
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.route.startswith(self.ROUTES):
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers["Referrer-Policy"] = "same-origin"
            policy = getattr(response, "csp_policy", settings.SECURE_CSP)
            response.csp_policy = policy | {"form-action": [*policy["form-action"], *self.login_hosts()]}
        return response

    def login_hosts(self):
        return [self.LOGIN_HOSTS[name] for name in settings.SOCIALACCOUNT_PROVIDERS]
