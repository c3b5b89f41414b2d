"""The System Health Score as it is now: one number for pages, phone page and /metrics.

The checks are those of the last sample; alerts are read beside, so that nobody who asks for the
score waits for Prometheus.
"""

from datetime import timedelta
from typing import Any

from monitoring import policy
from monitoring.health.answers import web_sampler
from monitoring.health.score import Score, firing
from monitoring.health.score import of as score_of
from monitoring.metrics.families import GaugeFamily
from monitoring.prometheus.keeping import keeper

system_health_score = GaugeFamily(
    "system_health_score", "System Health Score, 0 to 100; the site tells what it deducts.", {}
)
_FIRING = "health:firing"
keeper.register(_FIRING, policy.WALL_REFRESH, firing)


def current() -> Score:
    """The score now; starts the sampler when nobody has."""
    web_sampler.start()
    return _of(web_sampler.last(), policy.BOARD_WAIT)


def renew() -> None:
    """Somebody has just acknowledged something: their page does not wait for Prometheus."""
    keeper.renew_soon(_FIRING)


def _export(sample: dict[str, Any]) -> None:
    """After each sample of the web's checks."""
    system_health_score.set(_of(sample, timedelta(0)).value)


def _of(sample: dict[str, Any], wait: timedelta) -> Score:
    kept = keeper.get([_FIRING], wait=wait)[_FIRING]
    return score_of(sample, None if kept.failed else kept.value)


web_sampler.after.append(_export)
