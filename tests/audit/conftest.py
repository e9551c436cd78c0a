import pytest

from tests.audit.content import make_content


@pytest.fixture
def content(db, settings):
    settings.DEVELOPMENT = True  # for /dev/components/
    return make_content()
