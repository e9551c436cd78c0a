"""Reading an uploaded table: bytes to headers and rows, with one plain sentence for each way it can be unreadable."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END
from itertools import chain
from typing import BinaryIO

from jobs import workbooks
from jobs.workbooks import UnreadableWorkbook

MOST_BYTES = 50 * 1024 * 1024
PIECE = 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_CELL = 200_000
SEPARATORS = ",;\t|"
WORKBOOKS = (".xlsx", ".xlsm")
# The first bytes of an archive as workbooks are (also of an empty and of a split one), and of the kind before it.
ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
NO_WORKBOOK = (
    "The file is called a workbook but isn't one, or it is damaged."
    " Open it in a spreadsheet program and save it anew as XLSX or as “CSV UTF-8”."
)
# Python's own limit is for the whole process; a cell above it almost always is a forgotten quotation mark.
csv.field_size_limit(LONGEST_CELL)


class UnreadableFile(Exception):
    """Its message says in plain words what is wrong with the file, where, and what to do."""


@dataclass(frozen=True)
class Row:
    """`line` is where the row starts in the file; `problem` says why its cells can't be told apart."""

    line: int
    cells: dict[str, str]
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """`rows` can be gone through once: a large file isn't held in memory twice."""

    headers: list[str]
    rows: Iterator[Row]


@dataclass(frozen=True)
class Overview:
    """What a file holds, without its rows; `sample` is the first."""

    headers: list[str]
    sample: dict[str, str]
    rows: int


def read(file: BinaryIO) -> Table:
    """The table in an open CSV, TSV or XLSX file; raises UnreadableFile, also while its rows are gone through."""
    records = numbered_records(file)
    _, headers = next(records, (1, []))
    headers = checked_headers([header.strip() for header in headers])
    rows = (row_of(line, headers, cells) for line, cells in within_limit(records) if any(map(str.strip, cells)))
    first = next(rows, None)
    if first is None:
        raise UnreadableFile("The file has a header and no rows.")
    return Table(headers, chain([first], rows))


def look_over(file: BinaryIO, *, name: str = "") -> Overview:
    """Go through the whole file once; raises UnreadableFile wherever the fault lies.

    `name` is what its owner calls it: what is called a workbook isn't told what is wrong with it as a text.
    """
    try:
        table = read(file)
        first = next(table.rows)
        return Overview(table.headers, first.cells, rows=1 + sum(1 for _ in table.rows))
    except UnreadableFile as error:
        if name.lower().endswith(WORKBOOKS) and not start_of(file).startswith((*ARCHIVE, OLD_WORKBOOK)):
            raise UnreadableFile(NO_WORKBOOK) from error
        raise


def start_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(4)


def numbered_records(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """(line or row it starts on, cells) of each record, of whatever kind the file is."""
    if file.seek(0, SEEK_END) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it and import the parts.")
    start = start_of(file)
    if start == OLD_WORKBOOK:
        raise UnreadableFile("This is an old or a locked workbook. Save it as XLSX without a password.")
    if start in ARCHIVE:
        return records_of_workbook(file)
    is_utf_16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if is_utf_16 else "utf-8-sig"
    check_text(file, encoding)
    return records_of_text(file, encoding)


def records_of_workbook(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """All as wide as the first, unless they say something beyond it."""
    width = 0
    try:
        for number, cells in workbooks.numbered_rows(file):
            width = width or len(cells)
            yield number, cells + [""] * (width - len(cells))
    except UnreadableWorkbook as error:
        raise UnreadableFile(str(error)) from error


def check_text(file: BinaryIO, encoding: str):
    """Look through the whole file, a piece at a time."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    line, is_empty = 1, True
    piece = True
    while piece:
        piece = file.read(PIECE)
        text = decoded(decoder, piece, line)
        if is_empty and text.lstrip()[:1] == "<":
            raise UnreadableFile("This is a web page or XML, not a table. Was a login page saved instead of the file?")
        is_empty = is_empty and not text.strip()
        if "\x00" in text:
            line += text.count("\n", 0, text.index("\x00"))
            raise UnreadableFile(f"Line {line} has a NUL character: the file is damaged or isn't text.")
        line += text.count("\n")
    if is_empty:
        raise UnreadableFile("The file is empty.")


def decoded(decoder, piece: bytes, line: int) -> str:
    """The next characters; no bytes mean the end, where none may be left over."""
    try:
        return decoder.decode(piece, final=not piece)
    except UnicodeDecodeError as error:
        line += error.object.count(b"\n", 0, error.start)
        said = f"Line {line} isn't written in UTF-8. Save the file as “CSV UTF-8” and upload it again."
        raise UnreadableFile(said) from error


def records_of_text(file: BinaryIO, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """(line it starts on, cells) of each record; a quoted cell may hold line breaks."""
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield from records_of_lines(lines)
    finally:
        if not file.closed:
            lines.detach()  # else the file would be closed with them


def records_of_lines(lines: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    header = lines.readline()
    lines.seek(0)
    # The separator is what the header has most of.
    reader = csv.reader(lines, delimiter=max(SEPARATORS, key=header.count), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(sentence_for(error, line)) from error


def sentence_for(error: csv.Error, line: int) -> str:
    said = str(error)
    if "unexpected end" in said:
        return f"The row on line {line} opens a quotation mark that is never closed: the file seems cut off."
    if "field larger" in said:
        return (
            f"The row on line {line} has a cell of more than {LONGEST_CELL:,} characters: is a quotation mark missing?"
        )
    return f"The row on line {line} can't be read: a quotation mark stands where none may ({said})."


def checked_headers(headers: list[str]) -> list[str]:
    if len(headers) < 2:
        only = "".join(headers)[:60]
        raise UnreadableFile(f"Only one column was found (“{only}”). Separate columns by commas, semicolons or tabs.")
    if len(headers) > MOST_COLUMNS:
        raise UnreadableFile(f"The header names {len(headers)} columns; {MOST_COLUMNS} is the most.")
    named = [header for header in headers if header]
    if twice := next((header for header in named if named.count(header) > 1), None):
        raise UnreadableFile(f"The header names the column “{twice[:60]}” twice.")
    return headers


def within_limit(records):
    for number, record in enumerate(records, start=1):
        if number > MOST_ROWS:
            raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts.")
        yield record


def row_of(line: int, headers: list[str], cells: list[str]) -> Row:
    problem = "" if len(cells) == len(headers) else f"The row has {len(cells)} cells, the header {len(headers)}."
    named = zip(headers, cells, strict=False)
    return Row(line, {header: cell.strip() for header, cell in named if header}, problem)
