import pytest

from tests.jobboard.addresses import one_of_everything


@pytest.fixture
def world(seeker):
    """One of everything that an address may name. What belongs to somebody belongs to the seeker."""
    return one_of_everything(seeker)
