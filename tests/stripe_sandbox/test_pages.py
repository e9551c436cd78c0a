"""The hosted pages as a person meets them, in Chromium."""

import pytest
from django.conf import settings


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def press(page, name, role="button"):
    """Presses what leads to another page, and waits until that is there whole: tests look without patience."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).click()


def fill_card(page, number, *, button="Subscribe"):
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry (MM / YY)").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Sina Seeker")
    press(page, button)


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
    press(page, "Fail authentication")
    told = page.get_by_role("alert").inner_text()
    unpaid = api.invoices.list({"customer": customer.id}).data
    fill_card(page, "4000002760003184")
    press(page, "Complete authentication")

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
    press(page, "Apply")
    told = page.get_by_text("This code is invalid.").count()
    page.get_by_label("Promotion code").fill("half")
    press(page, "Apply")
    shown = page.get_by_text("$4.00").count()
    fill_card(page, "4242424242424242")

    paid = api.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (told, shown) == (1, 2)
    assert (paid.amount_total, paid.invoice.amount_paid) == (400, 400)


def test_what_is_wrong_is_told_at_the_field_and_what_was_typed_stays(page, site, open_checkout):
    page.goto(open_checkout().url)

    page.get_by_label("Name on card").fill("Sina Seeker")
    page.get_by_label("Card number").fill("4242424242424241")
    press(page, "Subscribe")

    assert page.locator("#card_number-error").inner_text() == "Your card number is invalid."
    assert page.locator("#cvc-error").inner_text() == "Your card's security code is incomplete."
    assert page.get_by_label("Name on card").input_value() == "Sina Seeker"


def test_the_way_back_charges_nothing(page, site, api, open_checkout):
    page.goto(open_checkout().url)

    press(page, "Back", "link")

    assert page.url == f"{site.url}/plans/"
    assert api.subscriptions.list({"status": "all"}).data == []


def status_and_end(api, subscription):
    found = api.subscriptions.retrieve(subscription.id)
    return found.status, found.cancel_at is not None, found.cancel_at_period_end


def test_in_the_portal_a_subscription_is_cancelled_and_resumed(page, site, api, open_portal, subscribe):
    subscription = subscribe()

    page.goto(open_portal().url)
    press(page, "Cancel subscription", "link")
    press(page, "Confirm cancellation")
    cancelled = status_and_end(api, subscription)
    press(page, "Don't cancel subscription")
    resumed = status_and_end(api, subscription)
    press(page, "Return to", "link")

    assert (cancelled, resumed) == (("active", True, False), ("active", False, False))
    assert page.url == f"{site.url}/billing/"


def test_in_the_portal_one_switches_to_yearly(page, api, prices, open_portal, subscribe):
    subscription = subscribe()

    page.goto(open_portal().url)
    press(page, "Update subscription", "link")
    page.get_by_role("button", name="Continue").click()  # nothing is chosen: the browser says so
    page.get_by_label("Openings Plus, $80.00 / year").check()
    press(page, "Continue")
    shown = page.get_by_text("Amount due today").count()
    press(page, "Confirm")

    changed = api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert shown == 1
    assert changed.items.data[0].price.id == prices["plus_yearly"].id
    assert 7199 <= changed.latest_invoice.amount_paid <= 7300
    assert page.get_by_text("$80.00 / year").count() == 1


def test_a_switch_whose_card_is_declined_changes_nothing(page, api, prices, open_portal, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)

    page.goto(open_portal().url)
    press(page, "Update subscription", "link")
    page.get_by_label("Openings Plus, $80.00 / year").check()
    press(page, "Continue")
    press(page, "Confirm")

    assert page.get_by_role("alert").inner_text() == "Your card was declined."
    assert api.subscriptions.retrieve(subscription.id).items.data[0].price.id == prices["plus_monthly"].id


def test_a_flow_for_the_card_begins_at_its_page_and_leads_back(page, site, api, customer, open_portal, subscribe):
    subscription = subscribe()
    flow = {
        "type": "payment_method_update",
        "after_completion": {"type": "redirect", "redirect": {"return_url": f"{site.url}/billing/?card=new"}},
    }

    page.goto(open_portal(flow_data=flow).url)
    fill_card(page, "4000000000000002", button="Add")
    told = page.get_by_role("alert").inner_text()
    fill_card(page, "5555555555554444", button="Add")

    settings = api.customers.retrieve(
        customer.id, {"expand": ["invoice_settings.default_payment_method"]}
    ).invoice_settings
    assert told == "Your card was declined."
    assert page.url == f"{site.url}/billing/?card=new"
    assert settings.default_payment_method.card.brand == "mastercard"
    # The subscription's own card stays what it was: Stripe's habit.
    assert api.subscriptions.retrieve(subscription.id).default_payment_method == subscription.default_payment_method


def test_an_open_invoice_is_paid_on_its_page(page, sandbox, api, subscribe, fail_later):
    subscription = subscribe()
    fail_later(subscription)
    sandbox.advance_to(subscription.items.data[0].current_period_end + 7200)
    invoice = api.invoices.retrieve(api.subscriptions.retrieve(subscription.id).latest_invoice)

    page.goto(invoice.hosted_invoice_url)
    press(page, "Pay")
    told = page.get_by_role("alert").inner_text()
    press(page, "Pay with another card", "link")
    fill_card(page, "4242424242424242", button="Pay")

    assert told == "Your card was declined."
    assert page.get_by_text("Paid on").count() == 1
    assert api.subscriptions.retrieve(subscription.id).status == "active"
    assert page.request.get(invoice.invoice_pdf).body().startswith(b"%PDF-1.4")


def test_a_stranger_finds_neither_invoice_nor_portal(page, api, subscribe):
    invoice = api.invoices.retrieve(subscribe().latest_invoice)

    wrong = invoice.hosted_invoice_url.rpartition("/")[0] + "/guessed"

    assert page.request.get(wrong).status == 404
    assert page.request.get(wrong.partition("/i/")[0] + "/p/session/guessed").status == 404


def test_saving_a_card_charges_nothing(page, site, api, customer, open_checkout):
    session = api.checkout.sessions.create(
        {
            "mode": "setup",
            "currency": "usd",
            "customer": customer.id,
            "success_url": f"{site.url}/saved/?session={{CHECKOUT_SESSION_ID}}",
        }
    )

    page.goto(session.url)
    fill_card(page, "4000002500003155", button="Save card")
    press(page, "Complete authentication")

    done = api.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert page.url == f"{site.url}/saved/?session={session.id}"
    assert (done.status, done.setup_intent.status) == ("complete", "succeeded")
    assert api.payment_methods.retrieve(done.setup_intent.payment_method).customer == customer.id
    assert api.charges.list().data == []


def test_a_second_tab_of_a_paid_session_is_told_so_and_charges_nothing(page, api, customer, open_checkout):
    session = open_checkout()
    other = page.context.new_page()
    page.goto(session.url)
    other.goto(session.url)

    fill_card(page, "4242424242424242")
    fill_card(other, "4242424242424242")

    assert len(api.charges.list({"customer": customer.id}).data) == 1
    assert other.url == page.url


def test_a_month_passes_at_the_press_of_a_button(page, sandbox, api, subscribe):
    subscription = subscribe()

    page.goto(f"{sandbox.address}/")
    press(page, "A month")

    # By the calendar's chance the next invoice is a draft already, which is paid an hour later.
    invoices = api.invoices.list({"subscription": subscription.id, "status": "paid"})
    assert [one.amount_paid for one in invoices] == [800, 800]
    assert page.get_by_text("active, period ends").count() == 1


def test_how_webhooks_arrive_is_chosen_on_the_first_page(page, sandbox, api, site):
    sandbox.deliver_to(f"{site.url}/webhook/")

    page.goto(f"{sandbox.address}/")
    page.get_by_label("dropped").check()
    press(page, "Set")
    api.customers.create({"name": "Sina"})
    sandbox.wait_for_webhooks()

    assert page.get_by_label("dropped").is_checked()
    assert (site.received, [one["words"] for one in sandbox.deliveries()]) == ([], ["dropped"])


AXE = (settings.BASE_DIR / "tests" / "vendor" / "axe.min.js").read_text()


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (360, "dark"), (1280, "light")])
def test_every_page_is_accessible_fits_and_keeps_its_policy(
    chromium, sandbox, api, open_checkout, open_portal, subscribe, width, theme
):
    subscription = subscribe()
    portal, open_session, done = open_portal().url, open_checkout(allow_promotion_codes=True), open_checkout()
    done_url = done.url
    sandbox.pay(done.id)
    yearly = api.prices.list({"lookup_keys": ["plus_yearly"]}).data[0].id
    own = f"{portal}/subscriptions/{subscription.id}"
    addresses = [
        open_session.url,
        done_url,
        portal,
        f"{portal}/payment-method",
        f"{own}/cancel",
        f"{own}/update",
        f"{own}/update/{yearly}",
        api.invoices.retrieve(subscription.latest_invoice).hosted_invoice_url,
        f"{sandbox.address}/",
        f"{sandbox.address}/nowhere",
    ]
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))

    for address in addresses:
        page.goto(address)
        if address == open_session.url:
            press(page, "Subscribe")  # with each field's error
        found = page.evaluate(f"{AXE}; axe.run().then(found => found.violations.map(one => one.id))")
        too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (found, too_wide, page.get_by_text("No real payment is made here").count()) == ([], False, 1), address
    context.close()

    # That a field was refused and that a page isn't there, which the browser notes, is what was asked for.
    assert [one for one in complaints if "Failed to load resource" not in one] == []
