"""Opens incidents: by hand, and from critical alerts, one incident for the alerts of one cause.

The work list is the database itself: a critical alert that fires and is in no incident. So nothing
is lost when a process dies between an alert and its incident, and to look twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from monitoring import locks, policy
from monitoring.alerts import plans
from monitoring.alerts.models import Acknowledgement, Alert, Severity, Status
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.incidents import escalating, metrics, moving, policies, timeline, windows
from monitoring.incidents.locking import lock
from monitoring.incidents.models import (
    EscalationPolicy,
    Incident,
    IncidentAlert,
    Origin,
)
from monitoring.incidents.states import LIVE, State
from monitoring.people import Person
from monitoring.refusals import Refusal
from monitoring.tones import Tone

Kind = timeline.Kind
BATCH = 2000
NAMED = 3  # alerts that a timeline entry lists one by one
TITLE_AT_MOST = 200
# With this label a rule says that its alerts belong to the incident of others.
CAUSE = "incident"


def open_by_hand(
    *,
    by: Person,
    title: str,
    severity: str,
    text: str = "",
    service: str = "",
    runbook: str = "",
    chosen: EscalationPolicy | None = None,
) -> Incident:
    """A person sees something that no alert says; they command it. Raises Refusal."""
    title = " ".join(title.split())[:TITLE_AT_MOST]
    if not title or severity not in Severity.values:
        raise Refusal("invalid", "An incident needs a title and a severity.")
    with transaction.atomic():
        incident = Incident.objects.create(
            title=title,
            severity=severity,
            origin=Origin.PERSON,
            opened_by=by,
            commander=by,
            service=service,
            runbook=runbook,
            policy=policies.freeze(chosen),
        )
        timeline.add(incident, Kind.OPENED, text or "Opened by hand", by=by, tone=Tone.CRITICAL)
        _begin(incident, by)
    return incident


def take_up(*, batches: int | None = None) -> int:
    """Put critical alerts that fire into incidents, so many batches or all; end what is over.

    Returns how many alerts joined. Safe at any time and in any process.
    """
    joined = 0
    for done in count(1):
        with transaction.atomic():
            locks.hold(locks.Lock.INCIDENTS_TAKE_UP)
            found = list(_unclaimed()[:BATCH])
            if len(found) > plans.MANY_ROWS:
                plans.make_anew()
            planned = windows.active()
            fresh = [alert for alert in found if not windows.cover(planned, alert)]
            for key, alerts in _by_group(fresh).items():
                _join(key, alerts)
            _settle()
        joined += len(fresh)
        if len(found) < BATCH or not fresh or done == batches:
            break
    return joined


def group_of(alert: Alert) -> str:
    """What its incident is about: the label `incident`, or service and name of the alert.

    So Alertmanager groups; the many instances of one alert are one incident.
    """
    cause = str(alert.labels.get(CAUSE, ""))[:100]
    return f"cause:{cause}" if cause else f"{alert.service}/{alert.name}"


def _unclaimed() -> Any:
    linked = IncidentAlert.objects.filter(alert=OuterRef("pk"), resolved_at__isnull=True)
    return Alert.objects.firing().critical().filter(~Exists(linked), is_silenced=False).by_urgency()


def _by_group(alerts: Iterable[Alert]) -> dict[str, list[Alert]]:
    groups: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda one: one.pk):
        groups.setdefault(group_of(alert), []).append(alert)
    return groups


def _join(key: str, alerts: Sequence[Alert]) -> None:
    now = timezone.now()
    incident = _present(key) or _recent(key)
    if incident is None:
        incident = _open(key, alerts[0])
        is_new = True
    else:
        is_new = False
    IncidentAlert.objects.filter(incident=incident, alert__in=alerts).update(resolved_at=None)
    IncidentAlert.objects.bulk_create(
        [IncidentAlert(incident=incident, alert=alert, joined_at=now) for alert in alerts],
        ignore_conflicts=True,
    )
    for at, words in _fired(alerts):
        timeline.add(incident, Kind.FIRED, words, source="Prometheus", tone=Tone.CRITICAL, at=at)
    if is_new:
        _begin(incident, None)
    else:
        moving.fires_again(incident, at=now)
    _keep_acknowledged(incident, alerts)


def _present(key: str) -> Incident | None:
    found = Incident.objects.filter(group_key=key, state__in=LIVE).first()
    return lock(found.pk) if found else None


def _recent(key: str) -> Incident | None:
    """The group's last incident, if it was resolved so shortly ago that it is not over."""
    since = timezone.now() - policy.INCIDENT_REJOIN
    found = Incident.objects.filter(group_key=key).newest().first()
    if found is None:
        return None
    last = lock(found.pk)
    if last.state == State.RESOLVED and last.resolved_at and last.resolved_at >= since:
        return last
    return None


def _open(key: str, alert: Alert) -> Incident:
    return Incident.objects.create(
        title=(alert.summary or alert.name)[:TITLE_AT_MOST],
        severity=alert.severity,
        origin=Origin.ALERT,
        group_key=key,
        service=alert.service,
        runbook=alert.runbook,
        policy=policies.freeze(),
    )


def _begin(incident: Incident, by: Person | None) -> None:
    escalating.start_round(incident, at=incident.opened_at)
    metrics.incidents_opened_total.inc(severity=incident.severity, origin=incident.origin)
    trail.record(
        "incident.opened",
        category=Category.TECHNICAL,
        actor=by,
        target=incident,
        data={"title": incident.title, "severity": incident.severity, "origin": incident.origin},
    )


def _keep_acknowledged(incident: Incident, alerts: Sequence[Alert]) -> None:
    """Alerts that somebody looks after already page nobody."""
    if incident.state != State.OPEN:
        return
    held = {
        one.alert_id: one
        for one in Acknowledgement.objects.open().select_related("by").filter(alert__in=alerts)
    }
    if len(held) == len(alerts):
        first = min(held.values(), key=lambda one: one.at)
        moving.acknowledge_if_open(incident.pk, by=first.by, comment=first.comment)


def _settle() -> None:
    """Note which alerts have ended, and resolve an incident whose alerts have all ended."""
    over = IncidentAlert.objects.filter(resolved_at__isnull=True, alert__status=Status.RESOLVED)
    by_incident: dict[int, list[IncidentAlert]] = {}
    for link in over.select_related("alert").order_by("id")[:BATCH]:
        by_incident.setdefault(link.incident_id, []).append(link)
    for number, links in by_incident.items():
        incident = lock(number)
        for link in links:
            link.resolved_at = link.alert.ends_at or timezone.now()
        IncidentAlert.objects.bulk_update(links, ["resolved_at"])
        for at, words in _ended([link.alert for link in links]):
            timeline.add(incident, Kind.RESOLVED, words, source="Prometheus", tone=Tone.OK, at=at)
        if incident.is_live and not incident.links.filter(resolved_at__isnull=True).exists():
            ends = [link.resolved_at for link in links if link.resolved_at]
            moving.resolve_by_alerts(incident, at=min(max(ends), timezone.now()))


def _fired(alerts: Sequence[Alert]) -> list[tuple[Any, str]]:
    """One entry an alert, or one for many: (when, words)."""
    if len(alerts) > NAMED:
        first = min(alert.starts_at for alert in alerts)
        return [(first, f"{len(alerts):,} alerts fired: {alerts[0].name}")]
    return [
        (alert.starts_at, f"{alert.name} fired, {alert.severity}{_instance(alert)}")
        for alert in alerts
    ]


def _ended(alerts: Sequence[Alert]) -> list[tuple[Any, str]]:
    if len(alerts) > NAMED:
        last = max(alert.ends_at or alert.starts_at for alert in alerts)
        return [(last, f"{len(alerts):,} alerts resolved: {alerts[0].name}")]
    return [(alert.ends_at, f"{alert.name} resolved{_instance(alert)}") for alert in alerts]


def _instance(alert: Alert) -> str:
    found = alert.labels.get("instance", "")
    return f" ({found})" if found else ""
