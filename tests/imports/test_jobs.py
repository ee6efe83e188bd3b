"""A file's way in: read, mapped, tried, taken, cancelled, resumed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from apps.catalog.models import Product, Stock, Variant
from apps.core.errors import Refused
from apps.imports import kinds, reports
from apps.imports import services as imports
from apps.imports.models import ImportJob, StagedRow
from tests import make

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
State = ImportJob.State
HEAD = "商品代號,SKU,品名,分類,售價,顏色,尺寸"
ROWS = (
    "knit-1,K1-M,針織衫,上衣,1280,米白,M",
    "knit-1,K1-L,針織衫,上衣,1280,米白,L",
    'coat-1,C1-F,長大衣,外套,"4,980",黑,F',
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shelf(settings: object, tmp_path: Path) -> None:
    settings.IMPORTS_ROOT = tmp_path  # type: ignore[attr-defined]  # django's settings


def job_of(content: str | bytes, *, kind: str = "products", name: str = "a.csv"):  # type: ignore[no-untyped-def]
    raw = content.encode() if isinstance(content, str) else content
    return imports.upload(
        ContentFile(raw, name), kind=kinds.named(kind), by=None, now=NOW
    )


def table(*rows: str) -> str:
    return "\r\n".join((HEAD, *rows))


def run(job: ImportJob, *, limit: int = 2_000) -> ImportJob:
    imports.start(job, by=None, now=NOW)
    while imports.advance(job.pk, now=NOW, limit=limit):
        continue
    job.refresh_from_db()
    return job


def counts(job: ImportJob) -> tuple[int, int, int, int]:
    return job.new, job.changed, job.unchanged, job.rejected


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp950"),
        lambda text: text.replace(",", "\t").replace('"4\t980"', "4980").encode(),
    ],
    ids=["utf-8", "utf-8 with its mark", "big5", "tabs"],
)
def test_whichever_way_it_was_saved_it_says_the_same(encode) -> None:  # type: ignore[no-untyped-def]
    job = run(job_of(encode(table(*ROWS))))

    assert (job.state, counts(job)) == (State.DONE, (2, 0, 0, 0))
    coat = Product.objects.get(code="coat-1")
    assert (coat.name, coat.price, coat.category.name) == ("長大衣", 4980, "外套")
    assert set(Variant.objects.values_list("sku", flat=True)) == {
        "K1-M",
        "K1-L",
        "C1-F",
    }


def test_a_workbook_says_the_same() -> None:
    book = Workbook()
    book.active.append(HEAD.split(","))  # type: ignore[union-attr]  # a new book has a sheet
    book.active.append(["knit-1", "K1-M", "針織衫", "上衣", 1280.0, "米白", None])  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)

    job = run(job_of(file.getvalue(), name="商品.xlsx"))

    assert counts(job) == (1, 0, 0, 0)
    assert Product.objects.get().price == 1280


def test_the_same_file_again_changes_nothing() -> None:
    run(job_of(table(*ROWS)))

    again = run(job_of(table(*ROWS)))

    assert counts(again) == (0, 0, 2, 0)


def test_a_file_that_says_less_leaves_the_rest_as_it_is() -> None:
    run(job_of(table(*ROWS)))
    Product.objects.filter(code="coat-1").update(art="coat", description="羊毛")

    job = run(job_of(table("coat-1,C1-F,長大衣,外套,5280,,")))

    assert counts(job) == (0, 1, 0, 0)
    coat = Product.objects.get(code="coat-1")
    assert (coat.price, coat.art, coat.description) == (5280, "coat", "羊毛")
    assert coat.variants.get().color == "黑"


def test_every_bad_row_comes_back_with_its_field_and_why() -> None:
    job = run(
        job_of(
            table(
                "knit-1,K1-M,針織衫,上衣,一千,米白,M",
                "針織,K2,針織衫,上衣,100,,",
                "bag-1,B1,包,配件,100,,",
                "shoe-1,,鞋,配件,-5,,",
            )
        )
    )

    assert counts(job) == (1, 0, 0, 3)
    found = [(r.number, r.field, r.why) for r in job.remarks.order_by("number", "pk")]
    assert found == [
        (2, "price", "「一千」不是數字"),
        (3, "code", "商品代號只能用英文、數字、- 和 _，最多 30 字"),
        (5, "sku", "必填，但這列是空的"),
        (5, "price", "售價不能是負數"),
    ]


def test_the_error_file_can_be_mended_and_sent_again() -> None:
    first = run(job_of(table("knit-1,K1-M,針織衫,上衣,一千,米白,M", ROWS[2])))
    head, *rows = reports.error_rows(first)
    mended = "\n".join(
        ",".join(cells).replace("一千,", "1000,") for cells in (head, *rows)
    )

    job = job_of(mended)

    assert counts(run(job)) == (1, 0, 0, 0)
    assert Product.objects.get(code="knit-1").price == 1000


def test_a_trial_counts_all_and_leaves_nothing() -> None:
    job = job_of(table(*ROWS, "x,X1,襪子,配件,abc,,"))
    imports.check(job, by=None, now=NOW)
    while imports.advance(job.pk, now=NOW):
        continue
    job.refresh_from_db()

    assert (job.state, counts(job)) == (State.CHECKED, (2, 0, 0, 1))
    assert not Product.objects.exists()
    assert counts(run(job)) == (2, 0, 0, 1)
    assert Product.objects.count() == 2
    assert not StagedRow.objects.exists()


def test_rows_of_one_thing_come_together_wherever_they_lie() -> None:
    job = run(job_of(table(ROWS[0], ROWS[2], ROWS[1])), limit=1)

    assert counts(job) == (2, 0, 0, 0)
    assert Product.objects.get(code="knit-1").variants.count() == 2


def test_a_batch_that_fails_is_tried_again_from_its_place_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = job_of(table(*ROWS))
    imports.start(job, by=None, now=NOW)
    imports.advance(job.pk, now=NOW, limit=1)  # stages
    imports.advance(job.pk, now=NOW, limit=1)
    StagedRow.objects.update(cells=[])  # nothing a reader can do

    for _attempt in range(5):
        with pytest.raises(IndexError):
            imports.advance(job.pk, now=NOW, limit=1)
    assert not imports.advance(job.pk, now=NOW, limit=1)

    job.refresh_from_db()
    assert (job.state, job.new) == (State.FAILED, 1)
    assert Product.objects.count() == 1


def test_what_was_taken_before_a_cancel_stays() -> None:
    job = job_of(table(*ROWS))
    imports.start(job, by=None, now=NOW)
    imports.advance(job.pk, now=NOW, limit=1)
    imports.advance(job.pk, now=NOW, limit=1)

    imports.cancel(job, by=None, now=NOW)

    assert not imports.advance(job.pk, now=NOW, limit=1)
    job.refresh_from_db()
    assert (job.state, job.new) == (State.CANCELLED, 1)
    assert Product.objects.count() == 1


def test_starting_twice_starts_once() -> None:
    job = job_of(table(*ROWS))
    imports.start(job, by=None, now=NOW)
    imports.advance(job.pk, now=NOW)
    imports.advance(job.pk, now=NOW)

    with pytest.raises(Refused, match="已經開始或結束"):
        imports.start(job, by=None, now=NOW)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import_empty"),
        (b"\n\n", "import_empty"),
        (b"\xd0\xcf\x11\xe0rest", "import_format"),
        (b"PK\x03\x04rest", "import_format"),
        (b"\xff\xfe\x00\x81\xff", "import_encoding"),
        ((",".join("abc" * 100) + "\n1").encode(), "import_header"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason_and_not_kept(
    content: bytes, code: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        job_of(content)

    assert refused.value.code == code
    assert not ImportJob.objects.exists()
    assert not list(tmp_path.iterdir())


def test_a_column_that_is_missing_is_named() -> None:
    job = job_of("商品代號,品名\na,b")

    with pytest.raises(Refused, match="還沒有指定欄位：SKU、分類、售價"):
        imports.check(job, by=None, now=NOW)


def test_one_column_cannot_be_two_fields() -> None:
    job = job_of(table(*ROWS))

    with pytest.raises(Refused, match="同一欄"):
        imports.map_columns(job, {**job.mapping, "name": 0}, {})


def stock_file(*rows: Sequence[object]) -> str:
    return "\n".join(["SKU,門市代號,數量", *(",".join(map(str, row)) for row in rows)])


def test_stock_is_set_and_the_last_row_counts() -> None:
    run(job_of(table(*ROWS)))
    store = make.store(code="s01")

    job = run(
        job_of(
            stock_file(("K1-M", "s01", 3), ("K1-M", "s01", 5), ("K1-L", "s99", 1)),
            kind="stock",
        )
    )
    again = run(job_of(stock_file(("K1-M", "s01", 5)), kind="stock"))

    assert counts(job) == (1, 0, 0, 1)
    assert counts(again) == (0, 0, 1, 0)
    assert Stock.objects.get(store=store).quantity == 5
    assert "s99" in job.remarks.get().why


def test_old_files_are_forgotten_and_their_counts_kept() -> None:
    job = run(job_of(table(*ROWS)))
    path = Path(job.file.path)

    assert imports.forget(now=NOW) == 0
    assert imports.forget(now=NOW.replace(year=2027)) == 1
    assert imports.forget(now=NOW.replace(year=2027)) == 0
    job.refresh_from_db()
    assert (job.new, bool(job.file), path.exists()) == (2, False, False)


def test_the_command_takes_a_file_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "商品.csv"
    file.write_text(table(*ROWS, "x,X1,襪子,配件,abc,,"), "utf-8")

    call_command("import_products", file, dry_run=True)
    assert not Product.objects.exists()
    call_command("import_products", file, errors=tmp_path / "bad.csv")

    told = "4 read, 2 new, 0 changed, 0 unchanged, 1 rejected"
    assert capsys.readouterr().out.splitlines() == [told, told]
    assert "「abc」不是數字" in (tmp_path / "bad.csv").read_text("utf-8-sig")


def test_the_command_refuses_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file"):
        call_command("import_products", tmp_path / "none.csv")
