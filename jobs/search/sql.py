"""A search as conditions on the rows of JobDocument, and how its statements are run."""

from datetime import timedelta

from django.db import connection

TABLE = "jobs_jobdocument"
SAMPLE = "jobs_sampleddocument"
# What counting and ordering read of a row: its vectors stay out of sight.
NARROW = "job_id, published_at, expires_at, pay_yearly, category_id, level, workplace, employment_types, regions"
# The planner believes that words are independent and that to compare a vector costs as little as a number. So it is
# told how to read: matches through the index of words, or the newest first; never every row, and never with parallel
# workers, which take longer to start than most searches.
ALONE = {"jit": "off", "max_parallel_workers_per_gather": "0", "cpu_operator_cost": "0.1"}
BY_WORDS = {"enable_seqscan": "off", "enable_indexscan": "off", "work_mem": "'32MB'"} | ALONE
BY_ORDER = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off"} | ALONE


def condition(search, *, at) -> tuple[str, list]:
    """SQL that holds for the documents of the jobs found, and its parameters."""
    parts, params = ["(expires_at IS NULL OR expires_at > %s)"], [at]
    if query := search.tsquery_sql():
        parts.append(f"doc @@ {query[0]}")
        params += query[1]
    if (pay_min := search.pay_min_yearly()) is not None:
        parts.append("pay_yearly >= %s")
        params.append(pay_min)
    if search.posted_within:
        parts.append("published_at >= %s")
        params.append(at - timedelta(days=search.posted_within))
    return " AND ".join(parts), params


def fetch(sql: str, params: list | dict, *, reading: dict[str, str]) -> list[tuple]:
    """Rows of a statement, run with these settings of the planner, which are put back."""
    before = "".join(f"SET LOCAL {name} = {value}; " for name, value in reading.items())
    after = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in reading)
    with connection.cursor() as cursor:
        # One message is one transaction of its own, or part of the one that is open.
        cursor.execute(f"{before}{sql}{after}", params)
        for _ in reading:
            cursor.nextset()
        return cursor.fetchall()


def reading_of(search) -> dict[str, str]:
    """How the matches of a search are read: by their words and filters, if it has any."""
    return BY_WORDS if search.tsquery_sql() else ALONE
