"""Structured logs: one JSON object a line on standard output, in every process."""

import re
import string
from typing import Any

import structlog

from monitoring.ui import unlogged

_PROBED = (
    *("/live", "/ready", "/health", "/metrics"),
    *("/queue/rows/", "/status-chip/", "/wall/", "/displays/pair/"),
)
# Every character is looked at once: a text from outside may be as long as a request can be.
_KEY_VALUES = re.compile(r"(Key \([^=]{1,300}\)=\()[^)]*+")
_ROW_VALUES = re.compile(r"(Failing row contains \()[^\"\\]*+")
_BOT_TOKEN = re.compile(r"(?<![\w-])[\w-]{20,}+\.[\w-]{5,}+\.[\w-]{20,}+")
# A link's token, however the address around it is written; and that of a password link.
_SIGNED_LINK = re.compile(r"(?<![\w-])[\w-]{24,64}+\.[\w-]{40,64}+(?![\w-])")
_PASSWORD_LINK = re.compile(r"[0-9A-Za-z]{6,12}+-[0-9a-f]{32,64}+")
_API_TOKEN = re.compile(r"\bgma_[\w-]{20,}+")
_VALUE_CHARACTERS = 16_000  # of one value in a line; the rest of a longer one is cut off
_TOKEN_CHARACTERS = string.ascii_letters + string.digits + "-_.%"


def redact(text: str) -> str:
    """The text without tokens, ids of members, and what was searched for."""
    text = unlogged.redact(text)
    if "(" in text:  # what PostgreSQL says about a key
        text = _KEY_VALUES.sub(r"\1[value]", text)
        text = _ROW_VALUES.sub(r"\1[values]", text)
    if "gma_" in text:
        text = _API_TOKEN.sub("[token]", text)
    text = _PASSWORD_LINK.sub("[token]", text)
    return _SIGNED_LINK.sub("[token]", _BOT_TOKEN.sub("[token]", text))


def _cut(text: str) -> str:
    """The beginning of a text that is too long, without half a token at its end."""
    if len(text) <= _VALUE_CHARACTERS:
        return text
    kept = text[: _VALUE_CHARACTERS - 300]
    return f"{kept}{text[len(kept) : _VALUE_CHARACTERS].rstrip(_TOKEN_CHARACTERS)}[…]"


def _bounded(value: Any) -> Any:
    """A value of a line with every text in it cut."""
    if isinstance(value, str):
        return _cut(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 256 else "[a huge number]"
    if isinstance(value, dict):
        return {_cut(str(name)): _bounded(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_bounded(one) for one in value]
    return _cut(repr(value))


def _cut_values(_logger: Any, _method: str, event: Any) -> Any:
    """Before the patterns see them. Of a traceback the end is kept, which says what happened."""
    trace = event.get("exception")
    if isinstance(trace, str) and len(trace) > _VALUE_CHARACTERS:
        event["exception"] = trace[-_VALUE_CHARACTERS:].partition("\n")[2] or trace
    return _bounded(event)


def _redact_line(_logger: Any, _method: str, line: Any) -> str:
    """The rendered line, so that nothing inside a structure is missed."""
    return redact(str(line))


def _drop_noise(_logger: Any, _method: str, event: Any) -> Any:
    """One line a request, and none for what probes and polls ask every few seconds."""
    if event.get("event") == "request_started":
        raise structlog.DropEvent
    if event.get("event") == "request_finished" and event.get("code", 0) < 400:
        path = str(event.get("request", "")).partition(" ")[2]
        if path.startswith(_PROBED):
            raise structlog.DropEvent
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]


def configure(level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING dictionary for the given level."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _drop_noise,
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _cut_values,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                    _redact_line,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "PIL": {"level": "INFO"},  # it would tell every EXIF tag of an upload
            "discord": {"level": "INFO"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            # The server's own handlers would write its errors past the redaction.
            "uvicorn": {"level": "WARNING", "handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": True},
        },
    }
