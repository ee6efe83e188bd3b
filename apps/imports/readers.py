"""Open a table that somebody saved: CSV in whichever encoding, a workbook, a feed.

Rows stream: a file of a million lines takes no more memory than one of ten.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from apps.core.errors import Refused
from apps.core.text import clean
from apps.imports import feeds

# cp950 is what Excel in Taiwan saves as Big5; the Hong Kong set knows rarer names.
ENCODINGS = ("utf-8-sig", "cp950", "big5hkscs")
DELIMITERS = ",\t;|"
SNIFFED = 64 * 1024
LONGEST_CELL = 2_000
MOST_COLUMNS = 200
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"

Cells = list[str]


@dataclass(frozen=True)
class Table:
    """A file's header, and how it is to be read again."""

    path: Path
    encoding: str  # empty for a workbook, `feeds.ENCODING` for XML
    header: Cells

    def rows(self, *, after: int = 1) -> Iterator[tuple[int, Cells]]:
        """Yield each row under the header with its number in the sheet; no blank ones.

        A short row is filled up with empty cells, a long one is cut to the header.
        Rows up to the number `after` are passed over, at little cost.
        """
        width = len(self.header)
        for number, cells in _numbered(self.path, self.encoding, after):
            if any(cells):
                yield number, (cells + [""] * width)[:width]


def open_table(path: Path) -> Table:
    """Return the table in the file.

    Raises Refused: "import_empty", "import_format", "import_encoding", "import_header".
    """
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    if not start.strip():
        raise Refused("import_empty", _("檔案是空的"))
    if start.startswith(OLD_WORKBOOK):
        raise Refused(
            "import_format", _("這是舊版 .xls，請在 Excel 另存為 .xlsx 或 CSV 再上傳")
        )
    encoding = _form(path, start)
    first = next(_numbered(path, encoding), (1, []))
    header = first[1]
    while header and not header[-1]:
        header.pop()
    if first[0] != 1 or len(header) > MOST_COLUMNS or not any(header):
        raise Refused("import_header", _("第一列要是欄位名稱，最多 200 欄"))
    return Table(path, encoding, header)


def _form(path: Path, start: bytes) -> str:
    """Return how the file is to be read, as a job keeps it."""
    if start.startswith(WORKBOOK):
        return ""
    if feeds.is_feed(start):
        feeds.check(path)
        return feeds.ENCODING
    return _encoding(path)


def _numbered(path: Path, encoding: str, after: int = 0) -> Iterator[tuple[int, Cells]]:
    if encoding == feeds.ENCODING:
        return feeds.rows(path, after)
    if encoding:
        return _text_rows(path, encoding, after)
    return _sheet_rows(path, after)


def _encoding(path: Path) -> str:
    """Return the first encoding that the whole file can be read in."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1024 * 1024):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refused(
        "import_encoding",
        _("讀不出這個檔案的文字編碼，請在 Excel 另存為「CSV UTF-8」再上傳"),
    )


def _text_rows(path: Path, encoding: str, after: int) -> Iterator[tuple[int, Cells]]:
    with path.open(encoding=encoding, newline="") as file:
        head = file.read(SNIFFED)
        file.seek(0)
        lines = csv.reader(_without_nul(file), delimiter=_delimiter(head))
        try:
            for number, cells in enumerate(islice(lines, after, None), after + 1):
                yield number, _cells(cells)
        except csv.Error as error:
            raise Refused(
                "import_format",
                _("第 %(line)s 列之後讀不下去，引號可能沒有成對")
                % {"line": lines.line_num},
            ) from error


def _without_nul(file: io.TextIOBase) -> Iterator[str]:
    for line in file:
        yield line.replace("\x00", "")


def _delimiter(head: str) -> str:
    """Return what separates the header's cells: whichever occurs most."""
    line = head.splitlines()[0] if head else ""
    return max(DELIMITERS, key=line.count)


def _sheet_rows(path: Path, after: int) -> Iterator[tuple[int, Cells]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise Refused("import_format", _("這不是可以讀的 Excel 檔（.xlsx）")) from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        rows = islice(sheet.iter_rows(values_only=True), after, None)
        for number, cells in enumerate(rows, after + 1):
            yield number, [_sheet_cell(each) for each in cells]
    finally:
        book.close()


def _sheet_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _cell(str(value))


def _cells(row: list[str]) -> Cells:
    """Return the row's cells fit to be kept; most rows are, and are looked at once."""
    cells = [each.strip() for each in row]
    text = "".join(cells)
    if len(text) <= LONGEST_CELL and clean(text) == text:
        return cells
    return [_cell(each) for each in cells]


def _cell(text: str) -> str:
    return clean(text.strip(), LONGEST_CELL)


def sample(table: Table, count: int) -> list[Cells]:
    """Return the first rows under the header."""
    return [cells for _number, cells in islice(table.rows(), count)]
