"""Reads what Alertmanager's webhook sends (version 4), and refuses what is anything else."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monitoring import moments, policy
from monitoring.alerts.models import Severity, Status

VERSION = "4"


class Malformed(Exception):
    """Not a payload of version 4; the message says where."""


@dataclass(frozen=True)
class Incoming:
    """One alert of a payload, checked. `ends_at` is there exactly when it is resolved."""

    fingerprint: str
    starts_at: datetime
    ends_at: datetime | None
    name: str
    severity: str
    service: str
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str = ""

    @property
    def status(self) -> str:
        return Status.FIRING if self.ends_at is None else Status.RESOLVED

    @property
    def runbook(self) -> str:
        found = self.annotations.get("runbook_url") or self.annotations.get("runbook") or ""
        return found[:500]


@dataclass(frozen=True)
class Payload:
    group_key: str
    alerts: tuple[Incoming, ...]
    truncated: int


def parse(body: bytes) -> Payload:
    """Raises Malformed."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Malformed("The body must be an object.")
    if found.get("version") != VERSION:
        raise Malformed('version must be "4".')
    alerts = found.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise Malformed("alerts must be a list with something in it.")
    truncated = found.get("truncatedAlerts", 0)
    if type(truncated) is not int or not 0 <= truncated <= policy.ALERTS_TRUNCATED_MOST:
        raise Malformed(
            f"truncatedAlerts must be a whole number up to {policy.ALERTS_TRUNCATED_MOST}."
        )
    group_key = found.get("groupKey", "")
    if not isinstance(group_key, str):
        raise Malformed("groupKey must be text.")
    incoming = (_alert(one, f"alerts[{number}]") for number, one in enumerate(alerts))
    return Payload(_clean(group_key)[:2000], once_each(incoming), truncated)


def once_each(alerts: Iterable[Incoming]) -> tuple[Incoming, ...]:
    """Each fingerprint and start once, in that order; a resolved one wins, the later end too."""
    found: dict[tuple[str, datetime], Incoming] = {}
    for one in alerts:
        key = one.fingerprint, one.starts_at
        known = found.get(key)
        is_later = one.ends_at is not None and (
            known is None or known.ends_at is None or one.ends_at > known.ends_at
        )
        if known is None or is_later:
            found[key] = one
    return tuple(found[key] for key in sorted(found))


def from_labels(
    labels: dict[str, str],
    annotations: dict[str, str],
    *,
    fingerprint: str,
    starts_at: datetime,
    ends_at: datetime | None,
    generator_url: str = "",
) -> Incoming:
    """An alert from its labels. An end before the start is the start."""
    severity = labels.get("severity", "")
    if severity not in Severity.values:
        # Unknown is loud rather than quiet; `none` is what a dead man's switch says.
        severity = Severity.INFO if severity in ("", "none") else Severity.WARNING
    return Incoming(
        fingerprint=fingerprint,
        starts_at=starts_at,
        ends_at=ends_at and max(ends_at, starts_at),
        name=labels.get("alertname", "")[:200] or "(no name)",
        severity=severity,
        service=labels.get("service", "")[:100],
        labels=labels,
        annotations=annotations,
        generator_url=generator_url[:2000],
    )


def _alert(found: Any, where: str) -> Incoming:
    if not isinstance(found, dict):
        raise Malformed(f"{where} must be an object.")
    status = found.get("status")
    if status not in Status.values:
        raise Malformed(f"{where}.status must be firing or resolved.")
    fingerprint = found.get("fingerprint")
    if not isinstance(fingerprint, str) or not fingerprint.isalnum() or len(fingerprint) > 64:
        raise Malformed(f"{where}.fingerprint must be up to 64 letters and digits.")
    starts_at = _moment(found.get("startsAt"), f"{where}.startsAt")
    ends_at = None
    if status == Status.RESOLVED:
        ends_at = _moment(found.get("endsAt"), f"{where}.endsAt")
    for moment in filter(None, (starts_at, ends_at)):
        if why := moments.refusal(moment):
            raise Malformed(f"{where} has no time that can be: {why}")
    return from_labels(
        _texts(found.get("labels"), f"{where}.labels"),
        _texts(found.get("annotations", {}), f"{where}.annotations"),
        fingerprint=fingerprint,
        starts_at=starts_at,
        ends_at=ends_at,
        generator_url=_generator(found.get("generatorURL"), f"{where}.generatorURL"),
    )


def _generator(found: Any, where: str) -> str:
    if found is not None and not isinstance(found, str):
        raise Malformed(f"{where} must be text.")
    return _clean(found or "")


def _moment(found: Any, where: str) -> datetime:
    """RFC 3339, down to the microsecond: Go's nanoseconds are cut."""
    if not isinstance(found, str) or len(found) > 40:
        raise Malformed(f"{where} must be a time.")
    try:
        moment = datetime.fromisoformat(found)
        if moment.tzinfo is None:
            raise Malformed(f"{where} must have a time zone.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{where} must be a time as in 2026-04-20T16:20:00Z.") from error


def _texts(found: Any, where: str) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Malformed(f"{where} must be an object of texts.")
    return {_clean(name): _clean(value) for name, value in found.items()}


def _clean(text: str) -> str:
    """PostgreSQL can't keep NUL, nor half a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
