"""The admin: models in the order of staff's work; who may come in is decided by the door of `accounts`."""

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from accounts.admin_keys import ChosenByKeys

# Sections of the front page and the side bar; a model that isn't named here appears under "More".
SECTIONS = [
    ("Jobs", ["jobs.job", "jobs.company", "jobs.category", "jobs.region", "jobs.exchangerate"]),
    ("Moderation", ["jobs.jobreport", "sources.heldlink"]),
    ("Import", ["sources.importrun", "sources.source"]),
    ("Guides", ["careers.guide", "careers.skill", "careers.contributor", "careers.platform", "careers.sourcelink"]),
    ("Alerts", ["alerts.alert", "alerts.digest", "alerts.suppression", "alerts.unsubscription"]),
    ("People", ["accounts.user", "auth.group", "account.emailaddress", "usersessions.usersession"]),
    ("Plans", ["subscriptions.complimentaryplus", "subscriptions.pricingpage"]),
    (
        "Payments",
        [
            "subscriptions.stafftask",
            "subscriptions.customer",
            "subscriptions.subscription",
            "subscriptions.planchange",
            "subscriptions.stripeevent",
        ],
    ),
]


# Secrets of people, and settings that come from the environment: nothing for staff to see or change.
NOT_SHOWN = {"mfa.authenticator", "socialaccount.socialaccount", "socialaccount.socialapp", "socialaccount.socialtoken"}


class BoardAdminSite(AdminSite):
    site_header = f"{settings.SITE_NAME} staff"
    site_title = f"{settings.SITE_NAME} staff"
    index_title = "What needs me now?"
    index_template = "admin/board_index.html"

    def index(self, request, extra_context=None):
        # Imported here: the front page reads models, and this module is loaded before there are any.
        from jobboard.dashboard import front_page

        return super().index(request, front_page(request.user) | (extra_context or {}))

    def register(self, model_or_iterable, admin_class=None, **options):
        """Leave out what isn't shown, and a library's own page for a model that we have a better one for."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        wanted = [model for model in models if model._meta.label_lower not in NOT_SHOWN]
        if admin_class and admin_class.__module__.startswith("allauth."):
            wanted = [model for model in wanted if not self.is_registered(model)]
        super().register(wanted, with_checked_keys(admin_class or ModelAdmin), **options)

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """Django's own form is never shown: the door of `accounts` lets only staff with a second factor come here."""
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


def with_checked_keys(admin_class: type[ModelAdmin]) -> type[ModelAdmin]:
    """Also of the libraries' own: each list takes the keys of chosen rows from a form."""
    return type(admin_class.__name__, (ChosenByKeys, admin_class), {"__module__": admin_class.__module__})


def in_sections(apps: list[dict]) -> list[dict]:
    """The models of Django's own list by app, put into SECTIONS; sections that a person may not see are left out."""
    models = {model["model"]._meta.label_lower: model for app in apps for model in app["models"]}
    sections = [(name, [models.pop(label) for label in labels if label in models]) for name, labels in SECTIONS]
    sections.append(("More", sorted(models.values(), key=lambda model: model["name"])))
    return [section(name, found) for name, found in sections if found]


def section(name: str, models: list[dict]) -> dict:
    return {"name": name, "app_label": name.lower(), "app_url": "", "has_module_perms": True, "models": models}
