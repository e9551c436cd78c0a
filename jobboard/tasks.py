from celery import shared_task

from jobboard import health


@shared_task(name="jobboard.note_beat")
def note_beat():
    health.note_beat()
