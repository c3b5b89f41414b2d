"""Structured logs: one JSON object a line on standard output, in every process."""

import re
from typing import Any

import structlog

# The member's one-time link is a credential: its token never reaches a log.
# (/api/verify/provider/ is no link of a member.)
_LINK_TOKEN = re.compile(r"(/verify/)(?!provider/)[^/\s\"'?\\]{8,}")
_PROBED = (
    *("/live", "/ready", "/health", "/metrics"),
    *("/queue/rows/", "/status-chip/", "/wall/", "/displays/pair/"),
)
# Logs outlive an erasure: whose page was read, and what PostgreSQL says about a key, stay out.
_MEMBER = re.compile(r"((?:/|%2F)members(?:/|%2F))\d{5,20}", re.IGNORECASE)
_SEARCH = re.compile(r"([?&]q=)[^&\s\"'\\]+")
_KEY_VALUES = re.compile(r"(Key \([^)]*\)=\()[^)]*")
_BOT_TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")
_API_TOKEN = re.compile(r"\bgma_[\w-]{20,}")


def redact(text: str) -> str:
    """The text without tokens, ids of members, and what was searched for."""
    text = _SEARCH.sub(r"\1[text]", _MEMBER.sub(r"\1[member]", text))
    text = _KEY_VALUES.sub(r"\1[value]", text)
    text = _API_TOKEN.sub("[token]", _LINK_TOKEN.sub(r"\1[token]", text))
    return _BOT_TOKEN.sub("[token]", text)


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
        },
    }
