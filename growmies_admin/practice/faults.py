"""Faults that people and tests inject: what is broken right now, and until when."""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field

from growmies_admin.practice.errors import ControlError, Json

KINDS = (
    "outage",
    "errors",
    "ratelimit",
    "drop_gateway",
    "latency",
    "refuse_resume",
    "reconnect",
    "invalid_session",
    "silence",
    "refusal",
    "page",
    "unreadable",
    "member_count",
    "session_limit",
)
SESSIONS_A_DAY = 1_000
LONGEST_SECONDS = 3600.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """One fault; `route` limits it to REST calls whose "METHOD /path" contains it."""

    kind: str
    seconds: float
    status: int = 500
    scope: str = "global"
    delay_seconds: float = 1.0
    route: str = ""
    code: int | None = None
    discord_code: int = 0
    times: int = 0  # calls that it hits; 0: all of its time
    offset: int = 0
    total: int = SESSIONS_A_DAY
    number: int = field(default_factory=lambda: next(_numbers))
    until: float = field(default=0.0)

    def left_seconds(self) -> float:
        """How long it still lasts; 0 when it is over."""
        return max(0.0, self.until - time.monotonic())

    def shape(self) -> Json:
        """The fault as the control surface shows it."""
        return {
            "id": self.number,
            "kind": self.kind,
            "seconds": self.seconds,
            "left_seconds": round(self.left_seconds(), 2),
            "status": self.status,
            "scope": self.scope,
            "delay_seconds": self.delay_seconds,
            "route": self.route,
            "discord_code": self.discord_code,
            "times": self.times,
            "offset": self.offset,
            "total": self.total,
        }


class Faults:
    """The faults that are in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self.met: Counter[str] = Counter()  # how often each kind has hit somebody
        self._hits: Counter[int] = Counter()  # the same, by the fault's number

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._faults.append(fault)

    def clear(self, kind: str = "") -> None:
        """End all faults, or those of one kind."""
        self._faults = [fault for fault in self._faults if kind and fault.kind != kind]

    def active(self) -> list[Fault]:
        """Faults that are not over."""
        self._faults = [
            fault
            for fault in self._faults
            if fault.left_seconds() > 0
            and not (fault.times and self._hits[fault.number] >= fault.times)
        ]
        return list(self._faults)

    def find(self, kind: str, call: str = "") -> Fault | None:
        """The newest fault of a kind that concerns this REST call ("PUT /guilds/…")."""
        for fault in reversed(self.active()):
            if fault.kind == kind and fault.route.lower() in call.lower():
                self.met[kind] += 1
                self._hits[fault.number] += 1
                return fault
        return None


def parse(body: Json) -> Fault:
    """A fault from the control surface's JSON. Raises ControlError."""
    kind = body.get("kind")
    if kind not in KINDS:
        raise ControlError(400, f"kind must be one of {', '.join(KINDS)}.")
    at_once = kind in ("drop_gateway", "reconnect", "invalid_session")
    seconds = _number(body, "seconds", 0.0 if at_once else 30.0, 0.0, LONGEST_SECONDS)
    if seconds == 0 and not at_once:
        raise ControlError(400, "seconds must be more than 0.")
    scope = body.get("scope", "global")
    if scope not in ("global", "bucket"):
        raise ControlError(400, "scope must be global or bucket.")
    route = body.get("route", "")
    if not isinstance(route, str):
        raise ControlError(400, 'route must be text such as "PUT /guilds/".')
    code = body.get("code")
    if code is not None and not (isinstance(code, int) and 1000 <= code <= 4999):
        raise ControlError(400, "code must be a web socket close code.")
    return Fault(
        kind=str(kind),
        seconds=seconds,
        status=_whole(body, "status", 403 if kind in ("refusal", "page") else 500, 400, 599),
        scope=scope,
        delay_seconds=_number(body, "delay_seconds", 1.0, 0.0, 60.0),
        route=route,
        code=code,
        discord_code=_whole(body, "discord_code", 40333, 0, 999_999),
        times=_whole(body, "times", 0, 0, 1_000_000),
        offset=_whole(body, "offset", 1, -100, 100),
        total=_whole(body, "total", 0, 0, SESSIONS_A_DAY),
        until=time.monotonic() + seconds,
    )


def _number(body: Json, name: str, default: float, low: float, high: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ControlError(400, f"{name} must be a number from {low:g} to {high:g}.")
    return float(value)


def _whole(body: Json, name: str, default: int, low: int, high: int) -> int:
    value = _number(body, name, default, low, high)
    if not value.is_integer():
        raise ControlError(400, f"{name} must be a whole number.")
    return int(value)
