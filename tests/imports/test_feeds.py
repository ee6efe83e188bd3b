"""Product feeds in XML: read as tables, taken in, refused where they are none."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from apps.catalog.models import Product, Variant
from apps.core import clock
from apps.core.errors import Refused
from apps.imports import feeds, kinds, readers, services
from apps.imports.models import ImportJob

GOOGLE = 'xmlns:g="http://base.google.com/ns/1.0"'


def rss(*items: str) -> str:
    """Return an RSS feed of the items."""
    told = "".join(f"<item>{each}</item>" for each in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss {GOOGLE} version="2.0"><channel>'
        f"<title>晴川衣著</title><link>https://shop.example</link>{told}"
        "</channel></rss>"
    )


def item(sku: str = "coat-01-M", **fields: str) -> str:
    """Return the fields of an entry."""
    told = {
        "id": sku, "item_group_id": "coat-01", "title": "羊毛大衣", "price": "3280 TWD",
        "product_type": "外套", "color": "米白", "size": "M",
        "link": "https://shop.example/coats/wool", **fields,
    }  # fmt: skip
    return "".join(f"<g:{name}>{text}</g:{name}>" for name, text in told.items())


def saved(tmp_path: Path, text: str | bytes) -> Path:
    """Write the feed to a file."""
    path = tmp_path / "feed.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told(path: Path) -> list[dict[str, str]]:
    """Return the entries by the columns that they fill."""
    table = readers.open_table(path)
    return [
        {name: cell for name, cell in zip(table.header, cells, strict=True) if cell}
        for _number, cells in table.rows()
    ]


def test_an_rss_feed_is_a_table_of_its_entries(tmp_path: Path) -> None:
    path = saved(tmp_path, rss(item(), item("coat-01-L", size="L", price="NT$3,280")))

    first, second = told(path)

    assert (first["id"], first["price"], first["title"]) == (
        "coat-01-M", "3280", "羊毛大衣",
    )  # fmt: skip
    assert (second["size"], second["price"]) == ("L", "3,280")


def test_an_atom_feed_says_its_link_by_an_attribute(tmp_path: Path) -> None:
    entry = (
        "<entry><title>舊名</title><g:title>羊毛大衣</g:title><g:id>1</g:id>"
        '<link rel="self" href="https://x.example/api"/>'
        '<link href="https://shop.example/coats/wool"/>'
        "<g:price>3280.00 TWD</g:price></entry>"
    )
    path = saved(
        tmp_path, f'<feed xmlns="http://www.w3.org/2005/Atom" {GOOGLE}>{entry}</feed>'
    )

    (row,) = told(path)

    assert row["title"] == "羊毛大衣"
    assert row["link"] == "https://shop.example/coats/wool"
    assert (row["item_group_id"], row["price"]) == ("1", "3280")


def test_markup_within_a_text_and_control_letters_do_no_harm(tmp_path: Path) -> None:
    text = "<![CDATA[<b>軟</b>  &\n暖]]>"
    path = saved(tmp_path, rss(item(description=text, title="&#x5927;衣")))

    (row,) = told(path)

    assert (row["description"], row["title"]) == ("<b>軟</b> & 暖", "大衣")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<rss><channel><item></channel></rss>", "import_format"),
        (rss(item())[:-20], "import_format"),
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss><item>&a;</item></rss>',
         "import_format"),
        ('<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><item/></rss>',
         "import_format"),
        ("<rss><item>&unknown;</item></rss>", "import_format"),
        ("<a>" * 40 + "</a>" * 40, "import_format"),
        ("<rss><channel></channel></rss>", "import_empty"),
        ("<html><body>x</body></html>", "import_empty"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused_at_once(
    tmp_path: Path, text: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        readers.open_table(saved(tmp_path, text))

    assert refused.value.code == code


def test_a_refusal_names_the_entry_it_came_to(tmp_path: Path) -> None:
    broken = rss(item(), item(), "<g:id>3</g:price>")

    with pytest.raises(Refused, match="第 2 筆"):
        readers.open_table(saved(tmp_path, broken))


def test_a_long_feed_streams(tmp_path: Path) -> None:
    path = saved(tmp_path, rss(*[item(str(n)) for n in range(20_000)]))
    tracemalloc.start()
    count = sum(1 for _row in feeds.rows(path))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 20_001
    assert peak < 4_000_000 < path.stat().st_size
    assert next(feeds.rows(path, after=15_000))[0] == 15_001


@pytest.mark.django_db
def test_a_feed_becomes_products_and_a_bad_entry_names_its_field() -> None:
    feed = rss(
        item(), item("coat-01-L", size="L"),
        item("knit-1", item_group_id="knit-1", price="30 USD"),
    )  # fmt: skip
    kind = kinds.named("products")
    job = services.upload(
        ContentFile(feed.encode(), "feed.xml"), kind=kind, by=None, now=clock.now()
    )
    services.start(job, by=None, now=clock.now())
    while services.advance(job.pk, now=clock.now()):
        continue

    job.refresh_from_db()
    assert (job.state, job.new, job.rejected) == (ImportJob.State.DONE, 1, 1)
    coat = Product.objects.get()
    assert (coat.code, coat.price, coat.path) == ("coat-01", 3_280, "/coats/wool")
    assert Variant.objects.filter(product=coat).count() == 2
    (remark,) = job.remarks.all()
    assert (remark.number, remark.field) == (4, "price")
