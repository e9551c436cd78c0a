import os

import pytest
from playwright.sync_api import sync_playwright

from tests.audit.chromium import CHROMIUM
from tests.audit.content import make_content


@pytest.fixture(scope="session")
def chromium():
    # Playwright runs an event loop in this thread; Django would refuse the database for fear of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def content(db, settings):
    settings.DEVELOPMENT = True  # for /dev/components/
    return make_content()
