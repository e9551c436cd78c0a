"""Digests through a real mail server on loopback."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from alerts import sending, smtp
from alerts.digests import GIVE_UP_AFTER, LEASE, SET_ASIDE, TRIES_TO_SURVIVE
from alerts.models import Alert, Digest, DigestItem, Suppression
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from alerts.sending import reap_digests, send_digests
from jobs.models import Job
from subscriptions.entitlements import back_to_free
from tests.alerts.conftest import find
from tests.alerts.mail_server import mailroom
from tests.factories import JobFactory

MINUTE = timedelta(minutes=1)
DIGESTS = reverse("admin:alerts_digest_changelist")


@pytest.fixture
def room(settings):
    with mailroom(settings) as room:
        yield room


@pytest.fixture
def owed(keep):
    """A digest that is ready: an instant alert of this person that found these jobs."""

    def owed(owner, *jobs, words="python"):
        alert = keep(owner, words=words, rhythm=Rhythm.INSTANT)
        find(alert, *(jobs or [JobFactory()]))
        plan_digests(timezone.now())
        return Digest.objects.get(recipient=owner)

    return owed


def test_a_digest_is_sent_once(seeker, owed, room):
    digest = owed(seeker)

    first, second = send_digests(), send_digests()

    digest.refresh_from_db()
    assert (first, second, len(room.mails)) == (1, 0, 1)
    assert (digest.state, digest.smtp_code, digest.smtp_text, digest.attempt) == ("sent", 250, "kept", 1)
    recipients, message = room.mails[0]
    assert (recipients, message["Message-ID"]) == (["seeker@example.com"], digest.message_id)
    assert digest.sent_to == "seeker@example.com"


def test_several_digests_share_a_connection(seeker, stranger, subscriber, owed, room):
    for person in (seeker, stranger, subscriber):
        owed(person)

    assert (send_digests(), len(room.mails)) == (3, 3)


def test_the_row_is_handed_off_before_the_final_dot(seeker, owed, room, monkeypatch):
    digest = owed(seeker)
    seen = []
    dot = smtp.MailServer.dot

    def watched(server, connection):
        digest.refresh_from_db()
        seen.append((digest.state, len(room.mails)))
        return dot(server, connection)

    monkeypatch.setattr(smtp.MailServer, "dot", watched)
    send_digests()

    assert seen == [("handed_off", 0)]


def test_a_worker_that_lost_its_row_sends_no_dot(seeker, owed, room):
    owed(seeker)
    digest = Digest.objects.claim(timezone.now())
    Digest.objects.filter(pk=digest.pk).update(attempt=2)

    with smtp.MailServer() as server:
        was_sent = sending.send(digest, server)

    assert (was_sent, room.mails, Digest.objects.get().state) == (False, [], "sending")


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_temporary_refusal_is_tried_again_a_minute_later(seeker, owed, room, command):
    digest = owed(seeker)
    room.refuse[command] = "451 come back later"

    send_digests()

    digest.refresh_from_db()
    assert (digest.state, digest.smtp_code, digest.smtp_text) == ("ready", 451, "come back later")
    assert MINUTE - timedelta(seconds=30) < digest.next_attempt_at - timezone.now() <= MINUTE
    room.refuse.clear()
    Digest.objects.update(next_attempt_at=timezone.now())
    assert (send_digests(), len(room.mails)) == (1, 1)


def test_a_mail_server_that_is_away_is_tried_again(seeker, owed, settings):
    digest = owed(seeker)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    send_digests()

    digest.refresh_from_db()
    assert (digest.state, "ConnectionRefusedError" in digest.smtp_text) == ("ready", True)


def test_after_a_day_of_refusals_the_jobs_are_owed_to_the_next_digest(seeker, owed, room):
    digest = owed(seeker)
    Digest.objects.update(created_at=timezone.now() - GIVE_UP_AFTER)
    room.refuse["DATA"] = "451 come back later"

    send_digests()

    digest.refresh_from_db()
    alert = Alert.objects.get()
    assert (digest.state, DigestItem.objects.get().digest, alert.next_due_at is None) == ("failed", None, False)
    room.refuse.clear()
    plan_digests(alert.next_due_at)
    Digest.objects.filter(state="ready").update(next_attempt_at=timezone.now())
    assert (send_digests(), len(room.mails)) == (1, 1)


def test_an_address_that_does_not_exist_is_suppressed_at_the_second_hard_bounce(seeker, owed, room):
    room.refuse["RCPT"] = "550 no such user"

    owed(seeker)
    send_digests()
    after_one = Suppression.objects.stops(seeker.email)
    plan_digests(timezone.now() + timedelta(hours=2))
    Digest.objects.filter(state="ready").update(next_attempt_at=timezone.now())
    send_digests()

    assert list(Digest.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "failed"]
    assert (after_one, Suppression.objects.stops(seeker.email)) == (False, True)


def test_a_login_that_the_mail_server_refuses_is_our_trouble_and_not_the_persons(seeker, owed, room):
    digest = owed(seeker)
    room.refuse["MAIL"] = "530 authentication required"

    send_digests()

    digest.refresh_from_db()
    assert (digest.state, Suppression.objects.count()) == ("ready", 0)


def test_a_digest_that_cannot_be_written_keeps_nobody_waiting(seeker, stranger, owed, room):
    bad = owed(seeker)
    owed(stranger)
    Alert.objects.filter(owner=seeker).update(name="two\nlines")
    type(seeker).objects.filter(pk=seeker.pk).update(email="not an address\n@example.com")

    send_digests()

    bad.refresh_from_db()
    assert (bad.state, [to for to, _ in room.mails]) == ("ready", [["stranger@example.com"]])


@pytest.fixture
def unwritable(seeker, owed):
    """A digest whose writing fails each time, as a mail to an address that no header can hold does."""
    digest = owed(seeker)
    type(seeker).objects.filter(pk=seeker.pk).update(email="not an address\n@example.com")
    return digest


def send_each_attempt(times):
    for _ in range(times):
        Digest.objects.filter(state="ready").update(next_attempt_at=timezone.now())
        send_digests()


def test_a_digest_that_cannot_be_written_is_set_aside_at_the_third_try_with_its_jobs(unwritable, room):
    send_each_attempt(4)

    unwritable.refresh_from_db()
    assert (unwritable.state, unwritable.reason, unwritable.attempt) == ("failed", SET_ASIDE, 3)
    assert (list(Digest.objects.set_aside()), DigestItem.objects.get().digest) == ([unwritable], unwritable)


def test_what_was_set_aside_is_sent_once_it_is_mended(unwritable, room, admin_client, seeker):
    send_each_attempt(3)
    type(seeker).objects.filter(pk=seeker.pk).update(email="mended@example.com")

    page = admin_client.get(DIGESTS, {"trouble": "aside"}).content.decode()
    admin_client.post(DIGESTS, {"action": "retry", "_selected_action": [unwritable.pk]})
    send_each_attempt(1)

    unwritable.refresh_from_db()
    assert ("1 digest" in page, unwritable.state) == (True, "sent")
    assert [to for to, _ in room.mails] == [["mended@example.com"]]


def test_a_digest_whose_workers_die_of_it_is_set_aside(seeker, owed):
    digest = owed(seeker)
    at = timezone.now()

    for _ in range(TRIES_TO_SURVIVE):
        Digest.objects.claim(at)
        at += LEASE + MINUTE
        reap_digests(at)

    digest.refresh_from_db()
    assert (digest.state, digest.reason, Digest.objects.claim(at)) == ("failed", SET_ASIDE, None)


def test_a_database_that_goes_away_before_the_dot_leaves_no_half_mail(seeker, stranger, owed, room, monkeypatch):
    digest = owed(seeker)

    def away(*args):
        raise OperationalError("the database is shutting down")

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(Digest, "hand_off", away)
        send_digests()
    digest.refresh_from_db()
    state_then = digest.state
    reap_digests(timezone.now() + LEASE + MINUTE)
    Digest.objects.update(next_attempt_at=timezone.now())

    assert (state_then, send_digests(), len(room.mails)) == ("sending", 1, 1)


def stop_by(change, owner, alert, job):
    at = timezone.now()
    match change:
        case "alert paused":
            alert.pause(at, by=Alert.PausedBy.PERSON)
        case "alert deleted":
            alert.discard(at)
        case "job closed":
            Job.objects.filter(pk=job.pk).update(closed_at=at)
        case "unsubscribed from all":
            Suppression.objects.add(owner.email, reason="unsubscribed", at=at)
        case "account closed":
            type(owner).objects.filter(pk=owner.pk).update(is_active=False)
        case "account deleted":
            owner.delete()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("alert paused", "nothing of it is wanted any more"),
        ("alert deleted", "nothing of it is wanted any more"),
        ("job closed", "nothing of it is wanted any more"),
        ("unsubscribed from all", "the address gets no alerts"),
        ("account closed", "the account is closed"),
        ("account deleted", "the person is gone"),
    ],
)
def test_what_stopped_between_plan_and_send_is_not_sent(seeker, owed, room, change, reason):
    job = JobFactory()
    digest = owed(seeker, job)

    stop_by(change, seeker, Alert.objects.get(), job)
    sent = send_digests()

    digest.refresh_from_db()
    assert (sent, room.mails, digest.state, digest.reason) == (0, [], "suppressed", reason)


def test_a_plan_that_shrank_between_plan_and_send_leaves_out_what_it_no_longer_holds(subscriber, keep, room):
    job = JobFactory()
    alerts = [keep(subscriber, words=words, rhythm=Rhythm.INSTANT) for words in ("python", "rust")]
    for alert in alerts:
        find(alert, job)
    plan_digests(timezone.now())

    back_to_free(subscriber, timezone.now())
    send_digests()

    _, message = room.mails[0]
    assert "“rust”" in text_of(message)
    assert "“python”" not in text_of(message)


def test_a_job_that_closed_is_left_out_and_the_others_go(seeker, owed, room):
    closing, staying = JobFactory(title="Closing"), JobFactory(title="Staying")
    owed(seeker, closing, staying)
    Job.objects.filter(pk=closing.pk).update(closed_at=timezone.now())

    send_digests()

    _, message = room.mails[0]
    assert message["Subject"] == f"{staying.company} is hiring: Staying"
    assert "Closing" not in text_of(message)


def test_a_dead_workers_digest_is_sent_by_another(seeker, owed, room):
    owed(seeker)
    Digest.objects.claim(timezone.now())

    too_early = reap_digests(timezone.now())
    in_time = reap_digests(timezone.now() + LEASE + MINUTE)
    Digest.objects.update(next_attempt_at=timezone.now())

    assert (too_early, in_time, send_digests(), len(room.mails)) == (0, 1, 1, 1)


def test_a_worker_that_died_at_the_dot_is_sent_again_when_nobody_knows(seeker, owed, room):
    owed(seeker)
    digest = Digest.objects.claim(timezone.now())
    digest.hand_off(timezone.now())

    reap_digests(timezone.now() + LEASE + MINUTE)
    Digest.objects.update(next_attempt_at=timezone.now())

    assert (send_digests(), len(room.mails)) == (1, 1)


def test_a_worker_that_died_after_the_dot_is_found_in_the_mail_servers_log(seeker, owed, room, settings, tmp_path):
    owed(seeker)
    digest = Digest.objects.claim(timezone.now())
    digest.hand_off(timezone.now())
    settings.MAIL_LOG = str(tmp_path / "mail.log")
    (tmp_path / "mail.log").write_text(
        f"mail postfix/cleanup[204]: 4XyZ: message-id={digest.message_id}\n"
        "mail postfix/qmgr[101]: 4XyZ: from=<jobs@example.org>, size=9041, nrcpt=1 (queue active)\n"
    )

    reap_digests(timezone.now() + LEASE + MINUTE)

    digest.refresh_from_db()
    assert (digest.state, send_digests(), room.mails) == ("sent", 0, [])


def test_a_connection_that_breaks_at_the_dot_leaves_the_row_to_the_reaper(seeker, owed, room, monkeypatch):
    digest = owed(seeker)

    def broken(*args):
        raise ConnectionResetError

    monkeypatch.setattr("smtplib.SMTP.getreply", breaking_after_data(broken))
    send_digests()

    digest.refresh_from_db()
    assert digest.state == "handed_off"


def breaking_after_data(broken):
    import smtplib

    whole = smtplib.SMTP.getreply
    answers = []

    def getreply(self):
        if answers and answers[-1] == 354:
            return broken()
        reply = whole(self)
        answers.append(reply[0])
        return reply

    return getreply


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_digest_once(keep, room):
    from tests.factories import UserFactory

    people, job = UserFactory.create_batch(30), JobFactory()
    for person in people:
        find(keep(person, words="python", rhythm=Rhythm.INSTANT))
    find(Alert.objects.first(), job)
    plan_digests(timezone.now())

    def send(_):
        try:
            return send_digests()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        sent = sum(threads.map(send, range(6)))

    assert (sent, len(room.mails)) == (30, 30)
    assert sorted(to[0] for to, _ in room.mails) == sorted(person.email for person in people)


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()
