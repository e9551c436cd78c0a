"""The admin: one door (allauth's login with a second factor) and models in the order of staff's work."""

from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

# Sections of the front page and the side bar; a model that isn't named here appears under "More".
SECTIONS = [
    ("Jobs", ["jobs.job", "jobs.company", "jobs.category", "jobs.region", "jobs.exchangerate"]),
    ("Moderation", ["jobs.jobreport"]),
    ("Import", ["sources.importrun", "sources.source"]),
    ("Guides", ["careers.guide", "careers.skill", "careers.contributor", "careers.platform"]),
    ("Alerts", ["alerts.alert", "alerts.digest", "alerts.suppression"]),
    ("People", ["accounts.user", "auth.group", "account.emailaddress", "usersessions.usersession"]),
    ("Plans", ["subscriptions.complimentaryplus", "subscriptions.plansettings"]),
]


class BoardAdminSite(AdminSite):
    site_header = f"{settings.SITE_NAME} staff"
    site_title = f"{settings.SITE_NAME} staff"
    index_title = "What needs me now?"
    enable_nav_sidebar = True

    def has_permission(self, request):
        return super().has_permission(request) and has_second_factor(request.user)

    @never_cache
    def login(self, request, extra_context=None):
        """Send a visitor to log in, staff without a second factor to set one up, anybody else away."""
        if not request.user.is_authenticated:
            return redirect(
                f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: self.page_asked_for(request)})}"
            )
        if not super().has_permission(request):
            raise PermissionDenied
        if not has_second_factor(request.user):
            messages.warning(request, "Staff need a second factor: add an authenticator app or a passkey first.")
            return redirect("mfa_index")
        return redirect(self.page_asked_for(request))

    def page_asked_for(self, request) -> str:
        page = request.GET.get(REDIRECT_FIELD_NAME, "")
        is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
        return page if is_ours else reverse("admin:index")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        return apps if app_label else in_sections(apps)


def has_second_factor(user) -> bool:
    """Whether the person has an authenticator app or a passkey; recovery codes alone don't count. One query."""
    return is_mfa_enabled(user, types=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def in_sections(apps: list[dict]) -> list[dict]:
    """The models of Django's own list by app, put into SECTIONS; sections that a person may not see are left out."""
    models = {model["model"]._meta.label_lower: model for app in apps for model in app["models"]}
    sections = [(name, [models.pop(label) for label in labels if label in models]) for name, labels in SECTIONS]
    sections.append(("More", sorted(models.values(), key=lambda model: model["name"])))
    return [section(name, found) for name, found in sections if found]


def section(name: str, models: list[dict]) -> dict:
    return {"name": name, "app_label": name.lower(), "app_url": "", "has_module_perms": True, "models": models}
