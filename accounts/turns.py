"""Work on one thing that must not happen twice at once, where there is no row to lock."""

from django.db import connection


def take_turns(key: str) -> None:
    """Let those with the same key wait for each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
