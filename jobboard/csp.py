"""Content-Security-Policy with Django 6's setting name, so that its own middleware can replace this one later."""

from django.conf import settings


class ContentSecurityPolicyMiddleware:
    """Adds settings.SECURE_CSP to each answer, or what the view set as `response.csp_policy`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        policy = getattr(response, "csp_policy", settings.SECURE_CSP)
        response.headers.setdefault("Content-Security-Policy", header_value(policy))
        return response


def header_value(policy: dict[str, list[str]]) -> str:
    return "; ".join(" ".join([directive, *sources]) for directive, sources in policy.items())
