"""How the house logs: one JSON object a line in a deployment, colours for a person.

Every line of a request carries its id, and phone numbers are masked wherever they
turn up: in the event, in its values, in a traceback.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Taiwan's mobile numbers as people and machines write them: 0912-345-678,
# +886 912 345 678. The first four and the last three digits stay.
PHONE = re.compile(
    r"(?<![\w])(\+?886[ -]?9\d{2}|\b09\d{2})([ -]?)(\d{3})([ -]?)(\d{3})(?!\w)"
)


def masked(text: str) -> str:
    """Return the text with the middle of each mobile number hidden."""
    return PHONE.sub(r"\1\2***\4\5", text)


def mask_phones(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask the phone numbers in all that one line says."""
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def configure(*, local: bool) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both write alike."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                "processors": _renderers(local=local),
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"}
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Whatever these bring along goes through the one handler as well.
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True},
            "django-q": {
                "handlers": ["console"],
                "level": "WARNING",
                "propagate": False,
            },
            "httpx": {"level": "WARNING"},
        },
    }


def _renderers(*, local: bool) -> list[Processor]:
    last: Processor = (
        structlog.dev.ConsoleRenderer()
        if local
        else structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask_phones,
        last,
    ]
