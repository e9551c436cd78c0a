"""Who may do what: every address, every role, every method. An address that isn't in the table fails."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from tests.jobboard.addresses import address_of, admin_addresses, asked, patterns, undone

ROLES = ("visitor", "seeker", "stranger", "subscriber", "editor", "moderator", "admin")
OUTSIDERS = ROLES[:4]

GROUPS = {"owner": ("seeker",), "staff": ("editor", "moderator", "admin")} | {role: (role,) for role in ROLES}

# What everybody gets, then who gets something else: "owner" is the seeker, to whom belongs what an address names;
# "login" leads to the login page, "sure" asks for the password or the second factor once more, 301 and 302 lead on.
# HEAD answers as GET; POST comes with nothing filled in.
TABLE = """
address                                         | GET                          | POST

home                                            | 200                          | 405
jobs:search                                     | 200                          | 405
jobs:feed                                       | 200                          | 405
jobs:saved                                      | 200 visitor=login            | 405
jobs:applied                                    | 200 visitor=login            | 405
jobs:job_by_number                              | 301                          | 405
jobs:job                                        | 200                          | 405
jobs:job (draft)                                | 404                          | 405
jobs:job (closed)                               | 200                          | 405
jobs:apply                                      | 405                          | 303
jobs:apply (draft)                              | 405                          | 404
jobs:remove_application                         | 405                          | 404 visitor=login owner=302
jobs:restore_application                        | 405                          | 404 visitor=login owner=302
jobs:report                                     | 200                          | 200
jobs:report (draft)                             | 404                          | 404
jobs:save                                       | 405                          | 302 visitor=login
jobs:save (draft)                               | 405                          | 404
jobs:unsave                                     | 405                          | 302 visitor=login
jobs:company                                    | 200                          | 405

careers:index                                   | 200                          | 405
careers:feed                                    | 200                          | 405
careers:map                                     | 200                          | 405
careers:compare                                 | 200                          | 405
careers:my_skills                               | 200                          | 405
careers:keep_skills                             | 405                          | 302 visitor=login
careers:salary                                  | 200                          | 405
careers:salary (draft)                          | 404                          | 405
careers:regional_salary                         | 200                          | 405
careers:regional_salary (draft)                 | 404                          | 405
careers:picture                                 | 200                          | 405
careers:picture (draft)                         | 404                          | 405
api:guides                                      | 200                          | 405
api:guide                                       | 200                          | 405
api:guide (draft)                               | 404                          | 405
careers:guide                                   | 200                          | 405
careers:guide (draft)                           | 404                          | 405
careers:contributor                             | 200                          | 405
careers:preview                                 | 200                          | 405
careers:preview (forged)                        | 404                          | 405

alerts:list                                     | 200                          | 405
alerts:new                                      | 200                          | 200
alerts:staying                                  | 200 visitor=login            | 200 visitor=login
alerts:preview                                  | 200                          | 200
alerts:requested                                | 200                          | 405
alerts:confirm                                  | 200                          | 302
alerts:confirm (forged)                         | 404                          | 404
alerts:finish_account                           | 302                          | 302
alerts:edit                                     | 404 visitor=login owner=200  | 404 visitor=login owner=200
alerts:edit_preview                             | 405                          | 404 visitor=login owner=200
alerts:pause                                    | 405                          | 404 visitor=login owner=302
alerts:resume                                   | 405                          | 404 visitor=login owner=302
alerts:delete                                   | 405                          | 404 visitor=login owner=302
alerts:undo                                     | 405                          | 404 visitor=login owner=302
alerts:place                                    | 404 visitor=login owner=200  | 405
alerts:swap                                     | 405                          | 404 visitor=login owner=302
alerts:why                                      | 200 visitor=login            | 405
alerts:less                                     | 404 visitor=login owner=200  | 405
alerts:devices                                  | 200 visitor=login            | 405
alerts:allow_device                             | 405                          | 302 visitor=login
alerts:renew_device                             | 405                          | 400
alerts:remove_device                            | 405                          | 302 visitor=login
alerts:push_worker                              | 200                          | 405
alerts:feed                                     | 200                          | 405
alerts:feed (forged)                            | 404                          | 405
alerts:draw_feed                                | 405                          | 404 visitor=login owner=302
alerts:end_feed                                 | 405                          | 404 visitor=login owner=302
alerts:test                                     | 405                          | 404 visitor=login owner=302
alerts:open_job                                 | 302                          | 405
alerts:open_job (forged)                        | 404                          | 405
alerts:mail_events                              | 405                          | 404
alerts:mail                                     | 200                          | 405
alerts:mail (forged)                            | 404                          | 405
alerts:slow_down                                | 405                          | 302 visitor=login
alerts:keep_pace                                | 405                          | 302 visitor=login
alerts:resume_mail                              | 405                          | 302 visitor=login
alerts:unsubscribe                              | 200                          | 200
alerts:unsubscribe (forged)                     | 404                          | 404
alerts:stop                                     | 302                          | 302
alerts:stop (forged)                            | 404                          | 404
alerts:weekly_instead                           | 302                          | 302
alerts:weekly_instead (forged)                  | 404                          | 404
alerts:short_pause                              | 302                          | 302
alerts:short_pause (forged)                     | 404                          | 404
alerts:say_why                                  | 302                          | 200
alerts:say_why (forged)                         | 404                          | 404
alerts:unsubscribe_all                          | 302                          | 302
alerts:unsubscribe_all (forged)                 | 404                          | 404

subscriptions:plans                             | 200                          | 405
subscriptions:switch-to-plus                    | 404                          | 404
subscriptions:switch-to-free                    | 404                          | 404
stripe_webhook                                  | 405                          | 404

billing:home                                    | 404                          | 405
billing:check-out                               | 405                          | 404
billing:returned                                | 404                          | 405
billing:given-up                                | 404                          | 405
billing:portal                                  | 405                          | 404
billing:portal-return                           | 404                          | 405
billing:card                                    | 405                          | 404
billing:pay                                     | 404                          | 405
billing:cancel                                  | 404                          | 404
billing:resume                                  | 405                          | 404
billing:switch                                  | 404                          | 404
billing:invoices                                | 404                          | 405

accounts:profile                                | 200 visitor=login            | 200 visitor=login
accounts:export                                 | sure visitor=login           | 405
accounts:deletion                               | sure visitor=login           | sure visitor=login
usersessions_list                               | 200 visitor=login            | 302 visitor=login
account_login                                   | 302 visitor=200              | 302 visitor=200
account_logout                                  | 200 visitor=302              | 302
account_inactive                                | 200                          | 405
account_signup                                  | 302 visitor=200              | 302 visitor=200
account_reauthenticate                          | 200 visitor=login            | 200 visitor=login
account_email                                   | 200 visitor=login            | 302 visitor=login
account_email_verification_sent                 | 200                          | 405
account_confirm_email                           | 200                          | login owner=302
account_confirm_email (forged)                  | 404                          | 404
account_change_password                         | 200 visitor=login            | 200 visitor=login
account_set_password                            | 302 visitor=login            | 302 visitor=login
account_reset_password                          | 200                          | 200
account_reset_password_done                     | 200                          | 405
account_reset_password_from_key (forged)        | 404                          | 404
account_reset_password_from_key_done            | 200                          | 405
account_request_login_code                      | 302 visitor=200              | 302 visitor=200
account_confirm_login_code                      | 302                          | 302

mfa_index                                       | 200 visitor=login            | 405 visitor=login
mfa_authenticate                                | 302 visitor=login            | 302 visitor=login
mfa_reauthenticate                              | sure visitor=login staff=200 | sure visitor=login staff=200
mfa_activate_totp                               | sure visitor=login owner=302 | sure visitor=login owner=302
mfa_deactivate_totp                             | 404 visitor=login staff=sure | 404 visitor=login staff=sure
mfa_view_recovery_codes                         | 404 visitor=login            | 405 visitor=login
mfa_generate_recovery_codes                     | sure visitor=login           | sure visitor=login
mfa_download_recovery_codes                     | 404 visitor=login            | 404 visitor=login
mfa_list_webauthn                               | 200 visitor=login            | 405 visitor=login
mfa_add_webauthn                                | sure visitor=login owner=302 | sure visitor=login owner=302
mfa_edit_webauthn                               | sure visitor=login           | sure visitor=login
mfa_remove_webauthn                             | sure visitor=login           | sure visitor=login
mfa_login_webauthn                              | 302 visitor=login            | 302 visitor=login
mfa_reauthenticate_webauthn                     | sure visitor=login owner=200 | sure visitor=login owner=login

socialaccount_connections                       | 200 visitor=login            | 200 visitor=login
socialaccount_login_cancelled                   | 200                          | 405
socialaccount_login_error                       | 401                          | 405
socialaccount_signup                            | login                        | login
/accounts/social/login/cancelled/               | 301                          | 301
/accounts/social/login/error/                   | 301                          | 301
/accounts/social/signup/                        | 301                          | 301
/accounts/social/connections/                   | 301                          | 301

components                                      | 404                          | 405
brand_stylesheet                                | 404                          | 405
brand_logo                                      | 404                          | 405
favicon                                         | 302                          | 405
robots                                          | 200                          | 405
sitemaps                                        | 200                          | 405
django.contrib.sitemaps.views.sitemap           | 200                          | 405
django.contrib.sitemaps.views.sitemap (unknown) | 404                          | 405
healthz                                         | 200                          | 405
readyz                                          | 200                          | 405
"""

# A mail program sends these without cookie or form token (RFC 8058); the signature in the address is what lets in.
NO_FORM_TOKEN = {
    "alerts:unsubscribe",
    "alerts:stop",
    "alerts:weekly_instead",
    "alerts:short_pause",
    "alerts:unsubscribe_all",
    "alerts:say_why",
    "stripe_webhook",  # from Stripe, whose signature lets it in
    "alerts:mail_events",  # signed by a provider
    "alerts:renew_device",  # from a browser's worker, which shows the secret of the subscription that we know
    "alerts:confirm",  # from a page without referrer, whose origin no token could be held against
}

# What looking at pages may write, and why.
WRITTEN_BY_LOOKING = {
    "django_session": "messages, and when staff were last here",
    "usersessions_usersession": "the browser and address of each session, for the page of sessions",
    "cache": "limits and counts",
}


def rows() -> dict[str, dict[str, dict[str, str]]]:
    """{address: {"GET": {role: status}, "POST": …}}"""
    lines = [line.split("|") for line in TABLE.strip().splitlines()[1:] if line]
    return {name.strip(): {"GET": by_role(get), "POST": by_role(post)} for name, get, post in lines}


def by_role(cell) -> dict[str, str]:
    everybody, *others = cell.split()
    statuses = dict.fromkeys(ROLES, everybody)
    for other in others:
        who, status = other.split("=")
        statuses |= dict.fromkeys(GROUPS[who], status)
    return statuses


ROWS = rows()


def expected(role, method) -> dict[str, str]:
    return {name: cells[method][role] for name, cells in ROWS.items()}


@pytest.fixture
def addresses(world):
    return {row: address_of(row, world) for row in ROWS}


@pytest.fixture(params=ROLES)
def role(request):
    return request.param


@pytest.fixture
def cookies(request, role):
    client = request.getfixturevalue(f"{role}_client")
    if role != "visitor":
        request.getfixturevalue(role).trust_email()
    return client.cookies


def in_a_word(response) -> str:
    leads_to = response.headers.get("Location", "").split("?")[0]
    return WORDS.get(leads_to, str(response.status_code))


WORDS = {"/accounts/login/": "login", "/accounts/reauthenticate/": "sure"}


def fingerprint() -> dict[str, str]:
    """A hash over all rows of each table, but for those that looking may write."""
    tables = set(connection.introspection.table_names()) - WRITTEN_BY_LOOKING.keys()
    hashes = [
        # The names come from the database itself.
        f"""SELECT '{table}', md5(string_agg(t::text, ';' ORDER BY t::text)) FROM "{table}" t"""
        for table in sorted(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(hashes))
        return dict(cursor.fetchall())


def test_every_address_is_in_the_table():
    known = {row.split(" ")[0] for row in ROWS}

    assert {name for name, _ in patterns() if not name.startswith(("admin:", "/admin/"))} == known


def test_a_role_may_look_at_what_the_table_says_and_looking_changes_nothing(role, cookies, addresses):
    before = fingerprint()

    answers = {row: in_a_word(asked(cookies, "GET", address)) for row, address in addresses.items()}

    assert answers == expected(role, "GET")
    assert fingerprint() == before


def test_the_head_of_a_page_is_answered_as_the_page(role, cookies, addresses):
    before = fingerprint()

    answers = {row: in_a_word(asked(cookies, "HEAD", address)) for row, address in addresses.items()}

    assert answers == expected(role, "GET")
    assert fingerprint() == before


def test_a_role_may_change_what_the_table_says(role, cookies, addresses):
    answers = {row: in_a_word(undone(cookies, "POST", address)) for row, address in addresses.items()}

    assert answers == expected(role, "POST")


def test_whoever_logs_in_to_press_a_button_comes_back_to_a_page(visitor_client, seeker_client, addresses):
    asking = {row for row, cells in ROWS.items() if cells["GET"]["seeker"] == "405"}
    pressed = [row for row in asking if ROWS[row]["POST"]["visitor"] == "login"]

    pages = {row: page_after_login(visitor_client.post(addresses[row])) for row in pressed}

    assert {row: seeker_client.get(page).status_code for row, page in pages.items()} == dict.fromkeys(pressed, 200)
    assert len(pressed) > 10


def test_whoever_logs_in_to_press_a_button_comes_back_to_where_it_stood(visitor_client, addresses):
    stood_on = {"Referer": "http://testserver/jobs/saved/?cursor=9"}

    answers = [visitor_client.post(addresses[row], headers=stood_on) for row in ("jobs:unsave", "alerts:pause")]

    assert [page_after_login(answer) for answer in answers] == ["/jobs/saved/?cursor=9"] * 2


@pytest.mark.parametrize("referrer", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "{self}"])
def test_no_referrer_leads_off_the_site_or_back_to_the_button(referrer, visitor_client, addresses):
    address = addresses["alerts:pause"]
    came_from = referrer.replace("{self}", f"http://testserver{address}")

    answer = visitor_client.post(address, headers={"Referer": came_from})

    assert page_after_login(answer) == "/alerts/"


def page_after_login(response) -> str:
    return QueryDict(urlsplit(response.headers["Location"]).query)["next"]


def test_asking_for_the_methods_tells_no_more_than_the_page_and_changes_nothing(role, cookies, addresses):
    before = fingerprint()

    answers = {row: in_a_word(asked(cookies, "OPTIONS", address)) for row, address in addresses.items()}

    odd = {row: answer for row, answer in answers.items() if answer not in ("200", "405", ROWS[row]["POST"][role])}
    assert (odd, fingerprint()) == ({}, before)


def test_no_address_knows_another_method(cookies, addresses):
    before = fingerprint()

    answers = {
        asked(cookies, method, address).status_code
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PURGE")
        for address in [*addresses.values(), "/admin/"]
    }

    assert (answers, fingerprint()) == ({405}, before)


@pytest.mark.parametrize("role", ["visitor", "seeker", "admin"])
def test_a_form_without_its_token_is_refused(role, cookies, addresses):
    before = fingerprint()

    taken = {
        row
        for row, address in addresses.items()
        if undone(cookies, "POST", address, enforce_csrf_checks=True).status_code != 403
    }

    assert {row.split(" ")[0] for row in taken} == NO_FORM_TOKEN
    assert fingerprint() == before


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_but_staff_gets_a_page_of_the_admin(method, role, cookies, db):
    refusal = "login" if role == "visitor" else "403"

    answers = {address: in_a_word(undone(cookies, method, address)) for address in admin_addresses("1")}

    assert answers == dict.fromkeys(answers, refusal)
    assert len(answers) > 100


def test_a_draft_looks_like_a_job_that_never_was(cookies, world):
    pages = [("GET", "jobs:job_by_number"), ("GET", "jobs:report"), ("POST", "jobs:apply"), ("POST", "jobs:save")]

    assert told_of(cookies, pages, world.draft.pk) == told_of(cookies, pages, NEVER_WAS)


@pytest.mark.parametrize("role", ["stranger", "editor", "admin"])
def test_an_alert_of_somebody_else_looks_like_one_that_never_was(cookies, world):
    pages = [("GET", "alerts:edit"), ("GET", "alerts:place"), ("POST", "alerts:pause"), ("POST", "alerts:delete")]

    assert told_of(cookies, pages, world.runs.pk) == told_of(cookies, pages, NEVER_WAS)


NEVER_WAS = 987654321


def told_of(cookies, pages, pk) -> list[tuple[int, str]]:
    """The status and the body of each page about this one."""
    answers = [asked(cookies, method, reverse(name, args=[pk])) for method, name in pages]
    return [(answer.status_code, without_token(answer)) for answer in answers]


def without_token(response) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
