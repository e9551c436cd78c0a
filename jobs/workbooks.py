"""Reading the first sheet of an XLSX workbook as rows of text.

With the standard library, because the file isn't to be trusted: it is read a piece at a time, what it unpacks to is
limited, a document type (and with it every entity) is refused, and its texts wait on disk rather than in memory.
"""

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import SEEK_END
from posixpath import join, normpath
from tempfile import TemporaryFile
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as DamagedPart

MOST_UNPACKED = 200 * 1024 * 1024
MOST_CELL_TEXT = 200_000
# Bytes of the list of what is in the archive: a workbook has some twenty entries of a hundred bytes.
LONGEST_DIRECTORY = 256 * 1024
MOST_COLUMN = 500
CHUNK = 16 * 1024
# Excel's own formats of dates and times, by number.
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class UnreadableWorkbook(Exception):
    """Its message says in plain words what is wrong with the workbook."""


def numbered_rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """(number of the row in the sheet, its cells without empty ones at the end) of each row that holds something."""
    try:
        check_directory(file)
        with ZipFile(file) as archive, TemporaryFile() as texts:
            workbook = Workbook(archive)
            shared = Texts(texts)
            workbook.read("xl/sharedStrings.xml", SharedTexts(shared))
            sheet = Sheet(shared, workbook.dates(), workbook.epoch)
            with workbook.opened(workbook.first_sheet()) as part:
                for _ in parsed(part, sheet):
                    yield from sheet.taken()
    except (BadZipFile, DamagedPart, expat.ExpatError, EOFError, NotImplementedError) as error:
        raise UnreadableWorkbook("The workbook is damaged. Open it, save it anew and upload that.") from error


def check_directory(file: BinaryIO):
    """Refuse an archive of countless entries before each of them takes memory."""
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - 2**16 - 22))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 16 or b"PK\x06\x07" in end[max(0, at - 20) : at]:
        raise BadZipFile("its end is missing, or of the kind for archives of more than 4 GB")
    if int.from_bytes(end[at + 12 : at + 16], "little") > LONGEST_DIRECTORY:
        raise BadZipFile("it has more entries than a workbook")


class Workbook:
    """The parts of the archive, by name."""

    def __init__(self, archive: ZipFile):
        self.archive = archive
        self.names = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in self.names.values()) > MOST_UNPACKED:
            most = MOST_UNPACKED // 1024 // 1024
            raise UnreadableWorkbook(f"The workbook unpacks to more than {most} MB. Save the sheet as “CSV UTF-8”.")
        self.outline = Outline()
        self.read("xl/workbook.xml", self.outline)
        if not self.outline.sheets:
            raise UnreadableWorkbook("No sheet was found in the workbook. Save it as XLSX or as “CSV UTF-8”.")
        # Workbooks of old Macs count days from another day on.
        self.epoch = datetime(1904, 1, 1) if self.outline.counts_from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 -- a workbook's days have no zone

    @contextmanager
    def opened(self, name: str):
        info = self.names.get(name)
        if info is None or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & 1:
            raise BadZipFile(f"{name} is missing, packed unusually or encrypted")
        with self.archive.open(info) as part:
            yield part

    def read(self, name: str, handler: "Handler"):
        """Go through a part, if there is one."""
        if name in self.names:
            with self.opened(name) as part:
                for _ in parsed(part, handler):
                    pass

    def first_sheet(self) -> str:
        """The part of the first sheet that isn't hidden."""
        relations = Relations()
        self.read("xl/_rels/workbook.xml.rels", relations)
        target = relations.targets.get(self.outline.sheets[0], "worksheets/sheet1.xml")
        return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))

    def dates(self) -> set[int]:
        """The styles that show a number as a date or a time."""
        styles = Styles()
        self.read("xl/styles.xml", styles)
        return styles.dates


def parsed(part, handler: "Handler") -> Iterator[None]:
    """Hand the elements of an XML part to the handler, and come back after each piece."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.StartElementHandler = lambda name, facts: handler.start(local(name), facts)
    parser.EndElementHandler = lambda name: handler.end(local(name))
    parser.CharacterDataHandler = handler.text
    while piece := part.read(CHUNK):
        parser.Parse(piece)
        yield
    parser.Parse(b"", True)
    yield


def refuse_document_type(*_):
    raise UnreadableWorkbook("The workbook holds a document type, which no spreadsheet needs. Save it anew.")


def local(name: str) -> str:
    """Without its namespace: there is an older and a stricter one, of the same words."""
    return name.rpartition(" ")[2]


class Handler:
    def start(self, name: str, facts: dict[str, str]):
        pass

    def end(self, name: str):
        pass

    def text(self, said: str):
        pass


class Outline(Handler):
    def __init__(self):
        self.sheets: list[str] = []
        self.counts_from_1904 = False

    def start(self, name, facts):
        if name == "workbookPr":
            self.counts_from_1904 = facts.get("date1904") in ("1", "true")
        elif name == "sheet" and facts.get("state", "visible") == "visible":
            relation = next((value for fact, value in facts.items() if fact.endswith("relationships id")), "")
            self.sheets.append(relation)


class Relations(Handler):
    def __init__(self):
        self.targets: dict[str, str] = {}

    def start(self, name, facts):
        if name == "Relationship":
            self.targets[facts.get("Id", "")] = facts.get("Target", "")


class Styles(Handler):
    def __init__(self):
        self.dates: set[int] = set()
        self.formats: dict[str, str] = {}
        self.is_within = False
        self.count = 0

    def start(self, name, facts):
        if name == "numFmt":
            self.formats[facts.get("numFmtId", "")] = facts.get("formatCode", "")
        elif name == "cellXfs":
            self.is_within = True
        elif name == "xf" and self.is_within:
            if is_date(facts.get("numFmtId", "0"), self.formats):
                self.dates.add(self.count)
            self.count += 1

    def end(self, name):
        if name == "cellXfs":
            self.is_within = False


def is_date(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        # Colours and conditions in brackets, words in quotation marks and after a backslash are no date.
        return re.search("[ymdhs]", re.sub(r'\[[^\]]*\]|"[^"]*"|\\.', "", formats[number].lower())) is not None
    return number.isdecimal() and int(number) in DATE_FORMATS


class Texts:
    """Texts by number, kept in a file."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.ends = array("Q", [0])

    def add(self, text: str):
        self.ends.append(self.ends[-1] + self.file.write(text.encode()))

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            return ""
        self.file.seek(self.ends[number])
        return self.file.read(self.ends[number + 1] - self.ends[number]).decode()


class Gathering(Handler):
    """Puts together the text that stands in <t> and <v>, which comes in pieces."""

    def __init__(self):
        self.said: list[str] = []
        self.length = 0
        self.is_text = False
        # How a text is pronounced (in Japanese) isn't part of it.
        self.is_aside = False

    def start(self, name, facts):
        self.is_aside = self.is_aside or name == "rPh"
        self.is_text = name in ("t", "v") and not self.is_aside

    def end(self, name):
        self.is_text = False
        if name == "rPh":
            self.is_aside = False

    def text(self, said):
        if not self.is_text:
            return
        self.length += len(said)
        if self.length > MOST_CELL_TEXT:
            raise UnreadableWorkbook(f"A cell of the workbook has more than {MOST_CELL_TEXT:,} characters.")
        self.said.append(said)

    def gathered(self) -> str:
        text = "".join(self.said)
        self.said, self.length = [], 0
        return text


class SharedTexts(Gathering):
    def __init__(self, texts: Texts):
        super().__init__()
        self.texts = texts

    def end(self, name):
        super().end(name)
        if name == "si":
            self.texts.add(unescaped(self.gathered()))


class Sheet(Gathering):
    def __init__(self, shared: Texts, dates: set[int], epoch: datetime):
        super().__init__()
        self.shared, self.dates, self.epoch = shared, dates, epoch
        self.rows: list[tuple[int, list[str]]] = []
        self.number, self.cells, self.column = 0, [], 0
        self.kind, self.style = "n", 0

    def taken(self) -> list[tuple[int, list[str]]]:
        """The rows that are complete, once."""
        rows, self.rows = self.rows, []
        return rows

    def start(self, name, facts):
        super().start(name, facts)
        if name == "row":
            self.number = whole(facts.get("r"), self.number + 1)
            self.cells, self.column = [], 0
        elif name == "c":
            self.column = column_of(facts.get("r", "")) or self.column + 1
            self.kind, self.style = facts.get("t", "n"), whole(facts.get("s"), 0)
            if self.column > MOST_COLUMN:
                said = f"Row {self.number} has something in column {self.column:,}; {MOST_COLUMN} is the most."
                raise UnreadableWorkbook(said)

    def end(self, name):
        super().end(name)
        if name == "c":
            if said := self.value(self.gathered()):
                self.cells += [""] * (self.column - len(self.cells))
                self.cells[self.column - 1] = said
        elif name == "row" and self.cells:
            self.rows.append((self.number, self.cells))

    def value(self, said: str) -> str:
        """As people would have written it in a table of text."""
        if self.kind == "s":
            return self.shared[whole(said, -1)]
        if self.kind == "b":
            return "true" if said == "1" else "false"
        if self.kind == "e":
            return ""
        if self.kind == "n":
            return self.number_or_date(said)
        return unescaped(said)

    def number_or_date(self, said: str) -> str:
        try:
            number = float(said)
            if self.style in self.dates:
                return written_date(self.epoch, number)
            return str(int(number)) if number.is_integer() else repr(number)
        except (ValueError, OverflowError):
            return said


def written_date(epoch: datetime, days: float) -> str:
    moment = epoch + timedelta(seconds=round(days * 86_400))
    return moment.date().isoformat() if moment == datetime.combine(moment, datetime.min.time()) else moment.isoformat()


def unescaped(text: str) -> str:
    """Characters that XML can't hold are written as _x000D_; what no text can hold, NUL and halves, is left out."""
    return ESCAPED.sub(unescaped_one, text) if "_x" in text else text


def unescaped_one(found: re.Match) -> str:
    number = int(found[1], 16)
    return "" if number == 0 or 0xD800 <= number <= 0xDFFF else chr(number)


def column_of(reference: str) -> int:
    """3 of 'C7', 0 of nothing."""
    number = 0
    for letter in reference.rstrip("0123456789")[:4]:
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number


def whole(said: str | None, otherwise: int) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 10 else otherwise
