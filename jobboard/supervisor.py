"""Starts what `manage.py up` runs, keeps it running and stops it all."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from jobboard import embedded
from jobboard.embedded import CannotStart

STOP_WITHIN = 20  # seconds that a program has for finishing what it does before it is killed
PR_SET_PDEATHSIG = 1


@dataclass
class Kept:
    """Something that is started again when it ends, at most five times a minute."""

    name: str
    starts: list[float] = field(default_factory=list, kw_only=True)

    def start(self) -> None:
        self.starts = [*self.starts[-4:], time.monotonic()]
        self.launch()

    def keeps_failing(self) -> bool:
        return len(self.starts) == 5 and self.starts[-1] - self.starts[0] < 60


@dataclass
class Server(Kept):
    """An embedded server, which runs before the programs do and is stopped after them, by `embedded`."""

    server: embedded.Server

    def launch(self) -> None:
        self.server.start()

    def has_ended(self) -> bool:
        return not self.server.runs()


@dataclass
class Program(Kept):
    """A child process of ours."""

    command: list[str]
    process: subprocess.Popen | None = field(default=None, kw_only=True)

    def launch(self) -> None:
        self.end_children()
        # Its own process group: Ctrl-C reaches us alone, and we say when to stop, once.
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_WITHIN)
        self.end_children()
        self.process.wait()

    def end_children(self) -> None:
        """End what is left of its group: a worker that was killed leaves its beat behind."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def die_with_parent() -> None:
    """Ask the kernel to end this process when the supervisor is gone, even after kill -9 (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def keep_running(programs: list[Program], *, once_started: Callable[[], None], say: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM, with one line of `say` for whatever had to be started again.

    Raises CannotStart when something ends again and again.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell starts its background programs deaf to SIGINT
        signal.signal(ending, signal.default_int_handler)
    servers = [Server(server.name, server) for server in embedded.servers]
    try:
        for program in programs:
            program.start()
        once_started()
        while True:
            time.sleep(0.5)
            restart_ended([*servers, *programs], say)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        for program in reversed(programs):
            program.stop()


def restart_ended(kept: list[Kept], say: Callable[[str], None]) -> None:
    for one in kept:
        if not one.has_ended():
            continue
        if one.keeps_failing():
            raise CannotStart(f"{one.name} ended five times within a minute; its messages are above.")
        one.start()
        say(f"{one.name} had ended and was started again.")


def port_of(text: str) -> int:
    """The port that somebody chose; raises CannotStart for what can't be one."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        said = text[:40]
        raise CannotStart(f"There is no port “{said}”: a port is a number from 1 to 65535, as in make run PORT=8000")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} can't be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error


def wait_until_listening(port: int, host: str = "127.0.0.1", seconds: int = 30) -> None:
    for _ in range(seconds * 10):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.1)
    raise CannotStart(f"The web server did not answer within {seconds} seconds; its messages are above.")
