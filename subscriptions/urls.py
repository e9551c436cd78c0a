from django.urls import path

from subscriptions import views

app_name = "subscriptions"
urlpatterns = [
    path("", views.plans, name="plans"),
    path("development/plus/", views.switch_to_plus, name="switch-to-plus"),
    path("development/free/", views.switch_to_free, name="switch-to-free"),
]
