from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.urls import reverse

from subscriptions import stripe_gateway as gateway
from subscriptions.plans import PLUS, billing_is_on
from subscriptions.stripe_values import StripeTrouble


class Command(BaseCommand):
    help = "Makes what is needed at Stripe: product, prices, portal and where events go. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--webhook-url", help="where Stripe reaches this site; SITE_URL's own unless given")

    def handle(self, *, webhook_url, **options):
        if not billing_is_on():
            raise CommandError("Set STRIPE_SECRET_KEY first.")
        try:
            self.set_up(webhook_url or f"{settings.SITE_URL}{reverse('stripe_webhook')}")
        except StripeTrouble as trouble:
            raise CommandError(f"Stripe: {trouble}") from trouble

    def set_up(self, webhook_url):
        name = f"{settings.SITE_NAME}+"
        self.say("Product", PLUS.stripe_product, gateway.ensure_product(PLUS.stripe_product, name=name))
        prices = []
        for interval, amount in (("month", PLUS.monthly_price), ("year", PLUS.yearly_price)):
            price, is_new = gateway.ensure_price(PLUS.stripe_product, interval=interval, amount=amount)
            self.say(f"Price by the {interval}", price.id, is_new)
            prices.append(price.id)
        return_url = settings.SITE_URL + reverse("billing:home")
        self.say("Portal", "", gateway.ensure_portal(PLUS.stripe_product, prices, return_url=return_url))
        secret = gateway.ensure_destination(webhook_url, name=settings.SITE_NAME)
        self.say("Events go to", webhook_url, bool(secret))
        if secret:
            self.stdout.write(f"Set STRIPE_WEBHOOK_SECRET to {secret}; Stripe shows it only now.")

    def say(self, what, which, is_new):
        self.stdout.write(f"{what} {which}: {'made' if is_new else 'was there'}".replace(" :", ":"))
