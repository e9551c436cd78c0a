"""Paying for Plus in real Chromium against the whole running site, with the sandbox in Stripe's place.

One site for all of it, and two people: Nell buys, changes her mind and leaves; Owen's card stops paying.
"""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.journey.test_journey import PASSWORD, arrived_mail

pytestmark = pytest.mark.xdist_group("up")

GOOD, DECLINED, THREE_D_SECURE, PAYS_NOTHING = (
    "4242424242424242", "4000000000000002", "4000002500003155", "4000000000000341",
)  # fmt: skip
PATIENCE = 60  # seconds until a worker has heard of what Stripe says
BILLING = "/account/billing/"
ALERTS = 10


def sign_up_for_plus(page, mailbox, email):
    """From the plans page over the confirmed address back to the plans page."""
    page.goto("/plans/")
    page.get_by_role("link", name="Get Openings+ for $8 a month").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()
    mail = arrived_mail(mailbox, to=email, subject="")
    page.goto(mail.locator("pre a").filter(has_text="confirm-email").get_attribute("href"))
    page.get_by_role("button", name="Yes, confirm").click()
    expect(page.get_by_role("link", name="Log in")).to_have_count(0)


def get_plus(page, interval="monthly"):
    page.goto(f"/plans/?paid={interval}")
    page.get_by_role("button", name=re.compile(r"^Get Openings\+ for")).click()
    expect(page.get_by_role("button", name="Subscribe")).to_be_visible()


def type_card(page, number):
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry (MM / YY)").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("N. Body")


def pay_with(page, number):
    type_card(page, number)
    page.get_by_role("button", name="Subscribe").click()


def see(page, words):
    """The billing page says so, at the latest once a worker has asked Stripe."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        page.goto(BILLING)
        if page.locator("main").get_by_text(words).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{words!r} never came: {page.locator('main').inner_text()}")


def charges(sandbox, email) -> list[int]:
    """Cents of each charge of theirs that went through."""
    state = sandbox.state()
    customers = {one["id"] for one in state["customer"].values() if one["email"] == email}
    return sorted(one["amount"] for one in state["charge"].values() if one["customer"] in customers and one["paid"])


def running_subscriptions(sandbox, email) -> list[str]:
    state = sandbox.state()
    customers = {one["id"] for one in state["customer"].values() if one["email"] == email}
    mine = (one for one in state["subscription"].values() if one["customer"] in customers)
    return [one["status"] for one in mine if one["status"] not in ("canceled", "incomplete_expired")]


def test_buying_changing_and_leaving(window, payments):
    page, mailbox = window(), window()
    sign_up_for_plus(page, mailbox, "nell@example.com")

    # A card that is declined leaves everything as it was, and the same page takes the next card.
    get_plus(page)
    pay_with(page, DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", name="Nothing was charged")).to_be_visible()
    assert charges(payments, "nell@example.com") == []

    # The bank asks; afterwards the page knows at once, without waiting for any event.
    page.get_by_role("button", name="Pay $8 a month after all").click()
    pay_with(page, THREE_D_SECURE)
    page.get_by_role("button", name="Complete authentication").click()
    expect(page.get_by_role("heading", name="Welcome to Openings+")).to_be_visible()
    expect(page.locator("main")).to_contain_text("0 of 10 alerts running")
    assert charges(payments, "nell@example.com") == [800]

    # Cancel, and take it back.
    page.goto(BILLING)
    page.get_by_role("link", name="Cancel Openings+").click()
    page.get_by_role("button", name="Cancel Openings+").click()
    expect(page.locator("main")).to_contain_text("You have cancelled: Openings+ ends on")
    expect(page.locator("main")).to_contain_text("Nothing more is charged.")
    page.get_by_role("button", name="Resume Openings+").click()
    expect(page.locator("main")).to_contain_text("It renews each month until you cancel")

    # Monthly to yearly: the price is shown first and is what is charged.
    page.get_by_role("link", name="Pay $80 a year instead").click()
    shown = page.get_by_role("button", name=re.compile(r"^Pay \$[\d.]+ now$")).inner_text()
    cents = round(float(re.search(r"[\d.]+", shown)[0]) * 100)
    page.get_by_role("button", name=shown).dblclick()
    expect(page.locator("main")).to_contain_text("Openings+, $80 a year")
    assert charges(payments, "nell@example.com") == sorted([800, cents])

    # Each payment has its invoice.
    page.get_by_role("link", name="Your invoices").click()
    expect(page.get_by_role("row")).to_have_count(3)
    pdf = page.get_by_role("link", name=re.compile("^PDF")).first.get_attribute("href")
    assert page.request.get(pdf).body().startswith(b"%PDF")

    # The account goes, and what it pays for goes first.
    page.goto("/account/deletion/")
    confirm_password(page)
    expect(page.locator("main")).to_contain_text("Your subscription to Openings+, $80 a year, is ended first")
    page.get_by_label("Yes, delete my account").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert running_subscriptions(payments, "nell@example.com") == []


def confirm_password(page):
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()


def test_a_card_that_stops_paying(window, payments):
    page, mailbox = window(), window()
    email = "owen@example.com"
    sign_up_for_plus(page, mailbox, email)

    # Two tabs, one page at Stripe, one charge.
    get_plus(page)
    second = page.context.new_page()
    get_plus(second)
    assert second.url == page.url
    pay_with(page, GOOD)
    expect(page.get_by_role("heading", name="Welcome to Openings+")).to_be_visible()
    second.goto("/plans/")
    expect(second.get_by_role("button", name=re.compile(r"^Get Openings\+"))).to_have_count(0)
    second.close()
    assert charges(payments, email) == [800]
    arrived_mail(mailbox, to=email, subject="You have Openings+")
    keep_ten_alerts(page)
    see(page, "10 of 10 alerts running")

    # The next charge fails: a banner with a date on every page, a mail, and Plus stays.
    change_card(page, PAYS_NOTHING)
    payments.age(days=31)
    see(page, "Your payment of $8 for Openings+ failed.")
    page.goto("/jobs/")
    banner = page.get_by_role("region", name="A payment is missing")
    expect(banner).to_contain_text(re.compile(r"Without a payment Openings\+ ends on \d+ \w+ \d{4} at the latest"))
    arrived_mail(mailbox, to=email, subject="Your payment for Openings+ failed")

    # Paid from the banner with another card.
    banner.get_by_role("link", name="Pay now").click()
    page.get_by_role("link", name="Pay with another card").click()
    type_card(page, GOOD)
    page.get_by_role("button", name="Pay").click()
    see(page, "It renews each month until you cancel")
    page.goto("/jobs/")
    expect(banner).to_have_count(0)
    assert charges(payments, email) == [800, 800]

    # Failed to the end: Free, one alert runs and nine are paused, none is gone.
    change_card(page, PAYS_NOTHING)
    payments.age(days=31)
    see(page, "Your payment of $8 for Openings+ failed.")
    payments.age(days=25)
    see(page, "1 of 1 alert running; 9 are paused until there is a place, none is deleted")
    expect(page.locator("main")).to_contain_text("Nothing is charged.")
    arrived_mail(mailbox, to=email, subject="You are on Free now")

    # And back.
    get_plus(page, "yearly")
    pay_with(page, GOOD)
    expect(page.get_by_role("heading", name="Welcome to Openings+")).to_be_visible()
    expect(page.locator("main")).to_contain_text("10 of 10 alerts running")
    assert charges(payments, email) == [800, 800, 8000]


def keep_ten_alerts(page):
    for number in range(ALERTS):
        page.goto(f"/alerts/new/?q=%22engineer+{number}%22")
        page.get_by_role("button", name="Keep alert").click()
        expect(page.get_by_text("The alert is kept and runs.")).to_be_visible()


def change_card(page, number):
    page.goto(BILLING)
    page.get_by_role("button", name="Change card").click()
    type_card(page, number)
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(re.compile(r"/account/billing/$"))
