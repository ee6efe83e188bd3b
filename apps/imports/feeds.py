"""Read a product feed (RSS 2.0 or Atom with Google's `g:` fields) as a table.

One entry is one row. The file is parsed as it streams, by expat alone; a document type
is refused, and with it every entity that somebody could declare to blow up the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.core.text import clean

ENCODING = "xml"  # what a job keeps in place of a text's encoding
NAMESPACE = "http://base.google.com/ns/1.0"
ENTRIES = frozenset({"item", "entry"})
# The columns, in this order: Google's names of what a catalogue can hold.
COLUMNS = (
    "item_group_id", "id", "title", "product_type", "price", "color", "size",
    "description", "link", "google_product_category", "sale_price", "availability",
    "image_link", "brand", "gtin", "mpn",
)  # fmt: skip
CHUNK = 256 * 1024
DEEPEST = 30
LONGEST = 2_000  # letters of a cell

Numbered = tuple[int, list[str]]


def is_feed(start: bytes) -> bool:
    """Tell by its first bytes whether a file is XML."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def check(path: Path) -> None:
    """Read the whole file once. Raises Refused "import_format" or "import_empty"."""
    count = sum(1 for _row in rows(path, after=1))
    if not count:
        raise Refused("import_empty", _("XML 裡沒有商品（item 或 entry）"))


def rows(path: Path, after: int = 0) -> Iterator[Numbered]:
    """Yield the names of the columns as row 1, then each entry, counted from 2.

    Rows up to the number `after` are passed over. Raises Refused "import_format",
    which names the entry after which it cannot be read.
    """
    if after < 1:
        yield 1, list(COLUMNS)
    reader = _Reader()
    number = 1
    with path.open("rb") as file:
        is_last = False
        while not is_last:
            chunk = file.read(CHUNK)
            is_last = not chunk
            reader.feed(chunk, is_last=is_last)
            for entry in reader.taken():
                number += 1
                if number > after:
                    yield number, _cells(entry)


class _Reader:
    """Gathers the fields of entries as expat meets them."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._hear
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.buffer_text = True
        self._path: list[str] = []
        self._entry: dict[str, str] | None = None
        self._depth = 0  # of the entry
        self._heard: list[str] = []
        self._length = 0
        self._entries: list[dict[str, str]] = []
        self._count = 0

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        """Read on. Raises Refused where it is no XML, or holds a document type."""
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            where = {"entry": self._count, "line": error.lineno}
            raise Refused(
                "import_format",
                _("XML 在第 %(entry)s 筆商品之後（第 %(line)s 行）讀不下去") % where,
            ) from error

    def taken(self) -> list[dict[str, str]]:
        """Return the entries that have ended since the last time."""
        ended, self._entries = self._entries, []
        return ended

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise Refused("import_format", _("XML 的層數太多，不像商品目錄"))
        if self._entry is None and name in ENTRIES:
            self._entry, self._depth = {}, len(self._path)
        self._heard, self._length = [], 0
        # Atom says a link by an attribute; one of another kind leads elsewhere.
        if name == "link" and attributes.get("rel", "alternate") == "alternate":
            self._heard = [attributes.get("href", "")[:LONGEST]]

    def _close(self, tag: str) -> None:
        space, _sign, name = tag.rpartition(" ")
        entry = self._entry
        if entry is not None and len(self._path) == self._depth:
            self._entries.append(entry)
            self._count += 1
            self._entry = None
        elif entry is not None and len(self._path) == self._depth + 1:
            self._keep(entry, name, is_googles=space == NAMESPACE)
        self._path.pop()
        self._heard, self._length = [], 0

    def _keep(self, entry: dict[str, str], name: str, *, is_googles: bool) -> None:
        """Keep a field; Google's own outranks the feed's of the same name."""
        if name in COLUMNS and (is_googles or not entry.get(name)):
            entry[name] = "".join(self._heard)

    def _hear(self, text: str) -> None:
        if self._entry is not None and self._length < LONGEST:
            self._heard.append(text)
            self._length += len(text)

    def _refuse(self, *_told: object) -> None:
        raise Refused(
            "import_format", _("XML 不能含有 DOCTYPE 或 ENTITY 宣告，請移除後再上傳")
        )


def _cells(entry: dict[str, str]) -> list[str]:
    """Return the entry's cells; one without a group is a product of its own."""
    told = {name: " ".join(text.split()) for name, text in entry.items()}
    told["item_group_id"] = told.get("item_group_id") or told.get("id", "")
    told["price"] = _in_dollars(told.get("price", ""))
    told["sale_price"] = _in_dollars(told.get("sale_price", ""))
    return [clean(told.get(name, ""), LONGEST) for name in COLUMNS]


def _in_dollars(price: str) -> str:
    """Return "1,280.00 TWD" as 1,280; another currency stays, to be refused."""
    number = price.removesuffix("TWD").removeprefix("TWD").removeprefix("NT$").strip()
    whole, _point, parts = number.partition(".")
    return whole if not parts.strip("0") else number
