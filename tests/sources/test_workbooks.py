"""XLSX workbooks: read as tables of text are, and refused when they aren't what they say."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs import files, workbooks
from jobs.files import UnreadableFile
from jobs.models import Category
from sources.models import ImportRun
from sources.tasks import read_import
from tests import adverts
from tests.sheets import MAIN, OFFICE, PACKAGE, archive, sheet, workbook

DAMAGED = "The workbook is damaged. Open it, save it anew and upload that."
HEADER = "<row r='1'><c r='A1' t='str'><v>title</v></c><c r='B1' t='str'><v>said</v></c></row>"


def as_sheet(table: bytes) -> bytes:
    return workbook(list(csv.reader(io.StringIO(table.decode(), newline=""))))


def cells_of(content: bytes) -> list[dict]:
    return [row.cells for row in files.read(io.BytesIO(content)).rows]


def refusal_of(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        files.look_over(io.BytesIO(content))
    return str(refused.value)


@pytest.mark.django_db
def test_a_workbook_is_uploaded_and_previewed_like_a_table_of_text(editor_client):
    answers = {"new_source": "Research", "default_category": Category.objects.get(slug="engineering").pk}
    file = SimpleUploadedFile("jobs.xlsx", as_sheet(adverts.file()))

    editor_client.post(reverse("admin:sources_importrun_add"), answers | {"file": file})
    run = ImportRun.objects.get()
    read_import(run.pk)

    run.refresh_from_db()
    assert run.counts == {"new": 600, "changed": 0, "unchanged": 0, "repeated": 356, "refused": 0}


def test_a_workbook_says_what_the_same_table_of_text_says():
    table = adverts.file()

    assert cells_of(as_sheet(table)) == cells_of(table)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"no table", b"<html>Log in</html>", b"a,b\n\xff,1"])
@pytest.mark.parametrize("name", ["jobs.xlsx", "JOBS.XLSM"])
def test_what_is_called_a_workbook_and_is_none_is_told_so(editor_client, content, name):
    page = editor_client.post(reverse("admin:sources_importrun_add"), {"file": SimpleUploadedFile(name, content)})

    assert page.context["form"].errors["file"] == [files.NO_WORKBOOK]


def test_a_table_of_text_is_read_whatever_it_is_called():
    assert files.look_over(io.BytesIO(b"title,company\nCook,Inn"), name="jobs.xlsx").rows == 1


EMPTY = "No sheet was found in the workbook. Save it as XLSX or as “CSV UTF-8”."


@pytest.mark.parametrize(
    ("start", "said"), [(b"PK\x03\x04", DAMAGED), (b"PK\x05\x06", EMPTY), (b"PK\x07\x08", DAMAGED)]
)
def test_the_beginning_of_a_workbook_alone_is_not_read_as_text(start, said):
    assert refusal_of(start + bytes(20)) == said


STYLES = f"""<styleSheet {MAIN}><numFmts><numFmt numFmtId='170' formatCode='[Red]dd\\.mm\\.yyyy'/>
<numFmt numFmtId='171' formatCode='0 "days"'/></numFmts>
<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>
<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/><xf numFmtId='171'/></cellXfs></styleSheet>"""


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<c r='B2'><v>85000</v></c>", "85000"),
        ("<c r='B2'><v>8.5E4</v></c>", "85000"),
        ("<c r='B2'><v>25.5</v></c>", "25.5"),
        ("<c r='B2' s='1'><v>46418</v></c>", "2027-01-31"),
        ("<c r='B2' s='2'><v>46418</v></c>", "2027-01-31"),
        ("<c r='B2' s='2'><v>46418.5</v></c>", "2027-01-31T12:00:00"),
        ("<c r='B2' s='3'><v>46418</v></c>", "46418"),
        ("<c r='B2' s='1'><v>1E300</v></c>", "1E300"),
        ("<c r='B2' t='b'><v>1</v></c>", "true"),
        ("<c r='B2' t='e'><v>#N/A</v></c>", ""),
        ("<c r='B2' t='str'><f>A1</f><v>made</v></c>", "made"),
        ("<c r='B2' t='inlineStr'><is><r><t>two </t></r><r><t>parts</t></r></is></c>", "two parts"),
        ("<c r='B2' t='inlineStr'><is><t>東</t><rPh><t>ひがし</t></rPh></is></c>", "東"),
        ("<c r='B2' t='inlineStr'><is><t>a_x0009_b_x0000__xD83D_</t></is></c>", "a\tb"),
        ("<c r='B2' t='s'><v>99</v></c>", ""),
        ("<c r='B2' t='s'><v>x</v></c>", ""),
    ],
)
def test_a_cell_says_what_the_sheet_shows(cell, said):
    rows = sheet(f"{HEADER}<row r='2'><c r='A2' t='str'><v>Baker</v></c>{cell}</row>")

    assert cells_of(workbook([["x"]], xl__styles=STYLES, xl__worksheets__sheet1=rows)) == [
        {"title": "Baker", "said": said}
    ]


def test_days_are_counted_from_where_the_workbook_counts():
    outline = f"<workbook {MAIN} {OFFICE}><workbookPr date1904='1'/><sheets><sheet r:id='r1'/></sheets></workbook>"
    rows = sheet(f"{HEADER}<row r='2'><c r='A2' s='1'><v>0</v></c></row>")

    content = workbook([["x"]], xl__workbook=outline, xl__styles=STYLES, xl__worksheets__sheet1=rows)

    assert cells_of(content) == [{"title": "1904-01-01", "said": ""}]


def test_empty_rows_are_skipped_and_the_others_keep_their_numbers():
    rows = sheet(f"<row r='1'/>{HEADER.replace('1', '3')}<row r='4'/><row r='9'><c r='B9'><v>1</v></c></row>")

    (row,) = files.read(io.BytesIO(workbook([["x"]], xl__worksheets__sheet1=rows))).rows

    assert (row.line, row.cells) == (9, {"title": "", "said": "1"})


def test_a_hidden_sheet_is_passed_over():
    sheets = "<sheet state='hidden' r:id='r1'/><sheet r:id='r2'/>"
    relations = "".join(f"<Relationship Id='r{n}' Target='/xl/worksheets/sheet{n}.xml'/>" for n in (1, 2))
    content = archive(
        {
            "xl/workbook.xml": f"<workbook {MAIN} {OFFICE}><sheets>{sheets}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE}>{relations}</Relationships>",
            "xl/worksheets/sheet1.xml": sheet("<row><c><v>1</v></c></row>"),
            "xl/worksheets/sheet2.xml": sheet(f"{HEADER}<row><c><v>7</v></c></row>"),
        }
    )

    assert cells_of(content) == [{"title": "7", "said": ""}]


def test_what_is_no_workbook_is_refused():
    assert refusal_of(archive({"word/document.xml": "<w/>"})) == (
        "No sheet was found in the workbook. Save it as XLSX or as “CSV UTF-8”."
    )


@pytest.mark.parametrize(
    "content",
    [
        as_sheet(b"title,said\na,b\n")[:-30],
        workbook([["x"]], xl__worksheets__sheet1="<worksheet><row>"),
        archive({"xl/workbook.xml": f"<workbook {MAIN} {OFFICE}><sheets><sheet r:id='r1'/></sheets></workbook>"}),
        archive({f"xl/{number}.xml": "" for number in range(6_000)}),
    ],
)
def test_a_damaged_workbook_is_refused(content):
    assert refusal_of(content) == DAMAGED


def test_a_workbook_that_unpacks_to_very_much_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 2**20)
    content = workbook([["x"]], xl__worksheets__sheet1=" " * 2**20)

    assert len(content) < 5_000
    assert refusal_of(content) == "The workbook unpacks to more than 1 MB. Save the sheet as “CSV UTF-8”."


@pytest.mark.parametrize("part", ["xl__workbook", "xl__sharedStrings", "xl__worksheets__sheet1"])
def test_a_document_type_with_its_entities_is_refused(part):
    document = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"

    assert refusal_of(workbook([["x"]], **{part: document})) == (
        "The workbook holds a document type, which no spreadsheet needs. Save it anew."
    )


def test_a_cell_far_to_the_right_is_named():
    rows = sheet(f"{HEADER}<row r='2'><c r='XFD2'><v>1</v></c></row>")

    assert refusal_of(workbook([["x"]], xl__worksheets__sheet1=rows)) == (
        "Row 2 has something in column 16,384; 500 is the most."
    )


def test_an_endless_cell_is_refused():
    rows = sheet(f"{HEADER}<row r='2'><c t='str'><v>{'x' * 200_001}</v></c></row>")

    assert refusal_of(workbook([["x"]], xl__worksheets__sheet1=rows)) == (
        "A cell of the workbook has more than 200,000 characters."
    )


def test_more_rows_than_allowed_are_refused():
    rows = sheet(HEADER + "<row><c><v>1</v></c></row>" * 10_001)

    assert refusal_of(workbook([["x"]], xl__worksheets__sheet1=rows)) == (
        "The file has more than 10,000 rows. Split it and import the parts."
    )
