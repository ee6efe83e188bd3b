"""The plan of the house holds: nudges lead somewhere, pages of the plan are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.utils.module_loading import import_string

from config.schedule import NIGHTLY, SWEEPS, NightlyJob, Sweep

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [
    path
    for folder in ("apps", "config")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]
ROOMS = sorted(
    config.label for config in apps.get_app_configs() if config.name.startswith("apps.")
)
DOORS = {"hq", "helper", "desk", "shopper", "gateway", "simulator", "ui"}
FOLDERS = (".ci", "apps", "config", "docs", "static", "templates", "tests")
SUFFIXES = {"", ".css", ".html", ".js", ".lock", ".md", ".po", ".py", ".toml", ".yaml"}
FILES = [
    path
    for path in (*ROOT.glob("*"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*")))
    if path.is_file() and path.suffix in SUFFIXES
]
REGISTRY = re.compile(
    r"https?://[^\s\"'<>]*(/simple\b|pypi|pythonhosted|npmjs|artifactory|goproxy)"
)
STATES = re.compile(r"^\| ([\w, ]+) → (\w+) \|", re.MULTILINE)


def _nudges() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            target = node.args[0]
            if name == "nudge" and isinstance(target, ast.Constant):
                yield str(path.relative_to(ROOT)), str(target.value)


@pytest.mark.parametrize(("where", "task"), sorted(set(_nudges())))
def test_a_nudge_rings_at_a_task_that_exists(where: str, task: str) -> None:
    assert callable(import_string(task)), where


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.task)
def test_a_sweep_rings_at_a_task_that_exists(sweep: Sweep) -> None:
    assert callable(import_string(sweep.task))


@pytest.mark.parametrize("job", NIGHTLY, ids=lambda job: job.command)
def test_a_nightly_job_is_a_command(job: NightlyJob) -> None:
    assert job.command in get_commands()


@pytest.mark.parametrize("room", ROOMS)
def test_the_plan_names_every_room(room: str) -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text()

    assert f"`{room}`" in plan


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in DOORS])
def test_a_domain_room_has_no_door(room: str) -> None:
    files = {path.name for path in (ROOT / "apps" / room).rglob("*.py")}

    assert not files & {"views.py", "forms.py"}


def test_the_plan_draws_the_arrows_that_the_database_allows() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text()
    drawn = {
        (before.strip(), after)
        for froms, after in STATES.findall(plan)
        for before in froms.split(",")
    }
    arrows = import_module("apps.messaging.migrations.0003_arrows").ARROWS

    assert drawn - {("from", "to")} == set(re.findall(r"\('(\w+)', '(\w+)'\)", arrows))


def test_no_file_holds_the_address_of_a_package_registry() -> None:
    naming = [path for path in FILES if REGISTRY.search(path.read_text("utf-8"))]

    assert FILES
    assert not naming


def test_the_readme_names_every_variable_of_the_environment() -> None:
    readme = (ROOT / "README.md").read_text()
    source = (ROOT / "config" / "env.py").read_text()
    variables = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))

    missing = {name for name in variables if f"`{name}`" not in readme}

    assert variables
    assert not missing


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()

    assert not text.strip() or ast.get_docstring(ast.parse(text))
