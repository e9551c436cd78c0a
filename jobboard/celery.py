"""The Celery application; tasks are found in each app's tasks.py."""

import os
from contextlib import suppress

from celery import Celery
from celery.signals import beat_init
from kombu.exceptions import OperationalError
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")

# A worker whose broker is gone would try to put back there what it has not begun yet, fail, and end. What it held
# comes back by itself after `visibility_timeout`, and beat has long looked again.
Channel.do_restore = False

app = Celery("jobboard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="digest_tasks")


@beat_init.connect
def note_beat_at_once(**_):
    """Beat waits a whole minute before it sends anything for the first time; until then /readyz would call it dead."""
    with suppress(OperationalError):  # a broker that is away just then must not end beat
        app.send_task("jobboard.note_beat", retry=False)
