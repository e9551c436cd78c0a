import pytest

from tests.journey.site import running_site
from tests.sandbox import Controls


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    folder.chmod(0o755)
    with running_site(folder) as site:
        yield site


@pytest.fixture
def site(running):
    return running.address


@pytest.fixture
def payments(running):
    """The sandbox that stands for Stripe."""
    return Controls(running.payments)


@pytest.fixture
def window(chromium, site):
    """Opens a browser of its own for a person: window() -> page."""
    contexts = []

    def open_window():
        context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
