"""Asking whether to slow down when mails seem unread, and never switching off by ourselves."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone

from alerts.attention import mail_should_ask, page_should_ask
from alerts.mail import compose
from alerts.models import Click, Digest, KeptPace
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from tests.alerts.conftest import find
from tests.factories import JobFactory

LIST = reverse("alerts:list")


@pytest.fixture
def mailed(seeker):
    """So many mails were sent, the last an hour ago, a day between them."""

    def mailed(count: int):
        for n in range(count):
            sent_at = timezone.now() - timedelta(days=n, hours=1)
            Digest.objects.create(
                recipient=seeker, window=f"w{n}", message_id=f"<{n}@x>", state="sent", sent_at=sent_at
            )

    return mailed


@pytest.mark.parametrize(("sent", "asks"), [(0, False), (9, False), (10, True), (11, False), (19, False), (20, True)])
def test_a_mail_asks_after_ten_unread_and_after_ten_more(seeker, keep, mailed, sent, asks):
    keep(seeker)
    mailed(sent)

    assert mail_should_ask(seeker) is asks


def test_a_job_opened_a_login_or_a_visit_is_a_sign(seeker, keep, mailed):
    alert = keep(seeker)
    mailed(10)
    lately = timezone.now() - timedelta(minutes=90)

    click = Click.objects.create(alert=alert, job=JobFactory(), clicked_at=lately)
    opened = mail_should_ask(seeker)
    click.delete()
    seeker.last_login = lately
    seeker.save()
    logged_in = mail_should_ask(seeker)
    seeker.last_login = None
    seeker.save()
    UserSession.objects.create(user=seeker, session_key="x", ip="127.0.0.1", user_agent="", last_seen_at=lately)
    visited = mail_should_ask(seeker)

    assert (opened, logged_in, visited) == (False, False, False)


def test_somebody_elses_click_is_no_sign(seeker, stranger, keep, mailed):
    keep(seeker)
    mailed(10)
    Click.objects.create(alert=keep(stranger), job=JobFactory(), clicked_at=timezone.now())

    assert mail_should_ask(seeker) is True


def test_nobody_with_weekly_alerts_only_is_asked(seeker, keep, mailed):
    keep(seeker, rhythm=Rhythm.WEEKLY)
    mailed(10)

    assert (mail_should_ask(seeker), page_should_ask(seeker)) == (False, False)


def test_the_mail_asks_says_what_we_know_and_changes_nothing(seeker, keep, mailed):
    alert = keep(seeker, rhythm=Rhythm.INSTANT)
    mailed(10)
    Digest.objects.update(created_at=timezone.now() - timedelta(days=1))
    find(alert, JobFactory())
    plan_digests(timezone.now() + timedelta(minutes=5))
    digest = Digest.objects.claim(timezone.now() + timedelta(hours=2))

    message = compose(digest, timezone.now())

    alert.refresh_from_db()
    for part in (message.body, message.alternatives[0].content):
        assert "None of the last 10 mails was opened from its links, and nobody logged in." in part
        assert "If you do nothing, everything stays as it is." in part
    assert (alert.is_active, alert.rhythm) == (True, Rhythm.INSTANT)


def test_the_page_asks_once_and_once_a_week_is_one_click(seeker, seeker_client, keep, mailed):
    alert = keep(seeker)
    mailed(10)

    before = seeker_client.get(LIST).content.decode()
    after = seeker_client.post(reverse("alerts:slow_down"), follow=True).content.decode()

    alert.refresh_from_db()
    assert ("Is it too much?" in before, "Is it too much?" in after) == (True, False)
    assert (alert.rhythm, alert.is_active) == (Rhythm.WEEKLY, True)


def test_leaving_all_as_it_is_ends_the_question_until_ten_more(seeker, seeker_client, keep, mailed):
    alert = keep(seeker)
    mailed(10)

    page = seeker_client.post(reverse("alerts:keep_pace"), follow=True).content.decode()

    alert.refresh_from_db()
    assert ("Is it too much?" in page, alert.rhythm) == (False, Rhythm.DAILY)
    KeptPace.objects.update(answered_at=timezone.now() - timedelta(days=60))
    assert page_should_ask(seeker) is True
