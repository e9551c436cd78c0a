"""Stripe's SDK is behind one door, and nothing of it is loaded by a site that sells nothing."""

import ast
import os
import subprocess
import sys

import pytest
from django.conf import settings

ROOMS = ["jobboard", "accounts", "subscriptions", "jobs", "sources", "careers", "alerts"]
START = """
import sys
from jobboard.wsgi import application
from jobboard.celery import app
app.loader.import_default_modules()
from django.urls import reverse
reverse("home")
print(sorted(name for name in sys.modules if name.split(".")[0] in ("stripe", "stripe_sandbox")))
"""


def imports_of(path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_one_module_imports_stripe_and_none_the_sandbox():
    modules = [path for room in ROOMS for path in (settings.BASE_DIR / room).rglob("*.py")]

    by_import = {
        name: [str(path.relative_to(settings.BASE_DIR)) for path in modules if name in imports_of(path)]
        for name in ("stripe", "stripe_sandbox")
    }

    assert by_import == {"stripe": ["subscriptions/stripe_gateway.py"], "stripe_sandbox": []}


def started(program=START, **environment) -> subprocess.CompletedProcess:
    """A process of a real site: production settings and no keys but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    clean |= {"DEVELOPMENT": "false", "SITE_URL": "https://jobs.example.org", "ALLOWED_HOSTS": "jobs.example.org"}
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env=clean | environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("environment", [{}, {"STRIPE_SECRET_KEY": "sk_live_0123456789"}])
def test_starting_loads_neither_stripe_nor_its_sandbox(environment):
    site = started(**environment)

    assert (site.returncode, site.stdout.strip()) == (0, "[]"), site.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"STRIPE_SECRET_KEY": "sk_live_0123456789", "STRIPE_API_BASE": "http://127.0.0.1:12111"},
            "A live Stripe key must not be sent to STRIPE_API_BASE",
        ),
        (
            {"STRIPE_SECRET_KEY": "rk_live_0123456789", "STRIPE_API_BASE": "http://127.0.0.1:12111"},
            "A live Stripe key must not be sent to STRIPE_API_BASE",
        ),
        (
            {"STRIPE_SECRET_KEY": "sk_test_0123456789", "STRIPE_API_BASE": "https://stripe.example.org"},
            "STRIPE_API_BASE is for a sandbox on this machine",
        ),
    ],
)
def test_a_key_that_would_go_to_a_wrong_place_stops_the_start(environment, words):
    site = started(**environment)

    assert site.returncode == 1
    assert words in site.stderr
