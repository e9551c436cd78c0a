"""Tables for download that no spreadsheet program takes for formulas."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def plain_cell(value) -> str:
    """A cell's text; with an apostrophe before what a spreadsheet would run, even behind spaces."""
    text = "" if value is None else str(value)
    starts_formula = text.startswith(FORMULA_STARTS) or text.lstrip(" ").startswith(FORMULA_STARTS)
    return f"'{text}" if starts_formula else text


class Line:
    """A file that hands back what is written: csv.writer needs one, streaming wants the line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(headers: list[str], rows: Iterable[list]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow(headers)  # without the mark Excel takes UTF-8 for Latin-1
    for row in rows:
        yield writer.writerow([plain_cell(cell) for cell in row])


def csv_response(name: str, headers: list[str], rows: Iterable[list]) -> StreamingHttpResponse:
    """A download of `name`.csv; the name is ours, never a person's text."""
    response = StreamingHttpResponse(csv_lines(headers, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
