"""English is complete: every Chinese source string has its sentence, and no leftovers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "config" / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def entries() -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


def test_every_string_has_its_english(entries: list[polib.POEntry]) -> None:
    missing = [entry.msgid for entry in entries if not entry.translated()]

    assert not missing


def test_english_keeps_the_placeholders(entries: list[polib.POEntry]) -> None:
    for entry in entries:
        for text in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            assert set(PLACEHOLDER.findall(text)) <= set(
                PLACEHOLDER.findall(entry.msgid + entry.msgid_plural)
            ), entry.msgid


def test_the_compiled_catalogue_is_the_written_one(
    entries: list[polib.POEntry],
) -> None:
    compiled = {
        (entry.msgctxt, entry.msgid): entry.msgstr
        for entry in polib.mofile(str(CATALOGUE.with_suffix(".mo")))
        if not entry.msgid_plural
    }
    written = {
        (entry.msgctxt, entry.msgid): entry.msgstr
        for entry in entries
        if not entry.msgid_plural
    }

    assert compiled == written


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")
def test_the_catalogue_has_every_string_of_the_source(
    tmp_path: Path, entries: list[polib.POEntry]
) -> None:
    shutil.copytree(
        ROOT, tmp_path / "copy",
        ignore=shutil.ignore_patterns(".venv", ".git", "var", "node_modules", ".*_cache"),
    )  # fmt: skip
    copy = tmp_path / "copy"
    subprocess.run(
        [str(Path(shutil.which("python") or "python")), "manage.py", "makemessages",
         "-l", "en", "--no-location", "--no-obsolete", "--ignore=tests/*"],
        cwd=copy, check=True, capture_output=True,
    )  # fmt: skip
    fresh = polib.pofile(str(copy / CATALOGUE.relative_to(ROOT)))

    known = {(entry.msgctxt, entry.msgid) for entry in entries}
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} <= known
