"""A digest by web push stands beside the mail's: the mail's workers leave it alone."""

from django.utils import timezone

from alerts.digests import LEASE, message_id
from alerts.models import Digest
from alerts.sending import reap_digests, send_digests

WINDOW = "2026-11-23T08"


def test_the_mails_workers_leave_a_push_digest_alone(seeker):
    at = timezone.now()
    ready = Digest.objects.create(recipient=seeker, channel="push", window=WINDOW, message_id="a", next_attempt_at=at)
    lost = Digest.objects.create(
        recipient=seeker, channel="push", window="another", message_id="b", state="handed_off", lease_until=at - LEASE
    )

    sent, reaped = send_digests(), reap_digests(at)

    ready.refresh_from_db()
    lost.refresh_from_db()
    assert (sent, reaped, ready.state, lost.state) == (0, 0, "ready", "handed_off")


def test_a_person_has_one_digest_of_each_channel_in_a_slot(seeker):
    ids = {message_id(seeker.pk, WINDOW, channel) for channel in Digest.Channel.values}
    for channel, name in zip(Digest.Channel.values, sorted(ids), strict=True):
        Digest.objects.create(
            recipient=seeker, channel=channel, window=WINDOW, message_id=name, next_attempt_at=timezone.now()
        )

    assert (len(ids), Digest.objects.mails().count(), Digest.objects.count()) == (2, 1, 2)
