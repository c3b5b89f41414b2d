"""The System Health Score (contract.md): 100 less what is wrong, each deduction listed."""

from dataclasses import dataclass, field
from typing import Any

from monitoring import policy
from monitoring.health.registry import checks_of
from monitoring.prometheus.client import PrometheusUnavailable, query
from monitoring.tones import Tone


@dataclass(frozen=True)
class Deduction:
    """One thing that costs points, in words."""

    words: str
    points: int
    tone: str


@dataclass
class Score:
    """`value` from 0 to 100; `not_measured` names what could not be looked at."""

    value: int = 100
    deductions: list[Deduction] = field(default_factory=list)
    not_measured: list[str] = field(default_factory=list)

    def take(self, words: str, points: int, tone: str) -> None:
        self.deductions.append(Deduction(words, points, tone))
        self.value = max(0, self.value - points)

    @property
    def tone(self) -> str:
        if any(d.tone == Tone.CRITICAL for d in self.deductions):
            return Tone.CRITICAL
        return Tone.WARN if self.deductions else Tone.OK

    @property
    def words(self) -> str:
        """The answer in one line: all is well, or how much needs a person."""
        count = len(self.deductions)
        if not count:
            return "All systems normal"
        return "One thing needs a person" if count == 1 else f"{count} things need a person"


_TITLES = {
    "discord": "Discord connection",
    "database": "Database",
    "memory": "Memory",
    "rateLimit": "Discord rate limit",
    "thirdParty": "Third-party bots",
    "cache": "Valkey",
    "workers": "Worker",
    "prometheus": "Prometheus",
    "effects": "Effects for Discord",
}


def of(sample: dict[str, Any]) -> Score:
    """The score for a sample of the web's checks and the alerts that fire now."""
    score = Score()
    critical = {check.name for check in checks_of("web") if check.critical}
    for name, result in sample.get("checks", {}).items():
        if result["status"] != "healthy":
            title, why = _TITLES.get(name, name), result.get("error", "failing")
            words = why if why.startswith(title) else f"{title}: {why}"
            if name in critical:
                score.take(words, policy.SCORE_CRITICAL_CHECK, Tone.CRITICAL)
            else:
                score.take(words, policy.SCORE_OTHER_CHECK, Tone.WARN)
    if not sample.get("checks"):
        score.not_measured.append("checks")
    _alerts(score)
    score.not_measured.append("backups")
    return score


def _alerts(score: Score) -> None:
    try:
        firing = query('ALERTS{alertstate="firing"}')
        overdue = query("sum(age_verification_overdue)")
    except PrometheusUnavailable:
        score.not_measured.append("alerts")
        return
    criticals = [a for a in firing if a.labels.get("severity") == "critical"]
    warnings = [a for a in firing if a.labels.get("severity") == "warning"]
    _group(
        score,
        [a.labels.get("alertname", "alert") for a in criticals],
        policy.SCORE_CRITICAL_ALERT,
        policy.SCORE_CRITICAL_ALERTS_AT_MOST,
        Tone.CRITICAL,
    )
    _group(
        score,
        [a.labels.get("alertname", "alert") for a in warnings],
        policy.SCORE_WARNING,
        policy.SCORE_WARNINGS_AT_MOST,
        Tone.WARN,
    )
    late = int(overdue[0].value) if overdue else 0
    if late:
        points = min(late * policy.SCORE_OVERDUE_REVIEW, policy.SCORE_OVERDUE_REVIEWS_AT_MOST)
        score.take(f"{late} review{'s' if late > 1 else ''} overdue", points, Tone.WARN)


def _group(score: Score, names: list[str], each: int, at_most: int, tone: str) -> None:
    left = at_most
    for name in names:
        points = min(each, left)
        left -= points
        score.take(name, points, tone)
