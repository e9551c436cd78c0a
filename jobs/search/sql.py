"""A search as conditions on the rows of JobDocument."""

from datetime import timedelta

TABLE = "jobs_jobdocument"


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
