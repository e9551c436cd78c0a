import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.utils import timezone

from accounts import mail
from accounts.models import User
from tests.conftest import PASSWORD, client_of


@pytest.fixture
def post(mailoutbox):
    """Sends what is owed and gives every mail sent so far."""

    def deliver():
        mail.send_due(timezone.now())
        return mailoutbox

    return deliver


@pytest.fixture
def member(seeker):
    """The seeker with a confirmed address, as after a sign-up."""
    seeker.trust_email()
    return seeker


@pytest.fixture
def login(client):
    """Logs in through the page."""

    def through_the_page(user, password=PASSWORD):
        response = client.post("/accounts/login/", {"login": user.email, "password": password})
        assert response.status_code == 302, response.context["form"].errors
        return client

    return through_the_page


@pytest.fixture
def member_client(member, login):
    return login(member)


@pytest.fixture
def sure_client(member_client):
    """The member, who has just given the password once more."""
    member_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return member_client


@pytest.fixture
def editor(db):
    user = User.objects.create_user("editor@example.com", PASSWORD, name="Edda Editor", is_staff=True)
    user.trust_email()
    return user


@pytest.fixture
def editor_client(editor):
    return client_of(editor)


@pytest.fixture
def app_secret():
    """Sets up an authenticator app for someone and gives its secret."""

    def set_up(user):
        totp = TOTP.activate(user, pyotp.random_base32())
        return decrypt(totp.instance.data["secret"])

    return set_up
