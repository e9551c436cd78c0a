"""What Celery's beat nudges. Each may run twice, or not at all for a while: the rows know what is to be done."""

from celery import shared_task
from django.utils import timezone

from alerts import housekeeping, planning, pushing, sending
from jobs.nudging import nudge

SENDING_LIMITS = {"soft_time_limit": 180, "time_limit": 210}


@shared_task(name="alerts.plan_digests", **SENDING_LIMITS)
def plan_digests():
    if planning.plan_digests(timezone.now()):
        nudge("alerts.send_digests", "alerts.send_pushes")


@shared_task(name="alerts.send_digests", **SENDING_LIMITS)
def send_digests():
    sending.send_digests()


@shared_task(name="alerts.send_pushes", **SENDING_LIMITS)
def send_pushes():
    pushing.send_pushes()


@shared_task(name="alerts.reap_digests")
def reap_digests():
    if sending.reap_digests(timezone.now()):
        nudge("alerts.send_digests")


@shared_task(name="alerts.keep_house")
def keep_house():
    housekeeping.keep_house(timezone.now())
