"""Addresses and forms that no browser of ours would send: a clear answer to each, and never an error of ours.

What one page has of its own is tested with that page, as in tests/jobs/test_search_page.py.
"""

import re

import pytest
from django.contrib.admin import site
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.models import User
from tests.factories import JobFactory, UserFactory
from tests.jobboard.addresses import address_of, admin_addresses, asked, patterns, undone
from tests.jobboard.test_access import ROWS

PAST_BIGINT = "9223372036854775808"
UNREADABLE = {
    "nul": "%00",
    "lone surrogate": "%ED%A0%80",
    "no utf-8": "%FF%FE",
    "past bigint": PAST_BIGINT,
    "minus one": "-1",
    "full-width one": "%EF%BC%91",
    "not a number": "NaN",
    "markup": "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
}
# What any page of ours reads from an address, and from a form.
PARAMETERS = (
    *("q", "category", "region", "type", "level", "workplace", "country", "pay", "pay_currency", "pay_period"),
    *("posted", "company", "not_company", "sort", "cursor", "page", "p", "preview", "for", "paid", "next"),
)
FIELDS = (
    *("email", "name", "rhythm", "hour", "weekday", "time_zone", "also", "password", "password1", "password2"),
    *("login", "code", "credential", "oldpassword", "reason", "text", "locale", "theme", "action_add"),
)
# The same in a page.
SHOWN_BY_NONE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\U0001fffe]")


@pytest.fixture(params=["visitor", "seeker"])
def cookies(request):
    return request.getfixturevalue(f"{request.param}_client").cookies


def asking(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def query_of(names, value) -> str:
    return "&".join(f"{name}={value}" for name in names)


def errors_of_ours(answers) -> dict:
    return {asked_for: answer.status_code for asked_for, answer in answers.items() if answer.status_code >= 500}


def pages_of(answers) -> dict[str, str]:
    texts = {row: answer for row, answer in answers.items() if "text/" in answer.get("Content-Type", "")}
    return {row: b"".join(answer).decode() for row, answer in texts.items()}


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_no_parameter_breaks_a_page(value, cookies, world):
    query = query_of(PARAMETERS, value)

    answers = {row: asked(cookies, "GET", f"{address_of(row, world)}?{query}") for row in ROWS}

    assert errors_of_ours(answers) == {}
    assert not [row for row, answer in answers.items() if b"<script>alert" in b"".join(answer)]


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_no_field_breaks_a_form(value, cookies, world):
    form = query_of(PARAMETERS + FIELDS, value)

    answers = {row: undone(cookies, "POST", address_of(row, world), form) for row in ROWS}

    assert errors_of_ours(answers) == {}
    assert not [row for row, answer in answers.items() if b"<script>alert" in b"".join(answer)]


def test_a_form_of_more_than_anybody_types_is_refused_before_it_is_read(visitor_client, db):
    answers = [
        visitor_client.post("/accounts/login/", {"login": "x" * length, "password": "y"}).status_code
        for length in (100_000, 300_000)
    ]

    assert answers == [200, 400]


@pytest.mark.parametrize("length", ["", "x", "-1", "9" * 5000, "１"])
def test_a_length_that_is_none_is_no_error_of_ours(visitor_client, db, length):
    answer = visitor_client.post("/accounts/login/", {"login": "x"}, CONTENT_LENGTH=length)

    assert answer.status_code in (200, 400)


ILLEGIBLE = "%00%01%1B%7F%C2%85%EF%BF%BE%EF%BF%BF%F0%9F%BF%BE"


def test_no_page_repeats_what_cannot_be_shown(cookies, world):
    query = query_of(PARAMETERS, f"me{ILLEGIBLE}ow")

    answers = {row: asked(cookies, "GET", f"{address_of(row, world)}?{query}") for row in ROWS}

    pages = {
        row: b"".join(answer).decode() for row, answer in answers.items() if "text/" in answer.get("Content-Type", "")
    }
    assert errors_of_ours(answers) == {}
    assert [row for row, page in pages.items() if SHOWN_BY_NONE.search(page)] == []
    assert len([row for row, page in pages.items() if "ow" in page]) > 10


def test_no_form_repeats_what_cannot_be_shown(cookies, world):
    form = query_of(PARAMETERS + FIELDS, f"me{ILLEGIBLE}ow")

    answers = {row: undone(cookies, "POST", address_of(row, world), form) for row in ROWS}

    pages = {
        row: b"".join(answer).decode() for row, answer in answers.items() if "text/" in answer.get("Content-Type", "")
    }
    assert errors_of_ours(answers) == {}
    assert [row for row, page in pages.items() if SHOWN_BY_NONE.search(page)] == []


def test_what_cannot_be_shown_is_a_space_to_every_page(visitor_client, db):
    JobFactory(title="Gardener")

    response = visitor_client.get(f"/jobs/?q={ILLEGIBLE}Gardener{ILLEGIBLE}")

    assert response.context["wanted"].keywords == "Gardener"
    assert [job.title for job in response.context["page"].jobs] == ["Gardener"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_past_those_of_the_database_is_not_found(method, seeker_client):
    routes = [route for name, route in patterns() if "<int:" in route and not route.startswith("admin/")]
    addresses = ["/" + re.sub("<[^>]*>", PAST_BIGINT, route) for route in routes]

    answers = {address: undone(seeker_client.cookies, method, address) for address in addresses}

    # Authenticators are asked for again before one of them is looked for; what isn't there is as good as removed.
    led_on = {f"/accounts/2fa/webauthn/keys/{PAST_BIGINT}/{verb}/" for verb in ("remove", "edit")}
    if method == "POST":
        led_on |= {f"/jobs/{PAST_BIGINT}/bookmark/removal/", f"/alerts/devices/{PAST_BIGINT}/removal/"}
    assert {answer.status_code for answer in answers.values()} <= {404, 405, 302}
    assert {a for a, answer in answers.items() if answer.status_code == 302} == led_on


@pytest.mark.parametrize("part", [*UNREADABLE.values(), "..%2f..%2fetc%2fpasswd", "%0d%0aSet-Cookie:%20evil=1"])
def test_nothing_in_the_place_of_a_name_breaks_a_page(part, visitor_client, db):
    job = JobFactory()
    named = [route for name, route in patterns() if re.search(r"<(str|slug|section)|\(\?P<", route)]
    addresses = [re.sub(r"<int:\w+>", str(job.pk), route) for route in named if not route.startswith("admin/")]
    addresses = ["/" + re.sub(r"\([^)]*\)|<[^>]*>", part, route).strip("^$") for route in addresses]

    answers = {address: asked(visitor_client.cookies, "GET", address) for address in [*addresses, f"/{part}"]}

    assert errors_of_ours(answers) == {}
    assert not [address for address, answer in answers.items() if "evil" in answer.cookies]


@pytest.mark.parametrize("part", ["%00", "_5F", PAST_BIGINT, "1%2F1"])
def test_nothing_in_the_place_of_a_key_breaks_the_admin(part, admin_client):
    answers = {address: undone(admin_client.cookies, "GET", address) for address in admin_addresses(part)}

    assert errors_of_ours(answers) == {}


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80",
        f"q={PAST_BIGINT}",
        "p=-1",
        f"p={PAST_BIGINT}",
        f"id__exact={PAST_BIGINT}",
        "id__exact=%00",
        "o=-99.1.x",
        "company__owner__email__startswith=a",
        "e=1",
    ],
)
def test_no_query_breaks_a_list_of_the_admin(query, admin_client):
    lists = [reverse(name) for name, _ in patterns() if name.startswith("admin:") and name.endswith("_changelist")]

    answers = {address: asked(admin_client.cookies, "GET", f"{address}?{query}") for address in lists}

    assert errors_of_ours(answers) == {}


@pytest.mark.parametrize("key", ["abc", "1\x00", "9" * 30, "", "٣"])
def test_no_chosen_row_breaks_a_list_of_the_admin(key, admin, admin_client):
    JobFactory()
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    actions = {
        reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"): list(
            listed.get_actions(asking(admin))
        )
        for model, listed in site._registry.items()
    }
    admin_client.raise_request_exception = False

    answers = {
        (address, action): admin_client.post(address, {"action": action, "index": "0", "_selected_action": key})
        for address, names in actions.items()
        for action in names
    }

    assert errors_of_ours(answers) == {}
    assert len(answers) > 20


@pytest.mark.parametrize("key", ["abc", "1\x00", "9" * 30])
def test_no_key_in_a_form_of_the_admin_breaks_it(key, admin_client):
    forms = {
        "jobs_job": {"company": key, "category": key, "regions": key},
        "careers_guide": {"category": key, "translation_of": key, "author": key, "platforms": key}
        | {"guide_skills-TOTAL_FORMS": "1", "guide_skills-INITIAL_FORMS": "0", "guide_skills-0-skill": key},
        "subscriptions_complimentaryplus": {"user": key, "reason": "A friend"},
        "careers_contributor": {"name": "Ada", "user": key},
    }
    admin_client.raise_request_exception = False

    answers = {name: admin_client.post(reverse(f"admin:{name}_add"), form) for name, form in forms.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(forms, 200)
    assert "company" in answers["jobs_job"].context["adminform"].form.errors
    assert "user" in answers["subscriptions_complimentaryplus"].context["adminform"].form.errors


@pytest.mark.parametrize("typed", ["%", "_", "\\", "ab_d@", "a%d@"])
def test_people_are_found_by_the_letters_of_their_address_alone(typed, admin_client):
    UserFactory(email="abcd@example.com", name="Nobody")

    page = admin_client.get("/admin/accounts/user/", {"q": typed})

    assert (page.status_code, page.context["cl"].result_count) == (200, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/../settings.py",
        "/static/..%2f",
        "/static/..%2fjobboard/settings.py",
        "/static/%2e%2e/manage.py",
        "/media/../",
        "/media/",
        "//etc/passwd",
    ],
)
def test_no_file_of_the_machine_has_an_address(path, visitor_client, db):
    assert visitor_client.get(path).status_code == 404


def test_no_link_follows_the_host_that_a_client_claims(visitor_client, world):
    claimed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "666"}

    answers = {row: visitor_client.get(address_of(row, world), headers=claimed) for row in ROWS}

    assert not [row for row, a in answers.items() if b"evil.example" in b"".join(a) or ":666" in str(a.headers)]


def test_no_mail_links_to_the_host_that_a_client_claims(visitor_client, seeker, mailoutbox):

    seeker.trust_email()
    visitor_client.post(
        "/accounts/password/reset/", {"email": seeker.email}, headers={"X-Forwarded-Host": "evil.example"}
    )
    mail.send_due(timezone.now())

    assert len(mailoutbox) == 1
    assert "evil.example" not in mailoutbox[0].body


def test_a_parameter_left_empty_is_left_out_of_the_canonical_address(visitor_client, settings, db):
    page = visitor_client.get("/jobs/?q=&level=").content.decode()

    assert f'<link rel="canonical" href="{settings.SITE_URL}/jobs/">' in page


@pytest.mark.parametrize("number", ["-1", "1e3", "%EF%BC%91", "+1", "0x1"])
def test_a_page_number_is_a_parameter_the_search_does_not_know_and_ignores(number, visitor_client, db):
    """Pages follow a cursor here; as for every parameter it doesn't know, the search leaves `page` out."""
    JobFactory(title="Gardener")

    response = visitor_client.get(f"/jobs/?page={number}")

    assert (response.status_code, [job.title for job in response.context["page"].jobs]) == (200, ["Gardener"])


def test_what_people_call_themselves_and_their_alerts_turns_no_line_round_and_hides_nothing(seeker, seeker_client):
    wish = {"q": "rust", "rhythm": "daily", "hour": "8", "weekday": "0"}
    seeker_client.post(reverse("alerts:new"), wish)
    alert = seeker.alerts.get()

    seeker_client.post(reverse("alerts:edit", args=[alert.pk]), wish | {"name": "\u202egnp.exe\u2060"})
    seeker_client.post(
        "/account/", {"name": "Si\u200bna \u2067Seeker", "locale": "en", "time_zone": "UTC", "theme": "system"}
    )

    alert.refresh_from_db()
    seeker.refresh_from_db()
    assert (alert.name, seeker.name) == ("gnp.exe", "Sina Seeker")


def test_a_word_to_search_for_turns_no_line_round(visitor_client, db):
    page = visitor_client.get("/jobs/?q=%E2%80%AEgnp.exe").content.decode()

    assert (re.findall(r"<bdi>[^<]*gnp\.exe[^<]*</bdi>", page) != [], "\u202e" in page) == (True, False)
