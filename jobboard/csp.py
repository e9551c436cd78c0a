"""Content-Security-Policy with Django 6's setting name, so that its own middleware can replace this one later."""

import secrets

from django.conf import settings
from django.utils.functional import SimpleLazyObject


class ContentSecurityPolicyMiddleware:
    """Adds the policy to each answer; `request.csp_nonce` stands where the policy says NONCE."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.csp_nonce = SimpleLazyObject(lambda: secrets.token_urlsafe(16))
        response = self.get_response(request)
        policy = getattr(response, "csp_policy", settings.SECURE_CSP)
        response.headers.setdefault("Content-Security-Policy", header_value(policy))
        return response


def header_value(policy: dict[str, list[str]]) -> str:
    return "; ".join(" ".join([directive, *sources]) for directive, sources in policy.items())
