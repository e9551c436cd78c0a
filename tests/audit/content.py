"""What the audited pages show, hard cases first, and the list of those pages: it grows with the site."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import linebreaks

from accounts.models import User
from alerts import stopping, tokens
from alerts.models import Alert, Device, Digest, Feed, Search
from alerts.requests import AlertRequest
from careers.content.loading import load_samples
from careers.content.writing import as_yaml
from careers.link_checks import follow_figures, in_words
from careers.models import Guide, SourceLink
from careers.tasks import refresh_all_markets
from jobs import files
from jobs.models import Application, Category, Company, Job
from jobs.search import JobSearch
from sources.models import ImportFile, ImportRun, Source
from sources.tasks import read_import
from subscriptions import billing
from subscriptions.models import CheckoutAttempt
from tests import adverts
from tests.audit.chromium import open_page
from tests.careers.guides import draft, mapping
from tests.factories import CompanyFactory, JobFactory, UserFactory
from tests.subscriptions.paying import paying

VISITOR, SEEKER, PAYER, DEBTOR, STAFF = "visitor", "seeker", "payer", "debtor", "staff"
LONG_NAME = "Landesamt für Flurbereinigung und Grundstücksverkehrsgenehmigungszuständigkeitsübertragung"
# Longer than a page of results.
ADVERTS = 24


@dataclass
class Content:
    seeker: User
    staff: User
    job: Job
    long_job: Job
    closed_job: Job
    company: Company
    guide: Guide
    draft: Guide
    alerts: list[Alert]
    stopped: tokens.Scope
    confirmation: str
    mail: Digest
    run: ImportRun
    long_run: ImportRun
    payer: User
    debtor: User
    checkout: CheckoutAttempt
    unpaid_checkout: CheckoutAttempt

    def client_of(self, name: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        role = PAGES[name][0]
        user = None if role == VISITOR else getattr(self, role)
        if user:
            client.force_login(user)
        return client

    def path_of(self, name: str) -> str:
        return PAGES[name][1](self)


def at(name: str, *arguments, query: str = ""):
    """The path of a page that is the same whatever there is."""
    return lambda content: reverse(name, args=arguments) + query


# Name of the page: (who opens it, its path made from the content).
PAGES = {
    "home": (VISITOR, at("home")),
    "search": (VISITOR, at("jobs:search")),
    "search with filters": (
        VISITOR,
        at("jobs:search", query="?q=data&type=full-time&level=senior&pay=10000&posted=30"),
    ),
    "search without result": (VISITOR, at("jobs:search", query="?q=zzzz&level=intern&workplace=hybrid&region=japan")),
    "search with a mistake": (VISITOR, at("jobs:search", query="?pay=plenty")),
    "job": (VISITOR, lambda content: content.job.get_absolute_url()),
    "job with long words": (VISITOR, lambda content: content.long_job.get_absolute_url()),
    "job for someone logged in": (SEEKER, lambda content: content.job.get_absolute_url()),
    "closed job": (VISITOR, lambda content: content.closed_job.get_absolute_url()),
    "report": (VISITOR, lambda content: reverse("jobs:report", args=[content.job.pk])),
    "company": (VISITOR, lambda content: content.company.get_absolute_url()),
    "saved jobs": (SEEKER, at("jobs:saved")),
    "where you applied": (SEEKER, at("jobs:applied")),
    "where you applied, nothing yet": (PAYER, at("jobs:applied")),
    "guides": (VISITOR, at("careers:index")),
    "guide": (VISITOR, lambda content: content.guide.get_absolute_url()),
    "map of roles": (VISITOR, at("careers:map", query="?role=machine-learning-engineer")),
    "comparison": (
        VISITOR,
        at("careers:compare", query="?guide=machine-learning-engineer&guide=data-scientist&guide=data-engineer"),
    ),
    "comparison not chosen yet": (VISITOR, at("careers:compare")),
    "skills": (VISITOR, at("careers:my_skills", query="?chosen=1&skill=python&skill=sql&guide=data-engineer")),
    "skills of someone logged in": (SEEKER, at("careers:my_skills")),
    "salary": (VISITOR, at("careers:salary", "machine-learning-engineer")),
    "salary in a region": (VISITOR, at("careers:regional_salary", "data-engineer", "europe")),
    "plans": (VISITOR, at("subscriptions:plans")),
    "plans for someone logged in": (SEEKER, at("subscriptions:plans")),
    "alerts for a visitor": (VISITOR, at("alerts:list")),
    "alerts": (SEEKER, at("alerts:list")),
    "alert": (SEEKER, lambda content: content.alerts[0].get_absolute_url()),
    "alert with less like a job": (
        SEEKER,
        lambda content: reverse("alerts:less", args=[content.alerts[0].pk, content.job.pk]),
    ),
    "alert devices": (SEEKER, at("alerts:devices")),
    "why a job matched": (
        SEEKER,
        lambda content: f"{reverse('alerts:why')}?alert={content.alerts[0].pk}&job={content.job.pk}",
    ),
    "alert waiting for a place": (SEEKER, lambda content: reverse("alerts:place", args=[content.alerts[1].pk])),
    "alert to keep on Free": (SEEKER, at("alerts:staying")),
    "alert form": (SEEKER, at("alerts:new", query="?q=data")),
    "alert form for a visitor": (VISITOR, at("alerts:new", query="?q=data")),
    "alert confirmation": (VISITOR, lambda content: reverse("alerts:confirm", args=[content.confirmation])),
    "unsubscribe": (VISITOR, lambda content: path_only(tokens.Scope("alert", content.alerts[0].pk).url("unsubscribe"))),
    "unsubscribed": (VISITOR, lambda content: path_only(content.stopped.url("stop"))),
    "unsubscribing by a broken link": (VISITOR, at("alerts:unsubscribe", "alert-1", "cut-off")),
    "jobs of a mail": (VISITOR, lambda content: path_only(content.mail.jobs_url)),
    "log in": (VISITOR, at("account_login")),
    "sign up": (VISITOR, at("account_signup")),
    "log in with a code": (VISITOR, at("account_request_login_code")),
    "forgotten password": (VISITOR, at("account_reset_password")),
    "confirmation sent": (VISITOR, at("account_email_verification_sent")),
    "account": (SEEKER, at("accounts:profile")),
    "account billing on Free": (SEEKER, at("billing:home")),
    "account billing": (PAYER, at("billing:home")),
    "account billing, payment missing": (DEBTOR, at("billing:home")),
    "account billing, cancelling": (PAYER, at("billing:cancel")),
    "account billing, other interval": (PAYER, at("billing:switch", query="?to=year")),
    "account billing, invoices": (PAYER, at("billing:invoices")),
    "payment done": (PAYER, lambda content: reverse("billing:returned", args=[content.checkout.pk])),
    "payment given up": (SEEKER, lambda content: reverse("billing:given-up", args=[content.unpaid_checkout.pk])),
    "payment missing, on another page": (DEBTOR, at("careers:index")),
    "plans for a subscriber": (PAYER, at("subscriptions:plans")),
    "account deletion of a subscriber": (PAYER, at("accounts:deletion")),
    "account deletion": (SEEKER, at("accounts:deletion")),
    "account addresses": (SEEKER, at("account_email")),
    "account password": (SEEKER, at("account_change_password")),
    "account second factor": (SEEKER, at("mfa_index")),
    "account connections": (SEEKER, at("socialaccount_connections")),
    "account sessions": (SEEKER, at("usersessions_list")),
    "log out": (SEEKER, at("account_logout")),
    "not found": (VISITOR, lambda content: "/no-such-page/"),
    "components": (VISITOR, at("components")),
    "admin": (STAFF, at("admin:index")),
    "admin why a job matched": (
        STAFF,
        lambda content: f"{reverse('admin:alerts_alert_why', args=[content.alerts[0].pk])}?job={content.job.pk}",
    ),
    "admin import": (STAFF, at("admin:sources_importrun_add")),
    "admin import preview": (STAFF, lambda content: content.run.get_absolute_url()),
    "admin import preview with long words": (STAFF, lambda content: content.long_run.get_absolute_url()),
    "admin companies import": (STAFF, at("admin:jobs_company_import")),
    "admin companies import, differences": (STAFF, at("admin:jobs_company_import")),
    "admin companies import, mistakes": (STAFF, at("admin:jobs_company_import")),
    "admin guide": (STAFF, lambda content: reverse("admin:careers_guide_change", args=[content.guide.pk])),
    "admin guide history": (STAFF, lambda content: reverse("admin:careers_guide_history", args=[content.guide.pk])),
    "admin guide version": (
        STAFF,
        lambda content: reverse(
            "admin:careers_guide_version", args=[content.guide.pk, content.guide.versions.earliest("pk").pk]
        ),
    ),
    "admin guide review": (STAFF, lambda content: reverse("admin:careers_guide_review", args=[content.guide.pk])),
    "admin guide schedule": (STAFF, lambda content: reverse("admin:careers_guide_schedule", args=[content.draft.pk])),
    "admin guide import": (STAFF, at("admin:careers_guide_import")),
    "admin guide import, differences": (STAFF, at("admin:careers_guide_import")),
    "admin guide import, mistakes": (STAFF, at("admin:careers_guide_import")),
    "admin guide review several": (STAFF, at("admin:careers_guide_changelist")),
    "admin guide export": (STAFF, at("admin:careers_guide_changelist")),
    "admin guide text preview": (STAFF, lambda content: reverse("admin:careers_guide_change", args=[content.guide.pk])),
    "admin skills merge": (STAFF, at("admin:careers_skill_changelist")),
    "admin deletion of a subscriber": (
        STAFF,
        lambda content: reverse("admin:accounts_user_delete", args=[content.payer.pk]),
    ),
    "admin jobs extend": (STAFF, at("admin:jobs_job_changelist")),
    "admin jobs extend, undo": (STAFF, at("admin:jobs_job_changelist")),
    **{
        f"admin list of {model._meta.verbose_name_plural}": (
            STAFF,
            at(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        )
        for model in admin.site._registry
    },
}


def chosen(action: str):
    """Take the action with the first two rows of a list."""

    def take(page):
        for number in range(2):
            page.locator(".action-select").nth(number).check()
        page.locator("select[name=action]").select_option(action)
        page.get_by_role("button", name="Go", exact=True).click()

    return take


def looked_over(text: str):
    """Send the text of a guide's file."""

    def send(page):
        page.locator("[name=text]").last.fill(text)
        page.locator(".import-form [type=submit]").click()

    return send


def uploaded(*rows: str):
    """Send a table of companies with these rows."""

    def send(page):
        content = "\n".join(["name,size,website", *rows]).encode()
        page.locator("[type=file]").set_input_files({"name": "table.csv", "mimeType": "text/csv", "buffer": content})
        page.locator(".import-form [type=submit]").click()

    return send


def extend_and_undo(page):
    chosen("extend_jobs")(page)
    page.locator("[name^=until]").first.fill(f"{timezone.now() + timedelta(days=300):%Y-%m-%d}")
    page.get_by_role("button", name=re.compile(r"^Extend \d")).click()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("heading", name="Bring these jobs back").wait_for()


def preview_text(page):
    """As those without scripts do, whom the button is for."""
    button = page.locator("[data-markdown] button").first
    button.evaluate("button => { button.hidden = false; button.formTarget = '_self'; }")
    button.click()


# Pages that one comes to by doing something: the name of the page, and what is done on the one at its path.
WAYS = {
    "admin guide import, differences": looked_over(as_yaml(mapping(title="How to become a gardener of machines"))),
    "admin guide import, mistakes": looked_over(as_yaml(mapping(role="", category="gardening", aspects=[1]))),
    "admin guide review several": chosen("take_review"),
    "admin guide export": chosen("export_chosen"),
    "admin guide text preview": preview_text,
    "admin skills merge": chosen("merge_chosen"),
    "admin jobs extend": chosen("extend_jobs"),
    "admin jobs extend, undo": extend_and_undo,
    "admin companies import, differences": uploaded(f"{LONG_NAME},11-50,https://example.com/{'a' * 150}"),
    "admin companies import, mistakes": uploaded(f"{LONG_NAME},huge,example", ",,"),
}


def opened(chromium, content: "Content", name: str, **options):
    """The page of this name, and the record of the visit."""
    page, visit = open_page(chromium, content.client_of(name), content.path_of(name), **options)
    if name in WAYS:
        with page.expect_navigation():
            WAYS[name](page)
    return page, visit


def make_content(stripe) -> Content:
    company = CompanyFactory(
        name="Landesamt für Flurbereinigung und Bodenordnung Mecklenburg-Vorpommern", headquarters="Neubrandenburg"
    )
    load_samples()
    real_jobs()
    paid_jobs()
    seeker, member = person("seeker@example.com", name="شيماء عبد الرحمن"), staff()
    payer = person("payer@example.com", name="Paula Payer")
    made = Content(
        seeker=seeker,
        payer=payer,
        debtor=debtor(),
        checkout=bought(payer, stripe),
        unpaid_checkout=billing.start_checkout(seeker, "year", at=timezone.now()),
        staff=member,
        alerts=[keep_alert(seeker, "data", "daily"), keep_alert(seeker, '"machine learning"', "instant")],
        stopped=stopped_alert(),
        confirmation=asked_for_alert(),
        run=import_of(adverts.file(), by=member),
        long_run=import_of(long_adverts(), by=member),
        job=JobFactory(title="Data Scientist", company__name="أفق للتعليم", pay_min=5_300_000, pay_max=9_100_000,
                       pay_currency="USD", pay_period="year", regions=["europe", "usa"], tags=["python", "mlops"]),
        long_job=long_job(company),
        closed_job=JobFactory(closed=True, company=company),
        company=company,
        mail=Digest.objects.create(recipient=seeker, window="2026-11-23T08", message_id="<x@localhost>",
                                   state=Digest.State.SENT, sent_at=timezone.now()),
        guide=changed_guide(member),
        draft=draft(),
    )  # fmt: skip
    checked_sources(member)
    for job in (made.job, made.long_job, made.closed_job):
        made.alerts[0].items.create(job=job, digest=made.mail)
        Application.objects.note(user=seeker, job=job, at=timezone.now())
    refresh_all_markets()
    Feed.objects.draw(made.alerts[0], timezone.now())
    Device.objects.create(
        owner=seeker, endpoint="https://fcm.googleapis.com/x", name="Firefox on Android", allowed_at=timezone.now()
    )
    return made


def changed_guide(by: User) -> Guide:
    """One with a history: every kind of change once."""
    guide = Guide.objects.get(slug="machine-learning-engineer")
    guide.overview = guide.overview.replace("data science", "statistics")
    guide.aspects = [*guide.aspects[1:], "explaining what models can't do"]
    guide.save()
    guide.stages.filter(years_to=2).update(title="novice")
    guide.revise(by=by, at=timezone.now())
    return guide


def checked_sources(by: User):
    """One in each state."""
    follow_figures()
    answers, night = [(404, 2), (503, 1), (403, 4), (200, 1)], timezone.now() - timedelta(days=5)
    for link, (status, days) in zip(SourceLink.objects.order_by("pk"), answers, strict=False):
        for day in range(days):
            link.note(status, "" if status == 200 else in_words(status), at=night + timedelta(days=day))
        if status == 403:
            SourceLink.objects.filter(pk=link.pk).accept(by=by, at=timezone.now())


def paid_jobs():
    """Enough of one role that its guide shows what they pay, in a second currency too few."""
    stated = {
        "title": "Machine learning engineer",
        "pay_period": "year",
        "published_at": timezone.now() - timedelta(days=9),
    }
    for number in range(12):
        JobFactory(**stated, pay_min=9_000_000 + number * 250_000, pay_max=12_000_000, pay_currency="USD")
    JobFactory(**stated, pay_min=7_000_000, pay_currency="EUR")


def bought(payer: User, stripe) -> CheckoutAttempt:
    for words in ("data", "donaudampfschifffahrtsgesellschaftskapitänsanwärter"):
        keep_alert(payer, words, "daily")
    attempt = billing.start_checkout(payer, "month", at=timezone.now())
    stripe.pay(attempt.session_id)
    billing.return_from_checkout(payer, attempt.pk, at=timezone.now())
    return attempt


def debtor() -> User:
    at = timezone.now()
    user = person("debtor@example.com", name="Dora Debtor", payment_due=True)
    unpaid = {"latest_invoice_status": "open", "pay_url": "https://invoice.stripe.com/i/1", "pay_amount": 800}
    paying(user, status="past_due", past_due_since=at, plus_until=at + timedelta(days=21), **unpaid)
    return user


def path_only(address: str) -> str:
    return urlsplit(address).path


def keep_alert(owner: User, words: str, rhythm: str) -> Alert:
    """The first runs; on Free the second waits for a place."""
    wanted = JobSearch(keywords=words)
    return Alert.objects.keep(
        owner,
        search=Search.objects.keep(wanted),
        name=wanted.in_words(),
        rhythm=rhythm,
        hour=8,
        weekday=0,
        at=timezone.now(),
    )


def stopped_alert() -> tokens.Scope:
    """Stopped just now by a link in a mail, and nobody has said why."""
    scope = tokens.Scope("alert", keep_alert(person("leaver@example.com"), "data", "daily").pk)
    stopping.stop(scope, timezone.now())
    return scope


def asked_for_alert() -> str:
    """The token that the mail to a visitor carries."""
    wanted = JobSearch(keywords="python", workplaces=("remote",))
    wishes = {"name": wanted.in_words(), "rhythm": "weekly", "hour": 8, "weekday": 0, "time_zone": "Europe/Vienna"}
    search = Search.objects.keep(wanted)
    return AlertRequest.objects.ask("visitor@example.com", search=search, at=timezone.now(), **wishes)[1]


def long_adverts() -> bytes:
    """One that would be new, one that repeats it, and one that is refused."""
    long = adverts.advert(0) | {"title": LONG_NAME, "company": LONG_NAME, "location": LONG_NAME}
    refused = {"title": "x" * 400, "apply_url": f"ftp://example.com/{'a' * 200}", "pay_min": "plenty" * 20}
    return adverts.table([long, long | {"reference": "again"}, long | refused | {"reference": "refused"}])


def import_of(table: bytes, *, by: User) -> ImportRun:
    data_science = Category.objects.get(slug="data-science")
    source, _ = Source.objects.get_or_create(name="Research adverts", defaults={"default_category": data_science})
    content = io.BytesIO(table)
    file = ImportFile.objects.keep(content, name="jobs.csv", overview=files.look_over(content), by=by)
    run = ImportRun.objects.start(source=source, file=file, by=by)
    run.queue(at=timezone.now())
    read_import(run.pk)
    return run


def person(email: str, **fields) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def staff() -> User:
    user = person("staff@example.com", name="Stella Staff", is_staff=True, is_superuser=True)
    TOTP.activate(user, generate_totp_secret())
    return user


def long_job(company: Company) -> Job:
    return JobFactory(
        title="Sachbearbeitung der Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung, Schwerpunkt "
        "Rechtsschutzversicherungsgesellschaften und Donaudampfschifffahrtsangelegenheiten (m/w/d)",
        company=company,
        location="Neubrandenburg, Mecklenburgische Seenplatte, Mecklenburg-Vorpommern, Deutschland",
        countries=["DE", "AT", "CH", "LI", "LU", "BE", "NL", "DK", "PL", "CZ", "IT", "FR"],
        employment_types=["full-time", "part-time", "contract", "temporary"],
        description_raw="<h3>Aufgaben</h3><ul><li>Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz</li>"
        "</ul><pre>" + "x" * 300 + "</pre><p>https://example.com/" + "a" * 200 + "</p>",
    )


def real_jobs() -> None:
    """Adverts as companies wrote them, the newest first."""
    rows = csv.DictReader(io.StringIO(adverts.file().decode()))
    for number, row in zip(range(ADVERTS), rows, strict=False):
        company, _ = Company.objects.get_or_create(name=row["company"], defaults={"size": row["company_size"]})
        JobFactory(
            title=row["title"],
            company=company,
            category="data-science",
            location=row["location"],
            countries=[row["country"]],
            workplace="",
            description_raw=linebreaks(row["description"], autoescape=True),
            published_at=timezone.now() - timedelta(hours=5 * number),
        )
