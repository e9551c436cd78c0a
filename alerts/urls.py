from django.urls import path

from alerts.views import feeds, keeping, mails, own, reasons, tokens

app_name = "alerts"
urlpatterns = [
    path("", own.alerts, name="list"),
    path("new/", keeping.new, name="new"),
    path("staying/", own.staying, name="staying"),
    path("preview/", keeping.preview, name="preview"),
    path("why/", reasons.why, name="why"),
    path("<int:pk>/", own.edit, name="edit"),
    path("<int:pk>/preview/", own.edit_preview, name="edit_preview"),
    path("<int:pk>/pause/", own.pause, name="pause"),
    path("<int:pk>/resumption/", own.resume, name="resume"),
    path("<int:pk>/deletion/", own.delete, name="delete"),
    path("<int:pk>/deletion/undo/", own.undo, name="undo"),
    path("<int:pk>/less/<int:job_pk>/", own.less, name="less"),
    path("<int:pk>/feed/", feeds.draw, name="draw_feed"),
    path("<int:pk>/feed/removal/", feeds.end, name="end_feed"),
    path("feed/<int:pk>/<str:signature>/<slug:form>/", feeds.feed, name="feed"),
    path("<int:pk>/test/", own.test, name="test"),
    path("<int:pk>/place/", own.place, name="place"),
    path("<int:pk>/place/<int:other_pk>/", own.swap, name="swap"),
    path("mail/weekly/", own.slow_down, name="slow_down"),
    path("mail/pace/", own.keep_pace, name="keep_pace"),
    path("mail/resumption/", own.resume_mail, name="resume_mail"),
    path("mails/<int:pk>/<str:signature>/", mails.mail, name="mail"),
    path("requested/", keeping.requested, name="requested"),
    path("confirmation/<str:token>/", keeping.confirm, name="confirm"),
    path("account/", keeping.finish_account, name="finish_account"),
    path("opened/<int:digest_id>/<int:job_id>/<str:signature>/", tokens.open_job, name="open_job"),
    path("unsubscribe/<slug:what>/<str:signature>/", tokens.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<slug:what>/<str:signature>/weekly/", tokens.weekly_instead, name="weekly_instead"),
    path("unsubscribe/<slug:what>/<str:signature>/break/", tokens.short_pause, name="short_pause"),
    path("unsubscribe/<slug:what>/<str:signature>/reason/", tokens.say_why, name="say_why"),
    path("unsubscribe/<slug:what>/<str:signature>/all/", tokens.unsubscribe_all, name="unsubscribe_all"),
]
