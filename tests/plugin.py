"""Loaded before Django's settings are read: names the servers the suite runs on."""

import os

from jobboard import embedded

os.environ["DEBUG"] = "false"
os.environ.setdefault("SECRET_KEY", "for-the-tests-only-" + "t" * 50)
embedded.ensure_servers()
