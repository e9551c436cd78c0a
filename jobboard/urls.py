from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

from accounts import views as account_views
from jobboard import brand, components, health, mailbox, views
from jobboard.sitemaps import SITEMAPS
from subscriptions import webhooks

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("jobs.urls")),
    path("guides/", include("careers.urls")),
    path("api/v1/", include("careers.api_urls")),
    path("alerts/", include("alerts.urls")),
    path("plans/", include("subscriptions.urls")),
    path("stripe/webhook/", webhooks.receive, name="stripe_webhook"),
    path("account/billing/", include("subscriptions.billing_urls")),
    path("account/", include("accounts.urls")),
    # These four before allauth's own.
    path("accounts/sessions/", account_views.sessions, name="usersessions_list"),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        account_views.ConfirmEmailView.as_view(),
        name="account_confirm_email",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.PasswordResetFromKeyView.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/login/code/confirm/",
        account_views.ConfirmLoginCodeView.as_view(),
        name="account_confirm_login_code",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("dev/components/", components.components, name="components"),
    path("brand.css", brand.stylesheet, name="brand_stylesheet"),
    path("brand/logo", brand.logo, name="brand_logo"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemaps, name="sitemaps"),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

mailbox_patterns = [
    path("dev/mailbox/", mailbox.mailbox, name="mailbox"),
    path("dev/mailbox/<slug:name>/", mailbox.mail, name="mailbox-mail"),
    path("dev/mailbox/<slug:name>/html/", mailbox.mail_html, name="mailbox-mail-html"),
]
if settings.DEVELOPMENT:
    urlpatterns += mailbox_patterns

handler400 = "jobboard.errors.bad_request"
handler403 = "jobboard.errors.forbidden"
handler404 = "jobboard.errors.not_found"
handler429 = "jobboard.errors.too_many_requests"
