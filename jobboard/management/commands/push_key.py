from django.core.management import BaseCommand

from jobboard.settings import new_push_key


class Command(BaseCommand):
    help = "Prints a new key for PUSH_PRIVATE_KEY. Browsers that subscribed with another one have to subscribe again."

    def handle(self, **options):
        self.stdout.write(new_push_key())
