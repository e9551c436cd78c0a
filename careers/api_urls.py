from django.urls import path

from careers import api

app_name = "api"
urlpatterns = [
    path("guides", api.guides, name="guides"),
    path("guides/<slug:slug>", api.guide, name="guide"),
]
