"""What the migrations wrote (categories, roles, rates, …), brought back after a test that really commits.

Django empties every table after such a test and fills none again, so that any later test would miss its seeds. Here the
rows are remembered once and copied back, which is faster than its flush, too.
"""

from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase


@contextmanager
def brought_back(seeds: dict[str, bytes]):
    """Within the block a committing test leaves the database as it was when the seeds were remembered."""
    usual = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: restore(seeds)
    yield
    TransactionTestCase._fixture_teardown = usual


def remembered() -> dict[str, bytes]:
    """Every table of ours with its rows as PostgreSQL copies them."""
    with connection.cursor() as cursor:
        return {table: copied(cursor, table) for table in tables()}


def tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - {"django_migrations"})


def copied(cursor, table: str) -> bytes:
    with cursor.copy(f'COPY (TABLE "{table}") TO STDOUT') as rows:
        return b"".join(rows)


@transaction.atomic
def restore(seeds: dict[str, bytes]) -> None:
    """Foreign keys are deferred, so that the order of the tables doesn't matter."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE {} CASCADE".format(", ".join(f'"{table}"' for table in seeds)))
        for table, rows in seeds.items():
            if rows:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
    cache.clear()
    ContentType.objects.clear_cache()
