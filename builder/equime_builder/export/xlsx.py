"""Tables as Excel workbooks of one sheet: the few parts of the format that readers need, the same bytes every time.

Source: ECMA-376, Office Open XML, part 1 (SpreadsheetML), with texts inline (``t="inlineStr"``), never as formulas.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from equime_builder.csv_text import Cell
from equime_builder.publish import publish

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORKSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_WORKSHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_WORKSHEET}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive knows


def write_xlsx(path: Path, rows: Iterable[Sequence[Cell]]) -> Path:
    """Write rows, headings among them, as the only sheet of a workbook, whole or not at all.

    Args:
        rows: Numbers become numbers, texts stay texts, ``None`` and empty texts become empty cells.

    Raises:
        OutputError: The place cannot be written.
    """

    def write(partial: Path) -> None:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in _PARTS.items():
                archive.writestr(_member(name), _XML + text)
            with archive.open(_member("xl/worksheets/sheet1.xml"), "w") as sheet:
                sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                for number, row in enumerate(rows, start=1):
                    cells = "".join(_cell(place, number, value) for place, value in enumerate(row))
                    sheet.write(f'<row r="{number}">{cells}</row>'.encode())
                sheet.write(b"</sheetData></worksheet>")

    return publish(path, write)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _cell(place: int, number: int, value: Cell) -> str:
    if value is None or value == "":
        return ""
    where = f"{_column(place)}{number}"
    if isinstance(value, str):
        plain = "".join(letter for letter in value if letter.isprintable())
        return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'
    return f'<c r="{where}"><v>{value}</v></c>'


def _column(place: int) -> str:
    """Return the letters of a column: A to Z, then AA and so on."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
