from django.urls import path

from careers import feeds, views

app_name = "careers"
urlpatterns = [
    path("", views.index, name="index"),
    path("feed/", feeds.feed, name="feed"),
    path("people/<slug:slug>/", views.contributor, name="contributor"),
    path("preview/<str:token>/", views.preview, name="preview"),
    path("<slug:slug>/", views.guide, name="guide"),
]
