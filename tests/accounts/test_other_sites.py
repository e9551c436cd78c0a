"""Logging in with another site's account is there once both of its keys are set, in a process of its own."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import django; django.setup()
from django.urls import NoReverseMatch, reverse
for name, *args in (["google_login"], ["github_login"], ["openid_connect_login", "linkedin"]):
    try:
        print(reverse(name, args=args))
    except NoReverseMatch:
        pass
"""
GOOGLE = {"GOOGLE_CLIENT_ID": "id", "GOOGLE_SECRET": "secret"}
GITHUB = {"GITHUB_CLIENT_ID": "id", "GITHUB_SECRET": "secret"}
LINKEDIN = {"LINKEDIN_CLIENT_ID": "id", "LINKEDIN_SECRET": "secret"}


@pytest.mark.parametrize(
    ("keys", "addresses"),
    [
        ({}, []),
        ({"GITHUB_CLIENT_ID": "id"}, []),
        (GITHUB, ["/accounts/github/login/"]),
        (
            GOOGLE | GITHUB | LINKEDIN,
            ["/accounts/google/login/", "/accounts/github/login/", "/accounts/oidc/linkedin/login/"],
        ),
    ],
)
def test_another_sites_login_is_there_once_both_its_keys_are_set(keys, addresses):
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "jobboard.settings"} | keys

    output = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, check=True)

    assert output.stdout.decode().split() == addresses


@pytest.mark.parametrize(
    ("providers", "hosts"), [({}, "form-action 'self';"), ({"github": {}}, "form-action 'self' https://github.com;")]
)
def test_the_forms_of_account_pages_may_lead_to_those_sites_and_no_other(seeker_client, settings, providers, hosts):
    settings.SOCIALACCOUNT_PROVIDERS = providers

    assert hosts in seeker_client.get("/account/")["Content-Security-Policy"] + ";"
    assert "form-action 'self';" in seeker_client.get("/plans/")["Content-Security-Policy"] + ";"
