"""Alertmanager's API, version 2: alerts that it has, silences, and alerts of our own for it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog
from django.conf import settings

from monitoring import basic_auth, policy

log = structlog.get_logger(__name__)
_FURTHEST = datetime(9999, 12, 1, tzinfo=UTC)
_client = basic_auth.client("ALERTMANAGER", timeout=policy.ALERTMANAGER_TIMEOUT)


class AlertmanagerUnavailable(Exception):
    """Alertmanager did not do it; the message says why, in words for a page."""


@dataclass(frozen=True)
class Known:
    """An alert that Alertmanager has now, firing or silenced or inhibited."""

    fingerprint: str
    starts_at: datetime
    name: str
    silenced_by: tuple[str, ...] = ()

    @property
    def is_silenced(self) -> bool:
        return bool(self.silenced_by)


@dataclass(frozen=True)
class Matcher:
    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def __str__(self) -> str:
        sign = (
            ("=~" if self.is_equal else "!~") if self.is_regex else "=" if self.is_equal else "!="
        )
        return f'{self.name}{sign}"{self.value}"'


@dataclass(frozen=True)
class Silence:
    """A silence, ours or made elsewhere. `state` is active, pending or expired."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    state: str


def alerts() -> list[Known]:
    """What has not ended for Alertmanager. Raises AlertmanagerUnavailable."""
    return [
        Known(
            fingerprint=one["fingerprint"],
            starts_at=_moment(one["startsAt"]),
            name=one["labels"].get("alertname", ""),
            silenced_by=tuple(one["status"]["silencedBy"]),
        )
        for one in _ask("GET", "/alerts")
    ]


def send(alerts: list[dict[str, Any]]) -> None:
    """Hand alerts over, as Prometheus does. Raises AlertmanagerUnavailable."""
    _ask("POST", "/alerts", alerts)


def silences() -> list[Silence]:
    """All that it lists, soonest end first; expired ones last, newest first."""
    found = [_silence(one) for one in _ask("GET", "/silences")]
    live = sorted((s for s in found if s.state != "expired"), key=lambda s: s.ends_at)
    over = sorted((s for s in found if s.state == "expired"), key=lambda s: s.ends_at, reverse=True)
    return live + over


def add_silence(matchers: list[Matcher], *, until: datetime, created_by: str, comment: str) -> str:
    """A silence from now on; returns its id. Raises AlertmanagerUnavailable."""
    body = {
        "matchers": [
            {"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal}
            for m in matchers
        ],
        "startsAt": datetime.now(UTC).isoformat(),
        "endsAt": until.astimezone(UTC).isoformat(),
        "createdBy": created_by,
        "comment": comment,
    }
    found: str = _ask("POST", "/silences", body)["silenceID"]
    return found


def expire_silence(silence_id: str) -> None:
    """Raises AlertmanagerUnavailable; also when there is no such silence."""
    _ask("DELETE", f"/silence/{silence_id}")


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _silence(one: dict[str, Any]) -> Silence:
    return Silence(
        id=one["id"],
        matchers=tuple(
            Matcher(m["name"], m["value"], m["isRegex"], m.get("isEqual", True))
            for m in one["matchers"]
        ),
        starts_at=_moment(one["startsAt"]),
        ends_at=_moment(one["endsAt"]),
        created_by=one["createdBy"],
        comment=one["comment"],
        state=one["status"]["state"],
    )


def _moment(text: str) -> datetime:
    """The furthest that every zone can show, where whoever made it chose a later one."""
    try:
        return min(datetime.fromisoformat(text).astimezone(UTC), _FURTHEST)
    except OverflowError:
        return _FURTHEST


def _ask(method: str, path: str, body: Any = None) -> Any:
    if not settings.ALERTMANAGER_URL:
        raise AlertmanagerUnavailable("Alertmanager is not installed or not configured here.")
    url = f"{settings.ALERTMANAGER_URL}/api/v2{path}"
    try:
        answer = _client.request(method, url, json=body)
    except httpx.HTTPError as error:
        raise AlertmanagerUnavailable("Alertmanager does not answer.") from error
    if answer.is_success:
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise AlertmanagerUnavailable("Alertmanager answers something else.") from error
    if answer.status_code == 404:
        raise AlertmanagerUnavailable("Alertmanager does not know that any more.")
    if answer.status_code == 401:
        raise AlertmanagerUnavailable("Alertmanager refuses the site's password.")
    log.warning("alertmanager_refused", status=answer.status_code, path=path)
    raise AlertmanagerUnavailable(f"Alertmanager refuses it ({answer.status_code}).")
