import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.models import User
from tests.conftest import client_of


@pytest.fixture
def editor(db):
    user = User.objects.create_superuser("editor@example.com", "correct horse battery", name="Edda Editor")
    TOTP.activate(user, generate_totp_secret())
    assert Authenticator.objects.filter(user=user).exists()
    return user


@pytest.fixture
def editor_client(editor):
    return client_of(editor)
