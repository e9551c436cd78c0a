"""A database of its own for a benchmark, on the servers the site would use, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from jobboard import embedded


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """Django set up on a new, migrated database; yields its address."""
    os.environ.setdefault("DEBUG", "true")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    embedded.ensure_servers()
    address, database = os.environ["DATABASE_URL"], f"bench_{name}_{os.getpid()}"
    run(address, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", database)
    os.environ["DATABASE_URL"] = urlsplit(address)._replace(path=f"/{database}").geturl()
    try:
        set_up()
        yield os.environ["DATABASE_URL"]
    finally:
        close_connections()
        os.environ["DATABASE_URL"] = address
        run(address, "DROP DATABASE {} WITH (FORCE)", database)


def set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def close_connections() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


def run(address: str, statement: str, database: str) -> None:
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(sql.Identifier(database)))
