"""Processes that do what a worker's tasks do, one after the other."""

import os
import time
from multiprocessing import get_context

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- what follows needs Django first
from django.utils import timezone  # noqa: E402 -- needs Django

from alerts.planning import plan_digests  # noqa: E402 -- needs Django
from alerts.sending import send_digests  # noqa: E402 -- needs Django

forking = get_context("forkserver")
forking.set_forkserver_preload([__name__])


def start(n: int, port: int) -> list:
    """n processes that plan and send through the mail server on the port until they are killed."""
    processes = [forking.Process(target=work, args=[port], daemon=True) for _ in range(n)]
    for process in processes:
        process.start()
    return processes


def work(port: int) -> None:
    settings.EMAIL_PORT = port
    while True:
        if plan_digests(timezone.now()) + send_digests() == 0:
            time.sleep(0.05)
