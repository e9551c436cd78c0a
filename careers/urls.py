from django.urls import path

from careers import feeds
from careers.views import comparison, guides, pictures, related_map, salary, skills

app_name = "careers"
urlpatterns = [
    path("", guides.index, name="index"),
    path("feed/", feeds.feed, name="feed"),
    path("map/", related_map.related_map, name="map"),
    path("compare/", comparison.compare, name="compare"),
    path("my-skills/", skills.my_skills, name="my_skills"),
    path("my-skills/marks/", skills.keep, name="keep_skills"),
    path("people/<slug:slug>/", guides.contributor, name="contributor"),
    path("preview/<str:token>/", guides.preview, name="preview"),
    path("<slug:slug>/", guides.guide, name="guide"),
    path("<slug:slug>/picture-<str:shape>.png", pictures.picture, name="picture"),
    path("<slug:slug>/salary/", salary.salary, name="salary"),
    path("<slug:slug>/salary/<slug:region>/", salary.salary, name="regional_salary"),
]
