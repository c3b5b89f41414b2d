"""What fires and needs nobody now: the one rule for header, phone page, walls and score.

An alert is attended when somebody acknowledged it, when somebody looks after its incident, while a
maintenance window covers it, and while it is silenced. Everything else needs a person. Who has left
looks after nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.core.cache import cache
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from monitoring import policy
from monitoring.alerts import fingerprints
from monitoring.alerts.models import Acknowledgement, Alert
from monitoring.tones import Tone

log = structlog.get_logger(__name__)
_SILENCED = "alerts.silenced"


@dataclass(frozen=True)
class Fires:
    """One alert that fires; `row` is its key in our record, None while it has not come in."""

    name: str
    service: str
    fingerprint: str
    row: int | None
    is_silenced: bool


# Each tells of what other rooms know: the words by the index of the alert. The first one wins.
beside: list[Callable[[Sequence[Fires]], dict[int, str]]] = []


def of_labels(alerts: Sequence[dict[str, str]]) -> list[str]:
    """For each alert by its labels, why it needs nobody; "" when it needs somebody.

    While the database does not answer, everything needs somebody.
    """
    names = [_fingerprint(tuple(sorted(labels.items()))) for labels in alerts]
    try:
        rows = {
            row.fingerprint: row
            for row in Alert.objects.firing()
            .filter(fingerprint__in=names)
            .only("fingerprint", "is_silenced")
        }
        silenced = _silenced_elsewhere()
        return _why(
            [
                Fires(
                    labels.get("alertname", ""),
                    labels.get("service", ""),
                    name,
                    rows[name].pk if name in rows else None,
                    rows[name].is_silenced if name in rows else name in silenced,
                )
                for labels, name in zip(alerts, names, strict=True)
            ]
        )
    except (DatabaseError, PoolTimeout) as error:
        log.warning("attended_not_read", error=type(error).__name__)
        return [""] * len(alerts)


def of_rows(alerts: Sequence[Alert]) -> dict[int, str]:
    """The same for rows of our record that fire: the words by key, of attended ones only."""
    found = _why([Fires(a.name, a.service, a.fingerprint, a.pk, a.is_silenced) for a in alerts])
    return {alert.pk: why for alert, why in zip(alerts, found, strict=True) if why}


def worst_tone(count: int, alerts: Sequence[Alert], held: Mapping[int, str]) -> Tone:
    """Of `count` that fire, of which `alerts` are the most urgent: the tone of the worst that needs
    somebody. What was not looked at may need somebody: that is no good news."""
    rest = Tone.WARN if count > len(alerts) else Tone.INFO
    return next((Tone(one.tone) for one in alerts if one.pk not in held), rest)


def note_silenced(names: Iterable[str]) -> None:
    """Fingerprints of what Alertmanager silences now; it tells us nothing of what began so."""
    lasts = int(policy.ALERT_UNCONFIRMED_AFTER.total_seconds())
    cache.set(_SILENCED, frozenset(names), lasts)


def _why(alerts: Sequence[Fires]) -> list[str]:
    if not alerts:
        return []
    found = [""] * len(alerts)
    for source in (_acknowledged, *beside, _silenced):
        for index, words in source(alerts).items():
            found[index] = found[index] or words
    return found


def _acknowledged(alerts: Sequence[Fires]) -> dict[int, str]:
    rows = [one.row for one in alerts if one.row is not None]
    held = Acknowledgement.objects.open().filter(alert__in=rows, by__is_active=True)
    held = held.select_related("by")
    by = {one.alert_id: f"acknowledged by {one.by}" for one in held}
    return {i: by[one.row] for i, one in enumerate(alerts) if one.row in by}


def _silenced(alerts: Sequence[Fires]) -> dict[int, str]:
    return {index: "silenced" for index, one in enumerate(alerts) if one.is_silenced}


def _silenced_elsewhere() -> frozenset[str]:
    found: frozenset[str] = cache.get(_SILENCED) or frozenset()
    return found


@lru_cache(maxsize=20_000)
def _fingerprint(labels: tuple[tuple[str, str], ...]) -> str:
    return fingerprints.of(dict(labels))
