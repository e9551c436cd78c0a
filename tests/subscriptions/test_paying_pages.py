"""The pages about paying together with Stripe, for which the sandbox stands; tests/journey drives them in a browser."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from subscriptions.entitlements import plan_of
from subscriptions.models import CheckoutAttempt, Customer, PlanChange
from subscriptions.plans import FREE, PLUS
from subscriptions.templatetags.prices import money

HOME, CHECKOUT, SWITCH = "/account/billing/", "/account/billing/checkout/", "/account/billing/interval/"
AWAY = "Our payment provider, Stripe, doesn’t answer just now."


def text(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def charged(stripe) -> list[int]:
    return sorted(charge["amount"] for charge in stripe.state()["charge"].values() if charge["paid"])


@pytest.fixture
def confirmed(seeker):
    seeker.trust_email()
    return seeker


def test_one_click_leads_to_stripes_page_and_a_second_tab_to_the_same(stripe, confirmed, seeker_client):
    answers = [seeker_client.post(CHECKOUT, {"interval": "year"}) for _ in range(2)]

    attempt = CheckoutAttempt.objects.get()
    assert [answer.url for answer in answers] == [attempt.url] * 2
    assert (attempt.interval, attempt.url.startswith(stripe.address)) == ("year", True)


def test_back_from_stripe_the_page_knows_without_any_webhook(stripe, confirmed, seeker_client):
    seeker_client.post(CHECKOUT, {"interval": "month"})
    attempt = CheckoutAttempt.objects.get()
    stripe.pay(attempt.session_id)

    page = seeker_client.get(f"{CHECKOUT}{attempt.pk}/return/")

    assert "Welcome to Openings+" in text(page)
    assert re.search(r"\$8 will be charged on \d+ \w+ \d{4}, from your Visa ending in 4242\.", text(page))


def test_a_page_opened_before_paying_says_that_nothing_was_paid(stripe, confirmed, seeker_client):
    seeker_client.post(CHECKOUT, {"interval": "month"})
    attempt = CheckoutAttempt.objects.get()

    assert "Nothing was paid" in text(seeker_client.get(f"{CHECKOUT}{attempt.pk}/return/"))


def test_while_stripe_is_away_the_plans_say_so_and_nothing_is_lost(stripe, confirmed, seeker_client):
    with stripe.down():
        away = seeker_client.post(CHECKOUT, {"interval": "month"}, follow=True)
    again = seeker_client.post(CHECKOUT, {"interval": "month"})

    assert (away.redirect_chain, AWAY in text(away)) == ([("/plans/", 302)], True)
    assert again.url == CheckoutAttempt.objects.open().get().url


def test_back_from_stripe_while_it_is_away_the_page_says_not_to_pay_again(stripe, buy, seeker, seeker_client):
    attempt = buy(seeker)

    with stripe.down():
        page = seeker_client.get(f"{CHECKOUT}{attempt.pk}/return/")

    assert "We are waiting for word of your payment" in text(page)
    assert "don’t pay again" in text(page)


def test_cancelling_keeps_plus_to_the_end_and_resuming_takes_it_back(stripe, subscribe, seeker, seeker_client):
    subscribe(seeker)

    cancelled = seeker_client.post("/account/billing/cancellation/", follow=True)
    resumed = seeker_client.post("/account/billing/resumption/", follow=True)

    assert re.search(r"Cancelled\. You keep Openings\+ until \d+ \w+ \d{4}\.", text(cancelled))
    assert "You have cancelled: Openings+ ends on" in text(cancelled)
    assert "It renews each month until you cancel" in text(resumed)
    assert plan_of(seeker) == PLUS


def test_from_years_to_months_the_pages_say_what_the_credit_pays(stripe, subscribe, seeker, seeker_client):
    subscribe(seeker, "year")

    preview = seeker_client.get(SWITCH, {"to": "month"})
    seeker_client.post(SWITCH, {"to": "month", "priced_at": preview.context["priced_at"]})
    home, cancel = seeker_client.get(HOME), seeker_client.get("/account/billing/cancellation/")

    credit = money(preview.context["preview"].credit, "usd")
    assert re.search(r"charged today\. Nothing is charged on [^.]+ either: your credit covers it\.", text(preview))
    assert f"Credit for what comes{credit}" in text(preview)
    assert f": your credit of {credit} covers it." in text(home)
    assert f"Your credit of {credit} isn’t paid out" in text(cancel)


@pytest.mark.parametrize("page", ["cancellation/", "resumption/", "card/"])
def test_a_change_while_stripe_is_away_says_so_and_changes_nothing(stripe, subscribe, seeker, seeker_client, page):
    subscribe(seeker)

    with stripe.down():
        answer = seeker_client.post(HOME + page, follow=True)

    expected = "There is nothing to change" if page == "resumption/" else AWAY
    assert (answer.redirect_chain, expected in text(answer)) == ([(HOME, 302)], True)
    assert not seeker.billing.subscriptions.get().is_cancelling


def test_the_price_of_paying_by_the_year_is_shown_first_and_is_what_is_charged(
    stripe, subscribe, seeker, seeker_client
):
    subscribe(seeker)
    page = seeker_client.get(SWITCH, {"to": "year"})
    shown = page.context["preview"].due_now
    form = {"to": "year", "priced_at": page.context["priced_at"]}

    answers = [seeker_client.post(SWITCH, form, follow=True) for _ in range(2)]

    assert 7000 < shown < 8000
    assert charged(stripe) == sorted([800, shown])
    assert "Openings+ is paid by the year from now on." in text(answers[0])
    assert "There is nothing to change" in text(answers[1])


@pytest.mark.parametrize("priced_at", ["", "never", "1", "99999999999999999999"])
def test_a_price_that_was_not_shown_just_now_is_shown_anew(stripe, subscribe, seeker, seeker_client, priced_at):
    subscribe(seeker)

    answer = seeker_client.post(SWITCH, {"to": "year", "priced_at": priced_at})

    assert (answer.url, charged(stripe)) == (f"{SWITCH}?to=year", [800])


def test_when_the_bank_asks_again_the_page_says_where_to_confirm(stripe, subscribe, seeker, seeker_client):
    subscribe(seeker, card="4000002760003184")
    page = seeker_client.get(SWITCH, {"to": "year"})

    answer = seeker_client.post(SWITCH, {"to": "year", "priced_at": page.context["priced_at"]})

    assert "nothing is charged and nothing has changed yet" in text(answer)
    assert f'href="{stripe.address}/p/session/' in answer.content.decode()
    assert charged(stripe) == [800]


def test_each_payment_has_an_invoice_as_pdf(stripe, subscribe, seeker, seeker_client):
    subscribe(seeker)

    page = seeker_client.get("/account/billing/invoices/")

    (invoice,) = page.context["invoices"]
    assert (invoice.total, invoice.status) == (800, "paid")
    assert f'href="{invoice.pdf}"' in page.content.decode()


def test_the_list_of_invoices_says_when_stripe_is_away(stripe, subscribe, seeker, seeker_client):
    subscribe(seeker)

    with stripe.down():
        page = seeker_client.get("/account/billing/invoices/")

    assert (page.status_code, AWAY in text(page), "Try again" in text(page)) == (200, True, True)


def test_pay_now_leads_to_the_bill_and_the_banner_goes_once_it_is_paid(stripe, subscribe, seeker, seeker_client):
    subscription = subscribe(seeker)
    spoil_card(stripe, subscription)
    stripe.age(days=31)
    seeker_client.get("/account/billing/portal/return/")
    banner = "Your payment of $8 for Openings+ failed."
    before = text(seeker_client.get("/"))

    bill = seeker_client.get("/account/billing/payment/")
    api = stripe.client().v1
    (invoice,) = api.invoices.list({"status": "open"}).data
    api.invoices.pay(invoice.id, {"payment_method": good_card(api, subscription)})
    seeker_client.get("/account/billing/portal/return/")

    assert (banner in before, urlsplit(bill.url).netloc) == (True, urlsplit(stripe.address).netloc)
    assert banner not in text(seeker_client.get("/"))


def spoil_card(stripe, subscription):
    api = stripe.client().v1
    customer = subscription.customer.stripe_id
    card = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer}).id
    api.subscriptions.update(subscription.pk, {"default_payment_method": card})


def good_card(api, subscription) -> str:
    return api.payment_methods.attach("pm_card_visa", {"customer": subscription.customer.stripe_id}).id


def test_staff_ask_stripe_and_refund_with_the_log_naming_them(stripe, buy, seeker, admin, admin_client):
    buy(seeker)
    customer = Customer.objects.get(user=seeker)

    admin_client.post(reverse("admin:subscriptions_customer_sync", args=[customer.pk]))
    known = plan_of(seeker)
    page = admin_client.post(
        reverse("admin:subscriptions_customer_refund", args=[customer.pk]), {"reason": "by mistake"}, follow=True
    )

    assert (known, plan_of(seeker)) == (PLUS, FREE)
    assert "$8 is given back and the subscription has ended." in text(page)
    refund = PlanChange.objects.get(kind="refunded")
    assert (refund.actor, refund.cause, refund.amount) == (admin, "by mistake", 800)


def test_staff_hear_that_stripe_is_away(stripe, buy, seeker, admin_client):
    buy(seeker)
    customer = Customer.objects.get(user=seeker)

    with stripe.down():
        page = admin_client.post(reverse("admin:subscriptions_customer_sync", args=[customer.pk]), follow=True)

    assert AWAY in text(page)


def test_more_than_five_checkouts_within_an_hour_are_refused_with_a_sentence(stripe, confirmed, seeker_client):
    now = timezone.now()
    for _ in range(5):
        attempt = CheckoutAttempt.objects.create(user=confirmed, interval="month", price_id="p", created_at=now)
        attempt.close("expired", now)

    page = seeker_client.post(CHECKOUT, {"interval": "month"}, follow=True)

    assert "You have begun to pay several times within an hour." in text(page)
