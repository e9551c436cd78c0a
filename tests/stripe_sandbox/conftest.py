import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Site(ThreadingHTTPServer):
    """Where the site would be: it shows a page for every address, and keeps what is posted to it."""

    daemon_threads = True
    status = 200

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SitePage)
        self.received = []  # (body, signature)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class SitePage(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>The site</title><h1>The site</h1>")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def site():
    with Site() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def api(sandbox):
    """Version 1 of the API, through the SDK."""
    return sandbox.client().v1


@pytest.fixture
def prices(api):
    """Monthly and yearly, of one product."""
    product = api.products.create({"name": "Openings Plus"})
    for name, amount, interval in [("plus_monthly", 800, "month"), ("plus_yearly", 8000, "year")]:
        api.prices.create(
            {
                "product": product.id, "currency": "usd", "unit_amount": amount, "lookup_key": name,
                "recurring": {"interval": interval},
            }
        )  # fmt: skip
    return {price.lookup_key: price for price in api.prices.list({"lookup_keys": ["plus_monthly", "plus_yearly"]})}


@pytest.fixture
def customer(api):
    return api.customers.create({"email": "sina@example.com", "name": "Sina Seeker"})


@pytest.fixture
def subscribe(api, prices, customer):
    """A subscription paid with the card of the token, without Checkout."""

    def begin(card="pm_card_visa", price="plus_monthly", **more):
        method = api.payment_methods.attach(card, {"customer": customer.id})
        return api.subscriptions.create(
            {
                "customer": customer.id,
                "items": [{"price": prices[price].id}],
                "default_payment_method": method.id,
                "off_session": True,
                **more,
            }
        )

    return begin


@pytest.fixture
def fail_later(api, customer):
    """From now on the subscription is charged to a card that was saved and pays nothing."""

    def change_card(subscription):
        method = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
        api.subscriptions.update(subscription.id, {"default_payment_method": method.id})

    return change_card


@pytest.fixture
def open_portal(api, prices, customer, site):
    def open_session(**more):
        product = prices["plus_monthly"].product
        configuration = api.billing_portal.configurations.create(
            {
                "features": {
                    "invoice_history": {"enabled": True},
                    "payment_method_update": {"enabled": True},
                    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "proration_behavior": "always_invoice",
                        "products": [{"product": product, "prices": [price.id for price in prices.values()]}],
                    },
                }
            }
        )
        return api.billing_portal.sessions.create(
            {"customer": customer.id, "configuration": configuration.id, "return_url": f"{site.url}/billing/", **more}
        )

    return open_session


@pytest.fixture
def open_checkout(api, prices, customer, site):
    def open_session(price="plus_monthly", **more):
        return api.checkout.sessions.create(
            {
                "mode": "subscription",
                "ui_mode": "hosted_page",
                "customer": customer.id,
                "line_items": [{"price": prices[price].id, "quantity": 1}],
                "success_url": f"{site.url}/done/?session={{CHECKOUT_SESSION_ID}}",
                "cancel_url": f"{site.url}/plans/",
                **more,
            }
        )

    return open_session
