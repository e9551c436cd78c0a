"""The admin's forms, to add and to change each model: axe finds nothing, in either theme, on a phone or a desk."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.digests import Digest
from alerts.stopping import Unsubscription
from alerts.suppressions import Suppression
from jobs.pay import ExchangeRate
from jobs.reports import JobReport
from sources.held import HeldLink
from subscriptions.models import ComplimentaryPlus, PricingPage, StaffTask, StripeEvent
from tests.audit.chromium import open_page
from tests.audit.test_pages import NARROW, axe_findings

pytestmark = pytest.mark.xdist_group("audit")


@pytest.mark.parametrize("part", range(4))
def test_every_form_of_the_admin_is_accessible(chromium, content, part):
    one_of_each_that_is_missing(content)
    client = Client(SERVER_NAME="localhost")
    client.force_login(content.staff)
    forms = forms_of(client, models=sorted(admin.site._registry, key=str)[part::4])

    faults = {address: faults_of(chromium, client, address) for address in forms}

    assert {address: found for address, found in faults.items() if found} == {}


def one_of_each_that_is_missing(content):
    at = timezone.now()
    JobReport.objects.create(job=content.job, reason=JobReport.Reason.MONEY, text="It asks for a fee.")
    HeldLink.objects.create(job=content.job, reason="changed", apply_url="https://bit.ly/1", held_at=at)
    Digest.objects.create(
        recipient=content.seeker,
        window="2026-11-24T08",
        state="suppressed",
        message_id="<1@example.com>",
        created_at=at,
    )
    Unsubscription.objects.create(owner=content.seeker, wish="stop", created_at=at)
    Suppression.objects.add("gone@example.com", reason=Suppression.Reason.STAFF, at=at)
    ComplimentaryPlus.objects.grant(content.seeker, reason="Asked nicely", by=content.staff, at=at)
    ExchangeRate.objects.get_or_create(currency="EUR", defaults={"dollars": 1, "as_of": at.date(), "source": "ECB"})
    PricingPage.objects.get_or_create()
    StripeEvent.objects.get_or_create(id="evt_1", defaults={"type": "invoice.paid", "created_at": at})
    customer = content.payer.billing
    StaffTask.objects.raise_once("refund", "re_1", words="Does it go on?", at=at, customer=customer)
    Group.objects.get_or_create(name="Editor")
    UserSession.objects.get_or_create(user=content.seeker, session_key="k", ip="127.0.0.1", user_agent="Firefox")


def forms_of(client: Client, models) -> list[str]:
    """The addresses that answer with a form: not everything can be added by hand."""
    return [address for model in models for address in addresses_of(model) if client.get(address).status_code == 200]


def addresses_of(model) -> list[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return [reverse(f"{name}_add"), reverse(f"{name}_change", args=[model._default_manager.latest("pk").pk])]


def faults_of(chromium, client, address: str) -> list[str]:
    page, visit = open_page(chromium, client, address, width=NARROW)
    page.wait_for_load_state("load")
    faults = [*visit.broken, *visit.strangers, *visit.complaints, *axe_findings(page)]
    page.context.close()
    return faults
