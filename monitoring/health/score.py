"""The System Health Score (contract.md): 100 less what is wrong, each deduction listed."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from monitoring import policy
from monitoring.health.registry import checks_of
from monitoring.prometheus.client import PrometheusUnavailable, Sample, query
from monitoring.tones import Tone

_CHECKS = "checks"


@dataclass(frozen=True)
class Deduction:
    """One thing that costs points, in words."""

    words: str
    points: int
    tone: str


@dataclass(frozen=True)
class Rule:
    """One line of the formula: points off for each, at most so many together (0: no bound)."""

    points: int
    at_most: int
    words: str
    what: str = ""

    @property
    def sentence(self) -> str:
        bound = f", {self.at_most} at most" if self.at_most else ""
        return f"{self.words[0].upper()}{self.words[1:]}{bound}"


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
    def is_known(self) -> bool:
        """False before the first sample of the checks, unless something is wrong already."""
        return _CHECKS not in self.not_measured or bool(self.deductions)

    @property
    def tone(self) -> str:
        if not self.is_known:
            return Tone.MUTED
        if any(d.tone == Tone.CRITICAL for d in self.deductions):
            return Tone.CRITICAL
        return Tone.WARN if self.deductions else Tone.OK

    @property
    def words(self) -> str:
        """The answer in one line: all is well, or how much needs a person."""
        if not self.is_known:
            return "Not measured yet"
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


@dataclass(frozen=True)
class Firing:
    """What counts besides the checks: names of alerts that fire, and reviews past their time.

    Without Prometheus the alerts are those of our record, and no review is known as overdue.
    """

    critical: list[str]
    warning: list[str]
    overdue_reviews: int
    with_prometheus: bool = True


# Each gives the labels of alerts that fire beside Prometheus' own.
beside: list[Callable[[], Iterable[dict[str, str]]]] = []
TIMES = " ×"  # before the number of those with the same name
_ALERTS = 'ALERTS{alertstate="firing"}'
_OVERDUE = "sum(age_verification_overdue)"
_OF_THE_SERIES = ("__name__", "alertstate")


def firing() -> Firing:
    """What fires now, at Prometheus or in our record."""
    try:
        alerts, overdue = query(_ALERTS), query(_OVERDUE)
        with_prometheus = True
    except PrometheusUnavailable:
        alerts, overdue = list[Sample](), list[Sample]()
        with_prometheus = False
    labels = [
        {name: value for name, value in alert.labels.items() if name not in _OF_THE_SERIES}
        for alert in alerts
    ]
    labels += [one for source in beside for one in source()]
    found = {frozenset(one.items()): one for one in labels}.values()

    def named(severity: str) -> list[str]:
        of_it = [one for one in found if one.get("severity") == severity]
        return sorted(one.get("alertname", "alert") for one in of_it)

    late = int(overdue[0].value) if overdue else 0
    return Firing(named("critical"), named("warning"), late, with_prometheus)


def of(sample: dict[str, Any], fires: Firing | None) -> Score:
    """The score for a sample of the web's checks and what fires; None: that is not known."""
    score = Score()
    critical = _critical_checks()
    for name, result in sample.get("checks", {}).items():
        if result["status"] != "healthy":
            title, why = _TITLES.get(name, name), result.get("error", "failing")
            words = why if why.startswith(title) else f"{title}: {why}"
            if name in critical:
                score.take(words, policy.SCORE_CRITICAL_CHECK, Tone.CRITICAL)
            else:
                score.take(words, policy.SCORE_OTHER_CHECK, Tone.WARN)
    if not sample.get("checks"):
        score.not_measured.append(_CHECKS)
    if fires is None:
        score.not_measured.append("alerts")
    else:
        _alerts(score, fires)
        if not fires.with_prometheus:
            score.not_measured.append("Prometheus' alerts")
    score.not_measured.append("backups")
    return score


def formula() -> list[Rule]:
    """What costs how many points, in the words of the page."""
    critical = _critical_checks()
    names = [check.name for check in checks_of("web")]
    of_critical = ", ".join(_TITLES.get(name, name) for name in names if name in critical)
    of_others = ", ".join(_TITLES.get(name, name) for name in names if name not in critical)
    alerts_at_most = policy.SCORE_CRITICAL_ALERTS_AT_MOST
    warnings_at_most = policy.SCORE_WARNINGS_AT_MOST
    reviews_at_most = policy.SCORE_OVERDUE_REVIEWS_AT_MOST
    return [
        Rule(policy.SCORE_CRITICAL_CHECK, 0, "each critical check that fails", of_critical),
        Rule(policy.SCORE_OTHER_CHECK, 0, "each other check that fails", of_others),
        Rule(policy.SCORE_CRITICAL_ALERT, alerts_at_most, "each critical alert that fires"),
        Rule(policy.SCORE_WARNING, warnings_at_most, "each warning that fires"),
        Rule(policy.SCORE_OVERDUE_REVIEW, reviews_at_most, "each overdue review"),
        Rule(policy.SCORE_OLD_BACKUP, 0, "no good backup under 24 hours old", "Not measured yet"),
    ]


def short_formula() -> list[str]:
    """Its main part, for where there is one line only."""
    return [
        f"check −{policy.SCORE_CRITICAL_CHECK} or −{policy.SCORE_OTHER_CHECK}",
        f"alert −{policy.SCORE_CRITICAL_ALERT} or −{policy.SCORE_WARNING}",
    ]


def _critical_checks() -> set[str]:
    return {check.name for check in checks_of("web") if check.critical}


def _alerts(score: Score, fires: Firing) -> None:
    _group(
        score,
        fires.critical,
        policy.SCORE_CRITICAL_ALERT,
        policy.SCORE_CRITICAL_ALERTS_AT_MOST,
        Tone.CRITICAL,
    )
    _group(score, fires.warning, policy.SCORE_WARNING, policy.SCORE_WARNINGS_AT_MOST, Tone.WARN)
    late = fires.overdue_reviews
    if late:
        points = min(late * policy.SCORE_OVERDUE_REVIEW, policy.SCORE_OVERDUE_REVIEWS_AT_MOST)
        score.take(f"{late} review{'s' if late > 1 else ''} overdue", points, Tone.WARN)


def _group(score: Score, names: list[str], each: int, at_most: int, tone: str) -> None:
    left = at_most
    for name, count in Counter(names).items():
        points = min(each * count, left)
        left -= points
        score.take(f"{name}{TIMES}{count}" if count > 1 else name, points, tone)
