"""The mailbox of a developer's machine, on a phone."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.mail import Mail
from accounts.models import User
from tests.audit.chromium import open_page
from tests.audit.test_pages import axe_findings, too_wide
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.xdist_group("audit"), pytest.mark.urls("tests.jobboard.urls_in_development")]
LONG = "a.very.long.name.of.a.person.that.has.no.place.to.break@and-a-long-domain.of-some-company.example.com"


@pytest.fixture
def mails(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    (tmp_path / "mail").mkdir()
    for number, subject in enumerate(["x" * 255, "Rechtsschutzversicherungsgesellschaften " * 6, "Log in", ""]):
        mail = Mail(subject, f"https://board.test/{'x' * 400}/", to=[LONG], headers={"X-Long": "y" * 400})
        raw = f"X-Delivered-To: {LONG}\r\n".encode() + mail.message().as_bytes(linesep="\r\n")
        (tmp_path / "mail" / f"20261123-12000{number}-000000.eml").write_bytes(raw)


@pytest.mark.parametrize("path", ["/dev/mailbox/", "/dev/mailbox/20261123-120000-000000/"])
def test_no_mail_is_wider_than_a_phone(chromium, client, db, mails, path):
    TOTP.activate(User.objects.create_user(LONG, PASSWORD, is_staff=True), generate_totp_secret())

    page, visit = open_page(chromium, client, path, width=360)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    faults = [*visit.broken, *axe_findings(page), *too_wide(page, screen=360)]
    page.context.close()

    assert faults == []
