"""The processes that chaos kills: Celery workers and beats, forked from one that has everything imported already.

So a new one stands after a tenth of a second, and a run spends its time on sending rather than on starting Python.
"""

import os
import warnings
from datetime import timedelta
from multiprocessing import get_context

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
django.setup()

import celery.apps.beat  # noqa: E402 -- what follows needs Django first
import celery.apps.worker  # noqa: E402, F401 -- loaded once, before the processes part
import kombu.transport.redis  # noqa: E402, F401 -- loaded once, before the processes part

from alerts import digests  # noqa: E402 -- needs Django
from jobboard.celery import app  # noqa: E402 -- needs Django

app.loader.import_default_modules()

# Beat's minute and the lease's five minutes, shrunk so that a run is over in minutes. The lease must stay above the ten
# seconds that the mail server may take to answer.
BEAT = 1
LEASE = timedelta(seconds=15)
NUDGED = ("alerts.plan_digests", "alerts.send_digests", "alerts.reap_digests")

forking = get_context("forkserver")
forking.set_forkserver_preload([__name__])


def worker():
    process = forking.Process(target=run_worker, daemon=True)
    process.start()
    return process


def beat(schedule: str):
    process = forking.Process(target=run_beat, args=[schedule], daemon=True)
    process.start()
    return process


def run_worker() -> None:
    warnings.filterwarnings("ignore", message="(?s).*superuser privileges")
    digests.LEASE = LEASE
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "CRITICAL"]
    app.start(["--quiet", "worker", "--pool", "solo", "--queues", "default,mail", *quiet])


def run_beat(schedule: str) -> None:
    app.conf.beat_schedule = {task: {"task": task, "schedule": BEAT} for task in NUDGED}
    app.start(["--quiet", "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "CRITICAL"])
