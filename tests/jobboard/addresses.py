"""Every address of the site with something to fill it in with, and ways to ask for it."""

import json
import re
from types import SimpleNamespace

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from alerts import tokens
from alerts.clicks import opening_url
from alerts.models import Alert, AlertRequest, Device, Digest, Feed, Search
from alerts.rhythm import Rhythm
from careers.previews import preview_path
from jobboard.health import note_beat
from jobs.models import Application, JobMark
from jobs.search import JobSearch
from tests.careers.guides import draft, published
from tests.factories import JobFactory


def one_of_everything(seeker) -> SimpleNamespace:
    """One of everything that an address may name. What belongs to somebody belongs to the seeker."""
    at = timezone.now()
    job, unsaved = JobFactory.create_batch(2)
    JobMark.objects.keep(user=seeker, job=job, at=at)
    Application.objects.note(user=seeker, job=job, at=at)
    note_beat()
    _, token = asked_for(at)
    runs, waits = kept(seeker, "python", at), kept(seeker, "rust", at)
    Feed.objects.draw(runs, at)
    guide = published()
    return SimpleNamespace(
        job=job,
        unsaved=unsaved,
        draft=JobFactory(published_at=None),
        closed=JobFactory(closed=True),
        guide=guide,
        guide_draft=draft(slug="pool-engineer", title="How to become a pool engineer"),
        runs=runs,
        waits=waits,
        digest=mail_about(runs, job, at),
        token=token,
        device=Device.objects.create(owner=seeker, endpoint="https://fcm.googleapis.com/x", allowed_at=at),
        what=f"alert-{runs.pk}",
        passkey=passkey_of(seeker),
        address_key=EmailConfirmationHMAC(EmailAddress.objects.create(user=seeker, email="next@example.com")).key,
    )


def kept(owner, words, at):
    wishes = {"name": words, "rhythm": Rhythm.DAILY, "hour": 8, "weekday": 0}
    return Alert.objects.keep(owner, search=search_for(words), at=at, **wishes)


def mail_about(alert, job, at):
    """A mail that went out."""
    digest = Digest.objects.create(
        recipient=alert.owner, window="x", message_id="<x@localhost>", state=Digest.State.SENT, sent_at=at
    )
    alert.items.create(job=job, digest=digest)
    return digest


def asked_for(at):
    wishes = {"name": "go", "rhythm": Rhythm.DAILY, "hour": 8, "weekday": 0, "time_zone": "UTC"}
    return AlertRequest.objects.ask("visitor@example.com", search=search_for("go"), at=at, **wishes)


def search_for(words):
    return Search.objects.keep(JobSearch(keywords=words))


def passkey_of(user):
    data = {"name": "Phone", "credential": credential()}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def credential() -> dict:
    """What a browser sends for a new passkey, with a key that opens nothing."""
    key = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    attested = AttestedCredentialData.create(Aaguid(bytes(16)), b"phone", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attestation = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, attested), {})
    said = {"type": "webauthn.create", "challenge": "", "origin": "https://board.test"}
    return {
        "id": websafe_encode(b"phone"),
        "rawId": websafe_encode(b"phone"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(said).encode()),
            "attestationObject": websafe_encode(attestation),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def opening_of(job) -> list[str]:
    """Digest, job and signature of a link in a mail."""
    return opening_url(1, job).split("/")[-4:-1]


# What stands in an address, by the row's name in the table; addresses without a part to fill in need no entry.
SAMPLES = {
    "jobs:job_by_number": lambda world: [world.job.pk],
    "jobs:job": lambda world: [world.job.pk, world.job.slug],
    "jobs:job (draft)": lambda world: [world.draft.pk, world.draft.slug],
    "jobs:job (closed)": lambda world: [world.closed.pk, world.closed.slug],
    "jobs:apply": lambda world: [world.job.pk],
    "jobs:apply (draft)": lambda world: [world.draft.pk],
    "jobs:remove_application": lambda world: [world.job.pk],
    "jobs:restore_application": lambda world: [world.job.pk],
    "jobs:report": lambda world: [world.job.pk],
    "jobs:report (draft)": lambda world: [world.draft.pk],
    "jobs:save": lambda world: [world.unsaved.pk],
    "jobs:save (draft)": lambda world: [world.draft.pk],
    "jobs:unsave": lambda world: [world.job.pk],
    "jobs:company": lambda world: [world.job.company.slug],
    "careers:contributor": lambda world: [world.guide.author.slug],
    "careers:preview": lambda world: [preview_path(world.guide_draft).split("/")[-2]],
    "careers:preview (forged)": lambda world: ["forged"],
    "careers:guide": lambda world: [world.guide.slug],
    "careers:guide (draft)": lambda world: [world.guide_draft.slug],
    "careers:salary": lambda world: [world.guide.slug],
    "careers:salary (draft)": lambda world: [world.guide_draft.slug],
    "careers:regional_salary": lambda world: [world.guide.slug, "europe"],
    "careers:regional_salary (draft)": lambda world: [world.guide_draft.slug, "europe"],
    "careers:picture": lambda world: [world.guide.slug, "link"],
    "careers:picture (draft)": lambda world: [world.guide_draft.slug, "link"],
    "api:guide": lambda world: [world.guide.slug],
    "api:guide (draft)": lambda world: [world.guide_draft.slug],
    "alerts:edit": lambda world: [world.runs.pk],
    "alerts:edit_preview": lambda world: [world.runs.pk],
    "alerts:pause": lambda world: [world.runs.pk],
    "alerts:resume": lambda world: [world.waits.pk],
    "alerts:delete": lambda world: [world.runs.pk],
    "alerts:undo": lambda world: [world.runs.pk],
    "alerts:less": lambda world: [world.runs.pk, world.job.pk],
    "alerts:feed": lambda world: Feed.objects.get(alert=world.runs).atom_url.split("/")[-4:-1],
    "alerts:feed (forged)": lambda world: [world.runs.pk, "forged", "atom"],
    "alerts:draw_feed": lambda world: [world.runs.pk],
    "alerts:end_feed": lambda world: [world.runs.pk],
    "alerts:remove_device": lambda world: [world.device.pk],
    "alerts:test": lambda world: [world.runs.pk],
    "alerts:open_job": lambda world: opening_of(world.job),
    "alerts:open_job (forged)": lambda world: [1, world.job.pk, "forged"],
    "alerts:place": lambda world: [world.waits.pk],
    "alerts:swap": lambda world: [world.waits.pk, world.runs.pk],
    "alerts:confirm": lambda world: [world.token],
    "alerts:confirm (forged)": lambda world: ["forged"],
    "alerts:mail": lambda world: tokens.mail_url(world.digest.pk).rsplit("/", 3)[1:3],
    "alerts:mail (forged)": lambda world: [world.digest.pk, "forged"],
    "alerts:unsubscribe": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:unsubscribe (forged)": lambda world: [world.what, "forged"],
    "alerts:stop": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:stop (forged)": lambda world: [world.what, "forged"],
    "alerts:weekly_instead": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:weekly_instead (forged)": lambda world: [world.what, "forged"],
    "alerts:short_pause": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:short_pause (forged)": lambda world: [world.what, "forged"],
    "alerts:say_why": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:say_why (forged)": lambda world: [world.what, "forged"],
    "alerts:unsubscribe_all": lambda world: [world.what, tokens.signature(world.what)],
    "alerts:unsubscribe_all (forged)": lambda world: [world.what, "forged"],
    "billing:returned": lambda world: ["0c6f2f4e-0d2b-4b8e-8b7a-2f1d3c4b5a69"],
    "billing:given-up": lambda world: ["0c6f2f4e-0d2b-4b8e-8b7a-2f1d3c4b5a69"],
    "account_confirm_email": lambda world: [world.address_key],
    "account_confirm_email (forged)": lambda world: ["forged"],
    "account_reset_password_from_key (forged)": lambda world: ["1", "forged"],
    "mfa_remove_webauthn": lambda world: [world.passkey.pk],
    "mfa_edit_webauthn": lambda world: [world.passkey.pk],
    "django.contrib.sitemaps.views.sitemap": lambda world: ["jobs"],
    "django.contrib.sitemaps.views.sitemap (unknown)": lambda world: ["nothing"],
}


def patterns(parts=None, prefix="", route=""):
    """(name, whole route) of every address; those without a name are named by their path."""
    for part in get_resolver().url_patterns if parts is None else parts:
        here = route + str(part.pattern)
        if isinstance(part, URLPattern):
            yield prefix + part.name if part.name else f"/{here}", here
        else:
            yield from patterns(part.url_patterns, prefix + (f"{part.namespace}:" if part.namespace else ""), here)


def address_of(row, world) -> str:
    name = row.split(" ")[0]
    return name if name.startswith("/") else reverse(name, args=SAMPLES.get(row, lambda world: [])(world))


def asked(cookies, method, address, form="", **options):
    """The answer, as if nothing had been asked before in this browser; `form` is as a browser encodes it."""
    client = Client(raise_request_exception=False, **options)
    client.cookies.update(cookies)
    return client.generic(method, address, form, "application/x-www-form-urlencoded")


def undone(*arguments, **options):
    """The same, and what it changed is undone."""
    with transaction.atomic():
        response = asked(*arguments, **options)
        transaction.set_rollback(True)
    return response


def admin_addresses(sample: str) -> list[str]:
    """The address of each page of the admin, with the sample for whatever it names."""
    return [f"/{filled_in(route, sample)}" for name, route in patterns() if name.startswith(("admin:", "/admin/"))]


def filled_in(route: str, sample: str) -> str:
    route = re.sub(r"\(\?P<app_label>[^)]*\)", "jobs", route)
    return re.sub(r"\([^)]*\)|<[^>]*>", sample, route).replace("^", "").replace("$", "")
