"""Tables to take away: CSV that a spreadsheet opens as it is, and runs nothing of."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

# A cell that begins so is taken for a formula by spreadsheets.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"  # tells Excel that it is UTF-8

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A workbook says when it was made; of the same table it is to be the same file.
ALWAYS = b"2000-01-01T00:00:00Z"
ZIPPED = (2000, 1, 1, 0, 0, 0)
WIDEST = 60  # characters

Cell = str | int | float | None


def table_file(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, kind: str
) -> HttpResponse:
    """Answer with the table as a file of the kind, "csv" or "xlsx"."""
    make = xlsx_file if kind == "xlsx" else csv_file
    return make(f"{name}.{kind}", heads, rows)


def xlsx_file(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> HttpResponse:
    """Answer with a workbook: the same bytes for the same table, nothing to run."""
    book = Workbook()
    sheet = book.worksheets[0]
    table = [[_safe(cell) for cell in row] for row in (heads, *rows)]
    for row in table:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    for at, column in enumerate(zip(*table, strict=True), start=1):
        letter = get_column_letter(at)
        widest = max(len(str(cell)) for cell in column)
        sheet.column_dimensions[letter].width = min(WIDEST, widest * 1.5 + 2)
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(_timeless(out.getvalue()), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _timeless(book: bytes) -> bytes:
    """Return the workbook without the moment it was made."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in given.namelist():
            text = given.read(part)
            if part == "docProps/core.xml":
                text = re.sub(rb"(W3CDTF\">)[^<]+", rb"\g<1>" + ALWAYS, text)
            made.writestr(zipfile.ZipInfo(part, ZIPPED), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def csv_file(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> HttpResponse:
    """Answer with a CSV file; text that looks like a formula is made plain text."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow([_safe(head) for head in heads])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
