"""The canonical form of an audit entry: what the chain's hashes are computed over."""

import json
from datetime import UTC
from typing import Any

FIELDS = (
    "id",
    "at",
    "category",
    "severity",
    "action",
    "actor_type",
    "actor_id",
    "subject_id",
    "target_type",
    "target_id",
    "data",
    "request_id",
)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(values: dict[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces, UTC times with microseconds, ids as strings."""
    plain = {name: values[name] for name in FIELDS}
    plain["at"] = values["at"].astimezone(UTC).isoformat(timespec="microseconds")
    plain["subject_id"] = str(values["subject_id"]) if values["subject_id"] else None
    return encoded(plain)


def encoded(plain: dict[str, Any]) -> bytes:
    """The same of an entry whose time and subject are text already, in that form."""
    return _ENCODER.encode(plain).encode()
