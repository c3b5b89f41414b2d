"""The System Health Score (docs/boards.md): 100 less what needs somebody, each deduction listed.

What somebody looks after already, and what is held back on purpose, deducts nothing and is listed
as attended; the rule is the one of monitoring/alerts/attended.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitoring import policy
from monitoring.health.registry import checks_of
from monitoring.prometheus.client import PrometheusUnavailable, Sample, query
from monitoring.tones import Tone

_CHECKS = "checks"
_CRITICAL, _WARNING = "critical", "warning"


@dataclass(frozen=True)
class Deduction:
    """One thing that costs points, in words; of alerts also their `name`."""

    words: str
    points: int
    tone: str
    name: str = ""


@dataclass(frozen=True)
class Attended:
    """One thing that is wrong and needs nobody now; `why` says who has it, or what holds it. Of
    alerts also their `name`."""

    words: str
    why: str
    name: str = ""


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
    """`value` from 0 to 100; `not_measured` names what could not be looked at.

    `alerts_known` is False while nobody can say what fires: a score without deductions is then no
    good news.
    """

    value: int = 100
    alerts_known: bool = True
    deductions: list[Deduction] = field(default_factory=list)
    attended: list[Attended] = field(default_factory=list)
    not_measured: list[str] = field(default_factory=list)

    def take(self, words: str, points: int, tone: str, name: str = "") -> None:
        self.deductions.append(Deduction(words, points, tone, name))
        # The worst leads everywhere, also where a list is cut.
        self.deductions.sort(key=lambda one: (one.tone != Tone.CRITICAL, -one.points))
        self.value = max(0, self.value - points)

    @property
    def is_known(self) -> bool:
        """False before the first sample of the checks, unless something is wrong already."""
        return _CHECKS not in self.not_measured or bool(self.deductions)

    @property
    def unknown(self) -> str:
        """What nobody can say of alerts now; "" when what fires is known."""
        if self.alerts_known:
            return ""
        known = any(one.name for one in self.deductions) or any(o.name for o in self.attended)
        return f"{'Newer alerts' if known else 'Alerts'} are not known at the moment."

    @property
    def tone(self) -> str:
        if not self.is_known:
            return Tone.MUTED
        if any(d.tone == Tone.CRITICAL for d in self.deductions):
            return Tone.CRITICAL
        if self.deductions or not self.alerts_known:
            return Tone.WARN
        return Tone.INFO if self.attended else Tone.OK

    @property
    def words(self) -> str:
        """The answer in one line: all is well, or how much needs attention."""
        if not self.is_known:
            return "Not measured yet"
        if count := len(self.deductions):
            return "1 item needs attention" if count == 1 else f"{count} items need attention"
        if not self.alerts_known:
            return "Alerts unknown"
        if count := len(self.attended):
            return f"{count} item{'s' if count > 1 else ''} being handled"
        return "All systems normal"


_TITLES = {
    "discord": "Discord connection",
    "database": "Database",
    "memory": "Memory",
    "rateLimit": "Discord rate limit",
    "thirdParty": "Third-party bots",
    "cache": "Valkey",
    "workers": "Worker",
    "prometheus": "Prometheus",
    "effects": "Discord deliveries",
    "auditHeads": "Audit trail",
    "databaseRoles": "Database roles",
}
# The alerts that fire exactly while the check fails: who has those has the check too. The other
# checks look at more than their alerts do, or at one process of several.
_ALERTS_OF_CHECKS = {
    "discord": ("DiscordBotDown", "DiscordGatewayDisconnected"),
    "database": ("PostgresDown",),
    "cache": ("ValkeyDown",),
    "workers": ("WorkerDown",),
    "effects": ("EffectsStuck",),
}


@dataclass(frozen=True, order=True)
class Fires:
    """One alert that fires: its name, and its summary for people."""

    name: str
    words: str


@dataclass(frozen=True)
class Firing:
    """What counts besides the checks: alerts that need somebody, those that are attended, and
    reviews past their time.

    Without Prometheus the alerts are those of our record, and no review is known as overdue.
    `is_confirmed` is False when our record was not compared with Alertmanager for too long.
    """

    critical: list[Fires]
    warning: list[Fires]
    overdue_reviews: int
    with_prometheus: bool = True
    attended: list[Attended] = field(default_factory=list)
    is_confirmed: bool = True


# Each gives the labels of alerts that fire beside Prometheus' own.
beside: list[Callable[[], Iterable[dict[str, str]]]] = []
# Each says for each alert, by its labels, why it needs nobody; "" when it needs somebody.
attending: list[Callable[[Sequence[dict[str, str]]], list[str]]] = []
# Each gives for each alert, by its labels, its summary; "" when it knows none.
describing: list[Callable[[Sequence[dict[str, str]]], list[str]]] = []
# Each says whether what it told `beside` is sure.
confirming: list[Callable[[], bool]] = []
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
    every = {frozenset(one.items()): one for one in labels}.values()
    found = [one for one in every if one.get("severity") in (_CRITICAL, _WARNING)]
    held, words = _first(attending, found), _first(describing, found)
    said = [Fires(_name(one), known or _name(one)) for one, known in zip(found, words, strict=True)]
    every_one = list(zip(found, said, held, strict=True))

    def open_(severity: str) -> list[Fires]:
        return sorted(
            one for labels, one, why in every_one if not why and labels["severity"] == severity
        )

    return Firing(
        critical=open_(_CRITICAL),
        warning=open_(_WARNING),
        overdue_reviews=int(overdue[0].value) if overdue else 0,
        with_prometheus=with_prometheus,
        attended=sorted(
            (Attended(one.words, why, one.name) for _, one, why in every_one if why),
            key=lambda one: (one.words, one.why),
        ),
        is_confirmed=all(asked() for asked in confirming),
    )


def of(sample: dict[str, Any], fires: Firing | None) -> Score:
    """The score for a sample of the web's checks and what fires; None: that is not known."""
    score = Score()
    critical = _critical_checks()
    for name, result in sample.get("checks", {}).items():
        if result["status"] != "healthy":
            title, why = _TITLES.get(name, name), result.get("error", "failing")
            words = why if why.startswith(title) else f"{title}: {why}"
            if held := _check_held(name, fires):
                score.attended.append(Attended(words, held))
            elif name in critical:
                score.take(words, policy.SCORE_CRITICAL_CHECK, Tone.CRITICAL)
            else:
                score.take(words, policy.SCORE_OTHER_CHECK, Tone.WARN)
    if not sample.get("checks"):
        score.not_measured.append(_CHECKS)
    if fires is None:
        score.alerts_known = False
        score.not_measured.append("alerts")
    else:
        _alerts(score, fires)
        score.alerts_known = fires.with_prometheus and fires.is_confirmed
        if not fires.with_prometheus:
            score.not_measured.append("Prometheus' alerts")
        if not fires.is_confirmed:
            score.not_measured.append("Alertmanager's alerts")
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
        Rule(
            policy.SCORE_CRITICAL_ALERT,
            alerts_at_most,
            "each critical alert that needs attention",
        ),
        Rule(policy.SCORE_WARNING, warnings_at_most, "each warning that needs attention"),
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


def _name(labels: dict[str, str]) -> str:
    return labels.get("alertname", "alert")


def _first(
    sources: Sequence[Callable[[Sequence[dict[str, str]]], list[str]]],
    alerts: Sequence[dict[str, str]],
) -> list[str]:
    """For each alert what the first source that knows something says; "" when none does."""
    found = [""] * len(alerts)
    for source in sources:
        found = [one or other for one, other in zip(found, source(alerts), strict=True)]
    return found


def _check_held(name: str, fires: Firing | None) -> str:
    """Why a check that fails needs nobody: all alerts of its cause that fire are attended.

    Without Prometheus an alert that was not told yet is not known: the check counts.
    """
    names = _ALERTS_OF_CHECKS.get(name, ())
    if fires is None or not fires.with_prometheus:
        return ""
    if any(one.name in names for one in fires.critical + fires.warning):
        return ""
    return next((one.why for one in fires.attended if one.name in names), "")


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
    for one, count in Counter(fires.attended).items():
        score.attended.append(Attended(_times(one.words, count), one.why, one.name))


def _group(score: Score, alerts: list[Fires], each: int, at_most: int, tone: str) -> None:
    left = at_most
    for one, count in Counter(alerts).items():
        points = min(each * count, left)
        left -= points
        score.take(_times(one.words, count), points, tone, one.name)


def _times(words: str, count: int) -> str:
    return f"{words}{TIMES}{count}" if count > 1 else words
