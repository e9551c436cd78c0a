"""A mail server that takes a message, writes it down as Postfix would, and waits before it says so.

The wait is what makes a crash cruel: the message is taken, and whoever sent it doesn't know.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from pathlib import Path

from aiosmtpd.smtp import SMTP

WAIT = 0.005  # seconds between taking a message and the reply
MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
LINE = re.compile(r"/(cleanup|qmgr)\[\d+\]: (\w+): (?:message-id=(<[^>]*>)|from=<.*\(queue active\))")


class Taker:
    """Handles what aiosmtpd receives: two lines in the log, the wait, the reply."""

    def __init__(self, log: Path, wait: float):
        self.log = log.open("a", buffering=1)
        self.wait = wait
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        message_id = MESSAGE_ID.search(envelope.content)[1].decode()
        self.log.write(
            f"chaos postfix/cleanup[1]: Q{self.count}: message-id={message_id}\n"
            f"chaos postfix/qmgr[1]: Q{self.count}: from=<{envelope.mail_from}>, size=1, nrcpt=1 (queue active)\n"
        )
        await asyncio.sleep(self.wait)
        return "250 taken"


async def serve(port: int, log: Path, wait: float) -> None:
    loop, taker = asyncio.get_running_loop(), Taker(log, wait)
    server = await loop.create_server(lambda: SMTP(taker, hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


def arrived(log: Path) -> Counter:
    """How often each Message-ID was taken, by the log of this server or of Postfix."""
    ids, taken = {}, Counter()
    for match in map(LINE.search, log.read_text(errors="replace").splitlines()):
        if match and match[1] == "cleanup":
            ids[match[2]] = match[3]
        elif match and match[2] in ids:
            taken[ids.pop(match[2])] += 1
    return taken


class Progress:
    """Counts the messages in a log that grows."""

    def __init__(self, log: Path):
        self.log, self.offset, self.rest, self.count = log, 0, b"", 0

    def look(self) -> int:
        with self.log.open("rb") as file:
            file.seek(self.offset)
            new = file.read()
        self.offset += len(new)
        *lines, self.rest = (self.rest + new).split(b"\n")
        self.count += sum(b"(queue active)" in line for line in lines)
        return self.count


def wait_for_port(port: int) -> None:
    import socket

    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"no mail server answers on port {port}")


if __name__ == "__main__":
    port, log, *wait = sys.argv[1:]
    asyncio.run(serve(int(port), Path(log), float(wait[0]) if wait else WAIT))
