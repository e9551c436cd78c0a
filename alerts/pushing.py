"""Telling devices of a digest: its twin beside the mail's, told at most once.

A push service has no question to be asked what it took, so a worker that dies in between leaves the row as it is, and
nobody is told twice: the mail is the promise, this is a tap on the shoulder.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.templatetags.static import static
from django.utils import timezone
from django.utils.text import Truncator, capfirst

from alerts import push_service
from alerts.clicks import opening_url
from alerts.devices import Device
from alerts.digests import WAITS, Digest, DigestItem, message_id, running_alerts
from jobs import wording
from jobs.models import Job
from jobs.pay import pay_in_words

logger = logging.getLogger(__name__)

# How often a service that is busy is asked in all.
TRIES = 4
# Later than this nobody wants to be tapped on the shoulder.
LATE_AFTER = timedelta(hours=2)


def write_twins(digests: list[Digest], at: datetime) -> None:
    """A row for each of these mails whose recipient has a device."""
    if not push_service.is_set_up() or not digests:
        return
    recipients = [digest.recipient_id for digest in digests]
    owners = set(Device.objects.filter(owner__in=recipients).values_list("owner", flat=True))
    twins = [twin_of(digest, at) for digest in digests if digest.recipient_id in owners]
    Digest.objects.bulk_create(twins, ignore_conflicts=True)


def twin_of(digest: Digest, at: datetime) -> Digest:
    return Digest(
        recipient_id=digest.recipient_id,
        channel=Digest.Channel.PUSH,
        window=digest.window,
        message_id=message_id(digest.recipient_id, digest.window, Digest.Channel.PUSH),
        next_attempt_at=at,
        created_at=at,
    )


def send_pushes() -> int:
    """Tell the devices of everybody for whom a twin is ready; returns how many devices were told."""
    give_up_lost(timezone.now())
    told = 0
    while digest := claim(timezone.now()):
        if digest.state == Digest.State.SENDING:
            told += push(digest)
    return told


def give_up_lost(at: datetime) -> int:
    """Twins whose worker died: whether the device was told nobody knows, so it isn't told again."""
    lost = Digest.objects.filter(channel=Digest.Channel.PUSH).past_lease(Digest.State.SENDING, at)
    return lost.update(state=Digest.State.FAILED, reason="a worker died while telling", ended_at=at, lease_until=None)


@transaction.atomic
def claim(at: datetime) -> Digest | None:
    """The next twin that is ready: being told by the caller now, or suppressed when there is nothing to tell."""
    ready = Digest.objects.filter(channel=Digest.Channel.PUSH).ready(at).order_by("next_attempt_at", "pk")
    digest = ready.select_for_update(skip_locked=True).first()
    if digest is None:
        return None
    if objection := objection_to(digest, at):
        digest.state, digest.reason, digest.ended_at = Digest.State.SUPPRESSED, objection, at
        digest.save(update_fields=["state", "reason", "ended_at"])
    else:
        digest.job_count = jobs_of(digest, at).count()
        digest.begin(at)
    return digest


def objection_to(digest: Digest, at: datetime) -> str:
    """Why nobody is to be told of this; '' when they are."""
    if digest.recipient is None or not digest.recipient.is_active:
        return "the account is closed"
    if at - digest.created_at > LATE_AFTER:
        return "too late to tell"
    if not digest.recipient.devices.exists():
        return "no device is left"
    return "" if jobs_of(digest, at).exists() else "nothing of it is wanted any more"


def jobs_of(digest: Digest, at: datetime):
    """The jobs that the mail beside it is about: open now, of alerts that run now."""
    mail = Digest.objects.mails().filter(recipient=digest.recipient, window=digest.window)
    items = DigestItem.objects.current().filter(digest__in=mail, alert__in=running_alerts(digest.recipient))
    return Job.objects.open(at).filter(pk__in=items.values("job"))


def push(digest: Digest) -> int:
    """Tell each device of the person that was not told yet; one that is gone is forgotten.

    A service that is busy is asked again later, and only for the devices that it left out.
    """
    message, told, busy = message_of(digest, timezone.now()), 0, []
    for device in untold(digest):
        try:
            push_service.tell(device, message)
        except push_service.DeviceGone:
            device.delete()
        except push_service.Busy as answer:
            busy.append(answer)
        except push_service.NotTold as reason:
            logger.warning("Device %s was not told: %s", device.pk, reason)
        else:
            told += 1
            Device.objects.filter(pk=device.pk).update(told_at=timezone.now())
    if not (busy and postpone(digest, busy)):
        end(digest)
    return told


def untold(digest: Digest) -> list[Device]:
    was_told = Q(told_at__gte=digest.created_at)
    return list(digest.recipient.devices.exclude(was_told).for_list())


def postpone(digest: Digest, busy: list[push_service.Busy]) -> bool:
    """Try again when the services asked for it, else a while later; not more often than TRIES, nor too late."""
    at = timezone.now()
    wait = max([WAITS[min(digest.attempt, len(WAITS)) - 1], *(answer.wait for answer in busy if answer.wait)])
    if digest.attempt >= TRIES or at + wait - digest.created_at > LATE_AFTER:
        return False
    return digest.move(
        Digest.State.SENDING, state=Digest.State.READY, next_attempt_at=at + wait, lease_until=None, reason=""
    )


def end(digest: Digest) -> None:
    at = timezone.now()
    if digest.recipient.devices.filter(told_at__gte=digest.created_at).exists():
        state = {"state": Digest.State.SENT, "sent_at": at}
    else:
        state = {"state": Digest.State.FAILED, "reason": "no device took it"}
    digest.move(Digest.State.SENDING, ended_at=at, lease_until=None, **state)


def message_of(digest: Digest, at: datetime) -> dict:
    """What the notification says and opens; far below the 4 KB that services take."""
    jobs = jobs_of(digest, at).select_related("company").prefetch_related("regions")
    job = jobs.order_by("-published_at", "-pk").first()
    facts = [pay_in_words(job) or "Pay not stated", wording.where(job), wording.who_may_apply_briefly(job)]
    if others := digest.job_count - 1:
        facts.append(f"and {others} more")
    return {
        "title": Truncator(f"{job.title} at {job.company.name}").chars(120),
        "body": Truncator(capfirst(" · ".join(fact for fact in facts if fact))).chars(200),
        "url": address_of(digest, job),
        "icon": static("icons/touch.png"),
        "tag": f"digest-{digest.pk}",
    }


def address_of(digest: Digest, job: Job) -> str:
    """The page with all the jobs; with one only, that job's."""
    mail = Digest.objects.mails().get(recipient=digest.recipient, window=digest.window)
    return (opening_url(mail.pk, job) if digest.job_count == 1 else mail.jobs_url).removeprefix(settings.SITE_URL)
