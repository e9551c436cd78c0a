"""The hosted pages as a person meets them, in Chromium."""

import pytest


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def fill_card(page, number, *, button="Subscribe"):
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry (MM / YY)").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Sina Seeker")
    page.get_by_role("button", name=button).click()


def test_a_good_card_pays_and_leads_back(page, site, api, open_checkout):
    session = open_checkout()

    page.goto(session.url)
    fill_card(page, "4242 4242 4242 4242")

    assert page.url == f"{site.url}/done/?session={session.id}"
    assert api.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_declined_card_is_told_and_another_one_pays(page, site, open_checkout):
    page.goto(open_checkout().url)

    fill_card(page, "4000000000000002")
    told = page.get_by_role("alert").inner_text()
    fill_card(page, "4242424242424242")

    assert told == "Your card was declined."
    assert page.url.startswith(f"{site.url}/done/")


def test_a_failed_authentication_charges_nothing_and_a_passed_one_pays(page, site, api, customer, open_checkout):
    page.goto(open_checkout().url)

    fill_card(page, "4000002760003184")
    page.get_by_role("button", name="Fail authentication").click()
    told = page.get_by_role("alert").inner_text()
    unpaid = api.invoices.list({"customer": customer.id}).data
    fill_card(page, "4000002760003184")
    page.get_by_role("button", name="Complete authentication").click()

    assert told.startswith("We are unable to authenticate your payment method.")
    assert unpaid == []
    assert page.url.startswith(f"{site.url}/done/")
    assert [one.status for one in api.invoices.list({"customer": customer.id})] == ["paid"]


def test_a_promotion_code_makes_it_cheaper(page, site, api, open_checkout):
    coupon = api.coupons.create({"percent_off": 50, "duration": "once"})
    api.promotion_codes.create({"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon.id}})
    session = open_checkout(allow_promotion_codes=True)

    page.goto(session.url)
    page.get_by_label("Promotion code").fill("nonsense")
    page.get_by_role("button", name="Apply").click()
    told = page.get_by_text("This code is invalid.").count()
    page.get_by_label("Promotion code").fill("half")
    page.get_by_role("button", name="Apply").click()
    shown = page.get_by_text("$4.00").count()
    fill_card(page, "4242424242424242")

    paid = api.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (told, shown) == (1, 2)
    assert (paid.amount_total, paid.invoice.amount_paid) == (400, 400)


def test_what_is_wrong_is_told_at_the_field_and_what_was_typed_stays(page, site, open_checkout):
    page.goto(open_checkout().url)

    page.get_by_label("Name on card").fill("Sina Seeker")
    page.get_by_label("Card number").fill("4242424242424241")
    page.get_by_role("button", name="Subscribe").click()

    assert page.locator("#card_number-error").inner_text() == "Your card number is invalid."
    assert page.locator("#cvc-error").inner_text() == "Your card's security code is incomplete."
    assert page.get_by_label("Name on card").input_value() == "Sina Seeker"


def test_the_way_back_charges_nothing(page, site, api, open_checkout):
    page.goto(open_checkout().url)

    page.get_by_role("link", name="Back").click()

    assert page.url == f"{site.url}/plans/"
    assert api.subscriptions.list({"status": "all"}).data == []
