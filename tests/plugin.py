"""Loaded before Django's settings are read: names the servers the suite runs on."""

import os
from pathlib import Path

from jobboard import embedded

os.environ["DEBUG"] = os.environ["DEVELOPMENT"] = "false"
os.environ["SECRET_KEY"] = "for-the-tests-only-" + "t" * 50
# Apart from what `make run` uses, so that both can run at once.
os.environ["DATA_DIR"] = str(Path(os.environ.get("DATA_DIR") or embedded.BASE_DIR / ".data") / "tests")
embedded.ensure_servers()


def pytest_addoption(parser):
    parser.addoption("--simulated-people", type=int, default=10, help="people in each simulated month of alerts")
    parser.addoption("--simulated-seeds", type=int, default=1, help="how many simulated months")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        embedded.stop_servers()
