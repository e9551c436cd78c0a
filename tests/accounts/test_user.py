from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import User
from accounts.tasks import forget_unconfirmed


def test_an_address_is_kept_in_lower_case(db):
    user = User.objects.create_user(" Jo@Example.COM ", "correct horse battery")

    assert user.email == "jo@example.com"


def test_an_account_never_confirmed_is_forgotten_after_thirty_days(db):
    long_ago = timezone.now() - timedelta(days=31)
    for name in ("forgotten", "confirmed", "staff", "used", "new"):
        User.objects.create_user(f"{name}@example.com")
    User.objects.exclude(email="new@example.com").update(joined_at=long_ago)
    User.objects.get(email="confirmed@example.com").trust_email()
    User.objects.filter(email="staff@example.com").update(is_staff=True)
    User.objects.filter(email="used@example.com").update(last_login=long_ago)

    forget_unconfirmed()

    left = User.objects.order_by("email").values_list("email", flat=True)
    assert list(left) == ["confirmed@example.com", "new@example.com", "staff@example.com", "used@example.com"]


def test_a_superuser_made_on_the_server_can_log_in_without_a_mail(client, db):
    User.objects.create_superuser("root@example.com", "seven unlikely pelicans")

    client.post("/accounts/login/", {"login": "root@example.com", "password": "seven unlikely pelicans"})

    assert "_auth_user_id" in client.session


def test_the_database_keeps_no_second_spelling_of_an_address(db):
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email="Jo@example.com")])
