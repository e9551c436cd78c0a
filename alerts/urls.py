from django.urls import path

from alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.alerts, name="list"),
    path("new/", views.new, name="new"),
    path("preview/", views.preview, name="preview"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resumption/", views.resume, name="resume"),
    path("<int:pk>/deletion/", views.delete, name="delete"),
    path("<int:pk>/deletion/undo/", views.undo, name="undo"),
    path("<int:pk>/place/", views.place, name="place"),
    path("<int:pk>/place/<int:other_pk>/", views.swap, name="swap"),
    path("mail/resumption/", views.resume_mail, name="resume_mail"),
    path("requested/", views.requested, name="requested"),
    path("confirmation/<str:token>/", views.confirm, name="confirm"),
    path("account/", views.finish_account, name="finish_account"),
    path("unsubscribe/<slug:what>/<str:signature>/", views.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<slug:what>/<str:signature>/weekly/", views.weekly_instead, name="weekly_instead"),
    path("unsubscribe/<slug:what>/<str:signature>/break/", views.short_pause, name="short_pause"),
    path("unsubscribe/<slug:what>/<str:signature>/all/", views.unsubscribe_all, name="unsubscribe_all"),
]
