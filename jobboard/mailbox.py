"""Development only: the mails that the site has sent, and the codes that the sample staff confirm their login with."""

import time
from pathlib import Path

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from jobboard.mail_sink import kept_mails, read

LONGEST_NAME = 200
SHOWN_IN_A_FRAME = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["'self'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
}


@require_safe
@never_cache
def mailbox(request):
    mails = [summary(name, message) for name, message in kept_mails(settings.DATA_DIR / "mail")]
    return render(request, "dev/mailbox.html", {"mails": mails, "codes": staff_codes()})


def summary(name, message) -> dict:
    headers = {"to": message["X-Delivered-To"], "subject": message["Subject"], "date": message["Date"].datetime}
    return {"name": name, **headers}


def staff_codes() -> list[tuple[str, str]]:
    """The present one-time code of each of the staff who has an authenticator app set up."""
    apps = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__is_staff=True).select_related("user")
    return [(app.user.email, code_of(app)) for app in apps.order_by("user__email")]


def code_of(app: Authenticator) -> str:
    return format_hotp_value(hotp_value(decrypt(app.data["secret"]), int(time.time()) // app_settings.TOTP_PERIOD))


@require_safe
@never_cache
def mail(request, name):
    message = read(mail_file(name))
    text = message.get_body(("plain",))
    context = summary(name, message) | {
        "headers": [(key, value) for key, value in message.items() if key != "X-Delivered-To"],
        "text": text.get_content() if text else "",
        "has_html": message.get_body(("html",)) is not None,
    }
    response = render(request, "dev/mail.html", context)
    response.csp_policy = settings.SECURE_CSP | {"frame-src": ["'self'"]}
    return response


@require_safe
@never_cache
@xframe_options_sameorigin
def mail_html(request, name):
    """The mail's HTML alone, for the frame on its page; links open in the window around it."""
    body = read(mail_file(name)).get_body(("html",))
    if body is None:
        raise Http404
    response = HttpResponse(body.get_content().replace("<head>", '<head><base target="_top">', 1))
    response.csp_policy = SHOWN_IN_A_FRAME
    return response


def mail_file(name: str) -> Path:
    file = settings.DATA_DIR / "mail" / f"{name}.eml"
    # A longer name than the file system takes is an error there, not a missing file.
    if len(name) > LONGEST_NAME or not file.is_file():
        raise Http404
    return file
