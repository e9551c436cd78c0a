"""The cast, by role; real embedded servers; no network but loopback."""

import pytest
from django.utils import timezone

from accounts.models import User
from subscriptions.models import ComplimentaryPlus


@pytest.fixture
def seeker(db):
    return User.objects.create_user("seeker@example.com", "correct horse battery", name="Sina Seeker")


@pytest.fixture
def stranger(db):
    return User.objects.create_user("stranger@example.com", "correct horse battery", name="Stan Stranger")


@pytest.fixture
def subscriber(db):
    user = User.objects.create_user("subscriber@example.com", "correct horse battery", name="Sara Subscriber")
    ComplimentaryPlus.objects.create(user=user, reason="test cast", started_at=timezone.now())
    return user


@pytest.fixture
def visitor_client(client):
    return client


def client_of(user):
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def seeker_client(seeker):
    return client_of(seeker)


@pytest.fixture
def stranger_client(stranger):
    return client_of(stranger)


@pytest.fixture
def subscriber_client(subscriber):
    return client_of(subscriber)
