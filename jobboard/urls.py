from django.contrib import admin
from django.urls import include, path

from jobboard import brand

urlpatterns = [
    path("", include("jobs.urls")),
    path("guides/", include("careers.urls")),
    path("alerts/", include("alerts.urls")),
    path("plans/", include("subscriptions.urls")),
    path("account/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("brand.css", brand.stylesheet, name="brand_stylesheet"),
    path("brand/logo", brand.logo, name="brand_logo"),
]
