from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from careers.content.loading import load_samples
from careers.tasks import refresh_all_markets
from jobboard import sample_jobs
from jobs.suggestions import refresh_terms
from subscriptions.models import ComplimentaryPlus

SAMPLE_PASSWORD = "correct horse battery"
SAMPLE_PEOPLE = [  # address, role, what to try
    ("seeker@example.com", "seeker", "on Free: 1 active alert"),
    ("subscriber@example.com", "subscriber", "on Plus: 10 active alerts"),
    ("editor@example.com", "editor", "writes guides, imports and publishes jobs"),
    ("moderator@example.com", "moderator", "checks reported jobs"),
    ("consultant@example.com", "consultant", "advises subscribers"),
    ("admin@example.com", "admin", "may do everything"),
]
ROLES = {"editor": "Editor", "moderator": "Moderator", "consultant": "Consultant", "admin": "Admin"}


class Command(BaseCommand):
    help = "Writes sample people (one of each role), jobs and guides; a second run adds only what is missing."

    @transaction.atomic
    def handle(self, **options):
        if not settings.DEVELOPMENT:
            raise CommandError("Sample people have a known password: set DEVELOPMENT=true if this is your own machine.")
        for email, role, _ in SAMPLE_PEOPLE:
            if not User.objects.filter(email=email).exists():
                create_person(email, role)
        sample_jobs.create()
        refresh_terms()
        load_samples()
        refresh_all_markets()


def create_person(email: str, role: str) -> User:
    is_staff = role in ROLES
    user = User.objects.create_user(email, SAMPLE_PASSWORD, name=f"Sam {role.title()}", is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if role == "subscriber":
        ComplimentaryPlus.objects.grant(user, reason="Sample subscriber", by=None, at=timezone.now())
    if is_staff:
        user.groups.add(Group.objects.get(name=ROLES[role]))
        TOTP.activate(user, generate_totp_secret())
    return user
