import pytest

from jobboard.settings import new_push_key
from tests.audit.content import make_content


@pytest.fixture
def content(db, settings, stripe):
    settings.DEVELOPMENT = True  # for /dev/components/
    settings.PUSH_PRIVATE_KEY = new_push_key()
    return make_content(stripe)
