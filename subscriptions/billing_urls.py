from django.urls import path

from subscriptions import billing_pages as pages

app_name = "billing"
urlpatterns = [
    path("", pages.home, name="home"),
    path("checkout/", pages.check_out, name="check-out"),
    path("checkout/<uuid:attempt_id>/return/", pages.returned, name="returned"),
    path("checkout/<uuid:attempt_id>/cancelled/", pages.given_up, name="given-up"),
    path("portal/", pages.portal, name="portal"),
    path("portal/return/", pages.portal_return, name="portal-return"),
    path("card/", pages.card, name="card"),
    path("payment/", pages.pay, name="pay"),
    path("cancellation/", pages.cancel, name="cancel"),
    path("resumption/", pages.resume, name="resume"),
    path("interval/", pages.switch, name="switch"),
    path("invoices/", pages.invoices, name="invoices"),
]
