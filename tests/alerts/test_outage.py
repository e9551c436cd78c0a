"""A mail server that is away for a whole day, by a simulated clock: afterwards one mail each, and nothing lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from alerts.models import Digest
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from alerts.sending import reap_digests, send_digests
from jobboard.mail_sink import free_port
from tests.alerts.conftest import find
from tests.alerts.mail_server import mailroom
from tests.factories import CompanyFactory, JobFactory

AWAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
BACK = AWAY + timedelta(hours=24)
STEP = timedelta(minutes=10)


@pytest.fixture
def looking(seeker, stranger, subscriber, keep):
    """Alerts of three people: at once, each day at eight, and each Tuesday at eight."""
    start = AWAY - timedelta(hours=1)
    return {
        seeker.email: keep(seeker, words="python", rhythm=Rhythm.INSTANT, at=start),
        stranger.email: keep(stranger, words="rust", rhythm=Rhythm.DAILY, hour=8, at=start),
        subscriber.email: keep(subscriber, words="go", rhythm=Rhythm.WEEKLY, weekday=1, hour=8, at=start),
    }


def test_after_a_day_without_mail_server_everybody_gets_one_mail_with_all_of_it(looking, settings):
    company = CompanyFactory()
    wanted = {email: set() for email in looking}

    with mailroom(settings) as room, time_machine.travel(AWAY, tick=False) as clock:
        answering = settings.EMAIL_PORT
        settings.EMAIL_PORT = free_port()
        for step in range(25 * 6):
            at = AWAY + step * STEP
            clock.move_to(at)
            settings.EMAIL_PORT = settings.EMAIL_PORT if at < BACK else answering
            if step % 18 == 1 and at < BACK:
                for email, alert in looking.items():
                    job = JobFactory(published_at=at, company=company)
                    find(alert, job, at=at)
                    wanted[email].add(job.pk)
            plan_digests(at)
            reap_digests(at)
            send_digests()

    told = {to: jobs_in(message) for [to], message in room.mails}
    assert (len(room.mails), told) == (3, wanted)
    assert {state: Digest.objects.filter(state=state).count() for state in ("ready", "sending", "handed_off")} == {
        "ready": 0,
        "sending": 0,
        "handed_off": 0,
    }


def jobs_in(message) -> set[int]:
    text = message.get_body(("plain",)).get_content()
    return {int(pk) for pk in re.findall(r"/alerts/opened/\d+/(\d+)/", text)}
