"""English is complete: each Chinese source string has its sentence, none is left."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from pytest_django import Settings

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
def test_the_catalogue_has_the_strings_of_the_source_and_no_others(
    tmp_path: Path,
    entries: list[polib.POEntry],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for folder in ("apps", "config", "templates"):  # it writes beside what it reads
        shutil.copytree(
            ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("__pycache__", "migrations"),
        )
    monkeypatch.chdir(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "config" / "locale"]
    call_command(
        "makemessages", locale=["en"], no_location=True, no_obsolete=True, verbosity=0
    )
    fresh = polib.pofile(str(tmp_path / CATALOGUE.relative_to(ROOT)))

    written = {(entry.msgctxt, entry.msgid) for entry in entries}
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} == written
