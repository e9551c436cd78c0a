"""Postfix's own log, asked which messages it took when a worker died at the final dot.

Postfix writes a message's id while it still reads the message, so that line alone proves nothing: only what the queue
manager then took up, under the same queue id, was accepted.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

# "… mail postfix/cleanup[204]: 4XyZ1: message-id=<name@host>" and later
# "… mail postfix/qmgr[101]: 4XyZ1: from=<jobs@example.org>, size=9041, nrcpt=1 (queue active)"
LINE = re.compile(r"/(?:cleanup|qmgr)\[\d+\]: (?P<queue_id>\w+): (?:message-id=(?P<message_id><[^>]*>)|from=<)")


def taken(message_ids: list[str]) -> set[str]:
    """Those of the Message-IDs that settings.MAIL_LOG, or the log that was rotated out last, knows as accepted.

    Without a log, or when it can't be read, none: they are sent again, rather twice than never.
    """
    if not message_ids or not settings.MAIL_LOG:
        return set()
    try:
        return accepted(lines_of(Path(settings.MAIL_LOG)), set(message_ids))
    except OSError as error:
        logger.warning("MAIL_LOG can't be read (%s): what is unclear is sent again.", error)
        return set()


def accepted(lines: Iterator[str], wanted: set[str]) -> set[str]:
    found, in_queue = set(), {}
    for line in lines:
        match = LINE.search(line)
        if not match:
            continue
        if match["message_id"]:
            in_queue[match["queue_id"]] = match["message_id"]
        else:
            found.add(in_queue.pop(match["queue_id"], None))
    return found & wanted


def lines_of(log: Path) -> Iterator[str]:
    for file in (log.with_name(f"{log.name}.1"), log):
        if file == log or file.exists():
            with file.open(errors="replace") as lines:
                yield from lines
