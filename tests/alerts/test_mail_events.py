"""Bounces and complaints, told by a mail provider through the signed address."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.digests import LEASE, message_id
from alerts.mail_events import BELIEVED_FOR, MailEvent
from alerts.models import Digest, Suppression
from alerts.sending import reap_digests
from alerts.views.mail_events import MOST_EVENTS, TOLERANCE, sign

URL = reverse("alerts:mail_events")


@pytest.fixture(autouse=True)
def secret(settings):
    settings.MAIL_EVENTS_SECRET = "shared with the provider"


@pytest.fixture
def mail(seeker, keep):
    """A mail to the seeker, handed to the mail server without an answer."""
    keep(seeker)
    at = timezone.now()
    return Digest.objects.create(
        recipient=seeker,
        window="2026-11-23T08",
        message_id=message_id(seeker.pk, "2026-11-23T08"),
        state=Digest.State.HANDED_OFF,
        lease_until=at + LEASE,
        created_at=at,
    )


def tell(*events, sent_at=None, signature=None):
    body = json.dumps(events[0] if len(events) == 1 else events).encode()
    at = str(int(sent_at or time.time()))
    signature = f"t={at},v1={sign(at, body)}" if signature is None else signature
    return Client().post(URL, body, content_type="application/json", headers={"X-Signature": signature})


def event(mail, kind, key="1") -> dict:
    return {"id": key, "type": kind, "message_id": mail.message_id}


def test_the_second_hard_bounce_stops_alerts_to_the_address(mail, seeker):
    answers = []

    for key in ("1", "2"):
        tell(event(mail, "bounced", key))
        answers.append(Suppression.objects.stops(seeker.email))

    assert answers == [False, True]


def test_bounces_count_against_the_address_that_the_mail_went_to(mail, seeker):
    begin_then_move(mail, seeker)

    for key in ("1", "2"):
        tell(event(mail, "bounced", key))

    assert (Suppression.objects.stops("seeker@example.com"), Suppression.objects.stops(seeker.email)) == (True, False)


def test_a_complaint_from_an_address_that_the_person_left_ends_nothing_at_the_new_one(mail, seeker):
    begin_then_move(mail, seeker)

    tell(event(mail, "complained"))

    seeker.refresh_from_db()
    assert (Suppression.objects.stops("seeker@example.com"), Suppression.objects.stops(seeker.email)) == (True, False)
    assert ([alert.is_active for alert in seeker.alerts.all()], seeker.wants_news) == ([True], True)


def begin_then_move(mail, person):
    """A sender begins with the mail; later the person has another address."""
    Digest.objects.get(pk=mail.pk).begin(timezone.now())
    person.wants_news, person.email = True, "new@example.com"
    person.save()


def test_the_fourth_soft_bounce_stops_alerts_to_the_address(mail, seeker):
    answers = []

    for key in "1234":
        tell(event(mail, "soft_bounced", key))
        answers.append(Suppression.objects.stops(seeker.email))

    assert answers == [False, False, False, True]


def test_thirty_quiet_days_forgive(mail, seeker):
    tell(event(mail, "bounced", "1"))
    Suppression.objects.update(bounced_at=timezone.now() - timedelta(days=30, seconds=1))

    tell(event(mail, "bounced", "2"))

    assert (Suppression.objects.stops(seeker.email), Suppression.objects.get().bounce_score) == (False, 2)


def test_a_complaint_switches_everything_off_at_once_and_no_click_undoes_it(mail, seeker, seeker_client):
    tell(event(mail, "complained"))
    seeker_client.post(reverse("alerts:resume_mail"))

    seeker.refresh_from_db()
    assert Suppression.objects.against(seeker.email).reason == "complained"
    assert ([alert.is_active for alert in seeker.alerts.all()], seeker.wants_news) == ([False], False)


def test_a_complaint_counts_also_after_unsubscribing(mail, seeker):
    Suppression.objects.add(seeker.email, reason="unsubscribed", at=timezone.now())

    tell(event(mail, "complained"))
    Suppression.objects.lift(seeker.email)

    assert Suppression.objects.against(seeker.email).reason == "complained"


def test_an_event_told_a_hundred_times_counts_once(mail):
    answers = [tell(event(mail, "bounced")).json() for _ in range(100)]

    assert answers == [{"taken": 1}] + [{"taken": 0}] * 99
    assert (Suppression.objects.get().bounce_score, MailEvent.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_an_event_told_twice_at_once_counts_once(mail):
    def once(_):
        try:
            return tell(event(mail, "bounced")).json()["taken"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        taken = sum(threads.map(once, range(12)))

    assert (taken, Suppression.objects.get().bounce_score) == (1, 2)


def test_a_mail_that_is_said_to_be_delivered_is_not_sent_again(mail):
    tell(event(mail, "delivered"))
    reaped = reap_digests(timezone.now() + 2 * LEASE)

    mail.refresh_from_db()
    assert (mail.state, mail.smtp_text, reaped) == ("sent", "delivered, the provider says", 0)


def test_a_bounce_of_a_mail_nobody_sent_is_only_noted(mail, seeker):
    forged = {"id": "1", "type": "complained", "message_id": f"<{seeker.pk}@localhost>"}

    answer = tell(forged)

    assert (answer.json(), Suppression.objects.count(), MailEvent.objects.get().digest) == ({"taken": 1}, 0, None)


def test_a_bounce_of_an_old_mail_is_not_believed(mail):
    Digest.objects.update(created_at=timezone.now() - BELIEVED_FOR)

    tell(event(mail, "complained"))

    assert Suppression.objects.count() == 0


def test_the_mail_of_somebody_who_is_gone_does_no_harm(mail, seeker):
    seeker.delete()

    assert tell(event(mail, "bounced")).status_code == 200


@pytest.mark.parametrize(
    "signature", ["", "t=1,v1=" + "0" * 64, "v1=x", "t=9" * 40, "t=①,v1=" + "0" * 64, f"t={2**39},v1={'f' * 64}"]
)
def test_without_the_right_signature_nothing_is_taken(mail, signature):
    answer = tell(event(mail, "complained"), signature=signature.encode().decode("latin-1"))

    assert (answer.status_code, Suppression.objects.count(), MailEvent.objects.count()) == (403, 0, 0)


def test_a_copy_of_an_old_request_is_refused(mail):
    assert tell(event(mail, "complained"), sent_at=time.time() - TOLERANCE - 1).status_code == 403


def test_without_a_secret_the_address_is_closed(mail, settings):
    settings.MAIL_EVENTS_SECRET = ""

    assert tell(event(mail, "complained")).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        7,
        None,
        {},
        {"id": "1", "type": "opened", "message_id": "<x@x>"},
        {"id": "", "type": "bounced", "message_id": "<x@x>"},
        {"id": "1\0", "type": "bounced", "message_id": "<x@x>"},
        {"id": "\ud800", "type": "bounced", "message_id": "<x@x>"},
        {"id": "1", "type": ["bounced"], "message_id": "<x@x>"},
        {"id": "1", "type": "bounced", "message_id": "x" * 201},
        [[]],
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(db, given):
    answer = tell(given)

    assert (answer.status_code, MailEvent.objects.count()) == (400, 0)
    assert answer.content.decode().endswith(".")


def test_one_event_that_is_none_refuses_the_whole_request(mail):
    assert tell(event(mail, "bounced"), {}).status_code == 400
    assert (MailEvent.objects.count(), tell(*[{}] * (MOST_EVENTS + 1)).status_code) == (0, 400)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(db, body):
    at = str(int(time.time()))

    answer = Client().post(
        URL, body, content_type="application/json", headers={"X-Signature": f"t={at},v1={sign(at, body)}"}
    )

    assert (answer.status_code, answer.content.decode()) == (400, "The body isn't JSON.")
