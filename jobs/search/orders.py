"""The orders of a page, each total: the id decides between equals, so that no page repeats or skips a job."""

from collections.abc import Callable
from typing import Any, NamedTuple

from jobs.documents import NEVER
from jobs.search.cursors import Position, moment

# Relevance looks at this many of the newest matches: to rank them all would read every advert.
RANKED = 1000


class Order(NamedTuple):
    """`column` is SQL that an index holds, `key` SQL that makes a whole number of it; `read` turns that back."""

    column: str
    direction: str
    key: str
    read: Callable[[int], Any]


MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
ORDERS = {
    "newest": Order("published_at", "DESC", MICROSECONDS, moment),
    "pay": Order("coalesce(pay_yearly, -1)", "DESC", "{}", int),
    "closing": Order(f"coalesce(expires_at, '{NEVER.isoformat()}'::timestamptz)", "ASC", MICROSECONDS, moment),
}
RELEVANCE = Order("relevance", "DESC", "{}", int)


def name_of(search) -> str:
    """The order that makes sense: nothing is relevant without keywords."""
    return "newest" if search.sort == "relevance" and not search.web_query else search.sort


def order_of(search) -> Order:
    return ORDERS.get(name_of(search), RELEVANCE)


def page_sql(search, source: str, where: tuple[str, list], after: Position | None, *, at, size) -> tuple[str, list]:
    """SELECT of (key, job_id) in order for the jobs after a position, one more than the page's size.

    `source` is a table of documents or of matches among them, `where` what still has to hold for its rows.
    """
    order, (sql, params) = order_of(search), where
    if order is RELEVANCE:
        source, params = ranked_sql(search, source, where, at=at)
        source, sql = f"({source}) ranked", "true"
    if after:
        sign = "<" if order.direction == "DESC" else ">"
        sql, params = (
            f"{sql} AND ({order.column}, job_id) {sign} (%s, %s)",
            [*params, order.read(after.key), after.job_id],
        )
    by = f"{order.column} {order.direction}, job_id {order.direction}"
    key = order.key.format(order.column)
    return f"SELECT {key} AS key, job_id FROM {source} WHERE {sql} ORDER BY {by} LIMIT {size + 1}", params


def in_order(search, places) -> list[tuple[int, int]]:
    """Rows of page_sql() that were mixed with others, sorted again."""
    return sorted(places, reverse=order_of(search).direction == "DESC")


def ranked_sql(search, source: str, where: tuple[str, list], *, at) -> tuple[str, list]:
    """Relevance of the newest matches: rank of title, company and tags in millionths, halved at thirty days."""
    query, params = search.keyword_tsquery_sql()
    condition, condition_params = where
    sql = f"""
        SELECT ((0.05 + ts_rank(head, {query})) * 1000000
            / (1 + greatest(0, extract(epoch FROM %s - published_at)::float8) / 2592000))::bigint AS relevance, job_id
        FROM (SELECT job_id, published_at, head FROM {source} WHERE {condition} AND published_at <= %s
              ORDER BY published_at DESC, job_id DESC LIMIT {RANKED}) newest"""
    return sql, [*params, at, *condition_params, at]
