"""PostgreSQL and Valkey of the run's own, to be restarted, killed and emptied."""

import os
import shutil
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.harness import close_connections, prepare
from jobboard import embedded


@contextmanager
def own_servers(folder: Path):
    """Both on sockets under the folder, with a migrated database; stopped at the end."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {"DATA_DIR": str(folder), "DEVELOPMENT": "false", "DEBUG": "false", "SECRET_KEY": "chaos" * 12}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    embedded.ensure_servers()
    try:
        prepare()
        yield
    finally:
        close_connections()
        embedded.stop_servers()


def restart_postgres(*, politely: bool) -> None:
    """SIGINT ends every session and writes a checkpoint; SIGQUIT is a crash, from which it recovers at the start."""
    end("postgres/postmaster.pid", signal.SIGINT if politely else signal.SIGQUIT)
    embedded.start_postgres()


def kill_and_empty_redis() -> None:
    end("valkey/valkey.pid", signal.SIGKILL)
    folder = embedded.data_dir() / "valkey"
    shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
    (folder / "dump.rdb").unlink(missing_ok=True)
    embedded.start_valkey()


def end(pid_file: str, how: signal.Signals) -> None:
    process = psutil.Process(int((embedded.data_dir() / pid_file).read_text().split("\n")[0]))
    process.send_signal(how)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
