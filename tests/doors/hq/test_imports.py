"""HQ's imports: a file from the upload to the error file, by whoever may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.catalog.models import Product
from apps.imports import tasks
from apps.imports.models import ImportJob
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
URL = "/hq/imports/"
FILE = """商品代號,貨號,商品名稱,分類,售價
k1,K1-M,針織衫,上衣,1280
k2,K2-M,毛衣,上衣,abc
"""


@pytest.fixture(autouse=True)
def _shelf(settings: object, tmp_path: Path) -> None:
    settings.IMPORTS_ROOT = tmp_path  # type: ignore[attr-defined]  # django's settings


def send(client: Client, content: str = FILE, name: str = "商品.csv") -> ImportJob:
    file = SimpleUploadedFile(name, content.encode())
    answer = client.post(URL, {"kind": "products", "file": file})
    assert answer.status_code == 302
    return ImportJob.objects.get()


def columns(job: ImportJob) -> dict[str, str]:
    return {f"column-{name}": str(place) for name, place in job.mapping.items()}


def test_from_the_file_to_the_error_file(as_: As, hq: Staff) -> None:
    client = as_(hq)
    job = send(client)
    url = f"{URL}{job.pk}/"
    assert "針織衫" in client.get(url).content.decode()

    assert client.post(f"{url}check/", columns(job)).status_code == 302
    assert "試跑中" in client.get(url).content.decode()
    tasks.run_pending()
    tried = client.get(url).content.decode()
    assert "「abc」不是數字" in tried
    assert "正式匯入" in tried
    assert not Product.objects.exists()

    assert client.post(f"{url}start/").status_code == 302
    tasks.run_pending()
    assert "已完成" in client.get(url).content.decode()
    assert Product.objects.get().code == "k1"
    errors = client.get(f"{url}errors/").content.decode("utf-8-sig")
    assert errors.splitlines()[1].startswith("3,未匯入,售價,「abc」不是數字,k2")
    assert "商品.csv" in client.get(URL).content.decode()


def test_a_column_that_is_missing_is_said_beside_the_choice(as_: As, hq: Staff) -> None:
    client = as_(hq)
    job = send(client)

    answer = client.post(f"{URL}{job.pk}/check/", {"column-code": "0"})

    assert answer.status_code == 422
    assert "還沒有指定欄位：SKU、名稱、分類、售價" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", "x", "只收 CSV 或 Excel"),
        ("a.csv", " ", "檔案是空的"),
        ("a.xlsx", "PK\x03\x04", "不是可以讀的 Excel"),
    ],
)
def test_what_is_no_table_is_refused_beside_the_file(
    as_: As, hq: Staff, name: str, content: str, why: str
) -> None:
    file = SimpleUploadedFile(name, content.encode())

    answer = as_(hq).post(URL, {"kind": "products", "file": file})

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_trial_can_be_stopped_and_mapped_anew(as_: As, hq: Staff) -> None:
    client = as_(hq)
    job = send(client)
    url = f"{URL}{job.pk}/"
    client.post(f"{url}check/", columns(job))

    client.post(f"{url}cancel/")

    job.refresh_from_db()
    assert job.state == ImportJob.State.DRAFT
    client.post(f"{url}cancel/")
    job.refresh_from_db()
    assert job.state == ImportJob.State.CANCELLED


def test_an_empty_template_has_the_headings(as_: As, hq: Staff) -> None:
    answer = as_(hq).get(f"{URL}products.csv").content.decode("utf-8-sig")

    assert answer.startswith("商品代號,SKU,名稱,分類,售價")


def test_only_admins_import(as_: As) -> None:
    marketing = make.staff("行銷", role=Staff.Role.MARKETING)

    assert as_(marketing).get(URL).status_code == 403
