"""The weekly partitions of Match, so that old matches leave by dropping a table and not row by row."""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

KEPT = timedelta(days=40)
AHEAD = 2


def prepare(at) -> None:
    """See to it that this week and the next have a table."""
    known = tables()
    for start in (monday(at) + timedelta(weeks=n) for n in range(AHEAD)):
        if table_of(start) not in known:
            add(start)


def drop_old(at) -> list[str]:
    """Drop the weeks that ended longer ago than matches are kept, and say which."""
    oldest = table_of(monday(at - KEPT))
    old = [name for name in tables() if name < oldest]
    with connection.cursor() as cursor:
        for name in old:
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("DELETE FROM alerts_match_default WHERE matched_at < %s", [monday(at - KEPT)])
    return old


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'alerts_match'::regclass AND inhrelid <> 'alerts_match_default'::regclass ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@transaction.atomic
def add(start: datetime) -> None:
    """Make the week's table and take over what fell into the default one meanwhile."""
    name, end = table_of(start), start + timedelta(weeks=1)
    with connection.cursor() as cursor:
        # One at a time; whoever waited finds the table there.
        cursor.execute("LOCK TABLE alerts_match_default IN SHARE ROW EXCLUSIVE MODE")
        if name in tables():
            return
        cursor.execute(f"CREATE TABLE {name} (LIKE alerts_match INCLUDING ALL)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM alerts_match_default WHERE matched_at >= %s AND matched_at < %s RETURNING *)"
            f" INSERT INTO {name} (search_id, matched_at, job_id) SELECT search_id, matched_at, job_id FROM moved",
            [start, end],
        )
        cursor.execute(f"ALTER TABLE alerts_match ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [start, end])


def table_of(start: datetime) -> str:
    return f"alerts_match_{start:%G}w{start:%V}"


def monday(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
