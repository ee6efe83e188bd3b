"""Phone numbers do not reach the logs."""

import json
import logging
import sys
from types import TracebackType

import pytest

from config import logs

ErrorInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("call 0912345678 now", "call 0912***678 now"),
        ("0912-345-678", "0912-***-678"),
        ("0912 345 678", "0912 *** 678"),
        ("+886 912 345 678", "+886 912 *** 678"),
        ("886912345678", "886912***678"),
        ("order 10912345678", "order 10912345678"),
        ("at 1763827200123", "at 1763827200123"),
    ],
)
def test_a_mobile_number_is_masked_however_it_is_written(text: str, clean: str) -> None:
    assert logs.masked(text) == clean


@pytest.mark.parametrize("local", [True, False])
def test_a_traceback_is_masked_as_well(local: bool) -> None:  # noqa: FBT001
    try:
        raise ValueError("0912345678 is no date")  # noqa: TRY301
    except ValueError:
        line = _line("failed", local=local, error=sys.exc_info())
    assert "0912***678" in line
    assert "0912345678" not in line


def test_a_deployment_writes_one_json_object_a_line() -> None:
    line = _line("called %s", "0912345678", local=False)
    said = json.loads(line)
    assert "\n" not in line
    assert (said["event"], said["level"]) == ("called 0912***678", "info")


def _line(
    message: str, *arguments: str, local: bool, error: ErrorInfo | None = None
) -> str:
    given = logs.configure(local=local)["formatters"]["line"]
    formatter = given.pop("()")(**given)
    record = logging.LogRecord("apps.x", logging.INFO, "", 0, message, arguments, error)
    return str(formatter.format(record))
