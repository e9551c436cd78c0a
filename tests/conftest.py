"""The cast, by role, and the rules of the suite: no network but loopback, no misspelt template variable."""

import os
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import sync_playwright

from accounts.models import User
from accounts.passwords import ThriftyArgon2
from jobboard.celery import app as celery_app
from subscriptions.models import ComplimentaryPlus
from tests import seeds
from tests.sandbox import RunningSandbox
from tests.strict_templates import fail_on_misspelt_variables
from tests.workers import wait_until

PASSWORD = "correct horse battery"
# Of the hundred connections that PostgreSQL gives unless told otherwise.
MOST_CONNECTIONS_TAKEN = 40


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests that commit leave behind what the migrations wrote."""
    with django_db_blocker.unblock():
        rows = seeds.remembered()
    with seeds.brought_back(rows):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_network_but_loopback():
    """Refuse to connect anywhere that isn't this machine."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = connect


@pytest.fixture(autouse=True, scope="session")
def static_files_without_collecting():
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=django_settings.STORAGES | {"staticfiles": plain}):
        yield


@pytest.fixture(autouse=True, scope="session")
def cheap_hashing():
    """Argon2 as always, but with the least cost: nearly every test makes people."""
    ThriftyArgon2.time_cost, ThriftyArgon2.memory_cost = 1, 8


@pytest.fixture(autouse=True, scope="session")
def strict_templates():
    with fail_on_misspelt_variables(django_settings.BASE_DIR / "templates"):
        yield


@pytest.fixture
def dead_redis():
    """The queue's address leads to nobody."""
    kept = celery_app.conf.broker_url, celery_app.conf.broker_write_url
    point_at("redis://127.0.0.1:1", "redis://127.0.0.1:1")
    yield
    point_at(*kept)


@pytest.fixture
def own_redis():
    """A queue of this test's own, emptied; yields REDIS_URL for workers that are to share it."""
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15
    address = numbered(django_settings.REDIS_URL, number)
    broker = address.replace("unix://", "redis+socket://", 1)
    kept = celery_app.conf.broker_url, celery_app.conf.broker_write_url
    point_at(broker, broker)
    with celery_app.connection_for_write() as queue:
        queue.default_channel.client.flushdb()
    yield address
    point_at(*kept)


def numbered(address: str, number: int) -> str:
    """The address of the server's database of that number; a socket's path leaves no room for it."""
    if address.startswith("unix:"):
        return f"{address}?virtual_host={number}"
    return urlsplit(address)._replace(path=f"/{number}").geturl()


def point_at(address, write_address):
    celery_app.conf.broker_url, celery_app.conf.broker_write_url = address, write_address
    celery_app._pool = celery_app.amqp._producer_pool = None  # both keep connections to the former address


@pytest.fixture
def a_connection_for_each_thread(transactional_db, monkeypatch):
    """The pool would let only some of fifty threads in at a time, and the server none while it still lets others go."""
    wait_until(lambda: connections_taken() < MOST_CONNECTIONS_TAKEN)
    connection.close()
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    yield
    connection.close()


def connections_taken() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        return cursor.fetchone()[0]


def waiting_for_a_lock() -> int:
    """How many others stand before a lock just now, also when asked over and over within one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


@pytest.fixture(scope="session")
def chromium():
    """One browser for the whole run: Playwright allows one of itself in a thread."""
    # Playwright runs an event loop in this thread; Django would refuse the database for fear of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory):
    running = RunningSandbox(tmp_path_factory.mktemp("stripe") / "sandbox.json")
    yield running
    running.stop()


@pytest.fixture
def sandbox(running_sandbox):
    """The Stripe sandbox, as new; a test fails when an answer of it wasn't what Stripe's SDK expects."""
    running_sandbox.reset()
    yield running_sandbox
    assert running_sandbox.differences() == []


@pytest.fixture
def stripe(sandbox, settings):
    """Stripe's sandbox with our product and prices; nothing is delivered unless a test says where to."""
    settings.STRIPE_SECRET_KEY = sandbox.key
    settings.STRIPE_WEBHOOK_SECRETS = [sandbox.webhook_secret]
    settings.STRIPE_API_BASE = sandbox.address
    call_command("stripe_setup", webhook_url="https://board.test/stripe/webhook/", verbosity=0)
    sandbox.webhooks("dropped")
    sandbox.forget_requests()
    return sandbox


@pytest.fixture
def seeker(db):
    return User.objects.create_user("seeker@example.com", PASSWORD, name="Sina Seeker")


@pytest.fixture
def stranger(db):
    return User.objects.create_user("stranger@example.com", PASSWORD, name="Stan Stranger")


@pytest.fixture
def subscriber(db):
    user = User.objects.create_user("subscriber@example.com", PASSWORD, name="Sara Subscriber")
    # Before every hour that a test sets its clock to.
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    ComplimentaryPlus.objects.create(user=user, reason="test cast", started_at=long_ago)
    return user


@pytest.fixture
def visitor_client(client):
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


def staff_of(role: str) -> User:
    """One of the staff, in the role's group, with the second factor that opens the admin."""
    user = User.objects.create_user(f"{role.lower()}@example.com", PASSWORD, name=f"{role} of the board", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "never used"})
    return user


@pytest.fixture
def editor(db):
    return staff_of("Editor")


@pytest.fixture
def moderator(db):
    return staff_of("Moderator")


@pytest.fixture
def consultant(db):
    return staff_of("Consultant")


@pytest.fixture
def admin(db):
    return staff_of("Admin")


@pytest.fixture
def editor_client(editor):
    return client_of(editor)


@pytest.fixture
def moderator_client(moderator):
    return client_of(moderator)


@pytest.fixture
def consultant_client(consultant):
    return client_of(consultant)


@pytest.fixture
def admin_client(admin):
    return client_of(admin)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a test changed must not be remembered by the process after its rollback."""
    from jobs import labels, pay
    from jobs.search import counting

    labels.forget()
    pay.forget_rates()
    counting.forget()
