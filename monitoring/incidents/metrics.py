"""Figures of incidents: how many, how fast somebody answers, how late we tell."""

from collections.abc import Iterable

from django.db.models import Count

from monitoring import policy
from monitoring.alerts.models import Severity
from monitoring.delivery import transports
from monitoring.delivery.models import Attempt
from monitoring.incidents import watching
from monitoring.incidents.models import Incident, Origin
from monitoring.incidents.states import LIVE
from monitoring.metrics.families import CounterFamily, HistogramFamily, database_gauge
from monitoring.ui.words import span

incidents_opened_total = CounterFamily(
    "incidents_opened_total",
    "Incidents that were opened.",
    {"severity": Severity.values, "origin": Origin.values},
)
incident_acknowledge_seconds = HistogramFamily(
    "incident_acknowledge_seconds",
    "From opening an incident to its first acknowledgement.",
    {"severity": Severity.values},
    buckets=(15, 30, 60, 120, 300, 600, 1800, 3600),
)
incident_resolve_seconds = HistogramFamily(
    "incident_resolve_seconds",
    "From opening an incident to its end; again when it opened again.",
    {"severity": Severity.values},
    buckets=(60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400),
)
incident_escalation_steps_total = CounterFamily(
    "incident_escalation_steps_total",
    "Steps of escalations that were done; nobody: it could reach nobody.",
    {"result": ("done", "nobody")},
)
incident_messages_total = CounterFamily(
    "incident_messages_total",
    "Attempts to tell a person of an incident.",
    {"way": transports.reaching_persons(), "outcome": Attempt.Outcome.values},
)


def observe_acknowledged(incident: Incident) -> None:
    if incident.acknowledged_at:
        seconds = (incident.acknowledged_at - incident.opened_at).total_seconds()
        incident_acknowledge_seconds.observe(seconds, severity=incident.severity)


def observe_resolved(incident: Incident) -> None:
    if incident.resolved_at:
        seconds = (incident.resolved_at - incident.opened_at).total_seconds()
        incident_resolve_seconds.observe(seconds, severity=incident.severity)


def count_step(result: str) -> None:
    incident_escalation_steps_total.inc(result=result)


def _open() -> Iterable[tuple[tuple[str, ...], float]]:
    counted = {
        (severity, state): n
        for severity, state, n in Incident.objects.live()
        .order_by()
        .values_list("severity", "state")
        .annotate(n=Count("id"))
    }
    for severity in Severity.values:
        for state in LIVE:
            yield (severity, state), float(counted.get((severity, state), 0))


def _late_seconds() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), watching.late_seconds()


def _late_steps() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), float(watching.look().late_steps)


database_gauge("incidents_open", "Incidents that are not over.", ["severity", "state"], _open)
database_gauge(
    "incident_escalation_late_seconds",
    "How late the latest step is that waits, or was done in the last minute.",
    [],
    _late_seconds,
)
database_gauge(
    "incident_escalation_late_steps",
    "Steps that wait, or were done in the last minute, more than "
    f"{span(policy.ESCALATION_LATE)} late.",
    [],
    _late_steps,
)
