"""XLSX workbooks as small as they can be, part by part."""

import io
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
RELATION = "<Relationship Id='r1' Target='worksheets/sheet1.xml'/>"
FIRST = "xl/worksheets/sheet1.xml"


def workbook(rows: list[list[str]], **parts: str) -> bytes:
    """A sheet of texts; a part given by its name (with __ for / and no .xml) stands instead of ours."""
    texts = list(dict.fromkeys(cell for row in rows for cell in row))
    numbers = {text: number for number, text in enumerate(texts)}
    cells = [[f"<c t='s'><v>{numbers[cell]}</v></c>" for cell in row] for row in rows]
    return archive(
        {
            "xl/workbook.xml": f"<workbook {MAIN} {OFFICE}><sheets><sheet name='Jobs' r:id='r1'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE}>{RELATION}</Relationships>",
            "xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(f'<si><t>{escape(text)}</t></si>' for text in texts)}</sst>",
            FIRST: sheet("".join(f"<row>{''.join(row)}</row>" for row in cells)),
        }
        | {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    )


def sheet(rows: str) -> str:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


def archive(parts: dict[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()
