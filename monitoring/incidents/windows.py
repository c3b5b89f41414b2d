"""Maintenance windows: planned, shown, silenced through Alertmanager, and always ending."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from monitoring import moments, policy
from monitoring.alerts import alertmanager, silencing
from monitoring.alerts.alertmanager import AlertmanagerUnavailable, Matcher
from monitoring.alerts.models import Alert
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.incidents import timeline
from monitoring.incidents.locking import lock
from monitoring.incidents.models import (
    EscalationStepRun,
    Incident,
    MaintenanceWindow,
    RunState,
    Scope,
)
from monitoring.incidents.states import State
from monitoring.people import Person
from monitoring.refusals import Refusal
from monitoring.ui.words import span

log = structlog.get_logger(__name__)


def plan(
    *,
    by: Person,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    service: str = "",
    alert_name: str = "",
    everything: bool = False,
) -> MaintenanceWindow:
    """A window from now on or later, no longer than WINDOW_AT_MOST, of a service, an alert or both.

    It covers every alert only with `everything`. Raises Refusal.
    """
    if everything and (service or alert_name):
        raise Refusal("invalid", "It covers either everything, or a service or an alert.")
    if not (everything or service or alert_name):
        raise Refusal("invalid", "Choose what it silences: a service, an alert, or everything.")
    now = timezone.now()
    if why := moments.refusal(starts_at) or moments.refusal(ends_at):
        raise Refusal("invalid", why)
    if not starts_at < ends_at:
        raise Refusal("invalid", "It must end after it begins.")
    if ends_at <= now:
        raise Refusal("invalid", "It would be over already.")
    if ends_at - starts_at > policy.WINDOW_AT_MOST:
        raise Refusal(
            "invalid",
            f"A window may last {span(policy.WINDOW_AT_MOST)} at most: it must end by itself.",
        )
    with transaction.atomic():
        window = MaintenanceWindow.objects.create(
            title=title,
            scope=Scope.EVERYTHING if everything else Scope.CHOSEN,
            service=service,
            alert_name=alert_name,
            starts_at=starts_at,
            ends_at=ends_at,
            made_by=by,
        )
        _record("window.planned", window, by)
    keep_silences()
    return window


def end_early(pk: int, *, by: Person) -> MaintenanceWindow:
    """End it now, or call it off before it began: what it held goes on. Raises Refusal."""
    with transaction.atomic():
        window = MaintenanceWindow.objects.select_for_update().get(pk=pk)
        now = timezone.now()
        if window.ends_at <= now:
            raise Refusal("over", "It is over already.")
        early = window.ends_at - now
        window.starts_at = min(window.starts_at, now)
        window.ends_at, window.ended_by = now, by
        window.save(update_fields=["starts_at", "ends_at", "ended_by"])
        _record("window.ended", window, by)
    # After the commit: a step that still saw the window has its incident's lock until it is held.
    _let_go(window, early, by)
    if window.silence_id:
        try:
            alertmanager.expire_silence(window.silence_id)
        except AlertmanagerUnavailable as why:
            log.warning("window_silence_not_ended", window=window.pk, why=str(why))
            raise Refusal(
                "away",
                f"The window is over, but its silence is still there: {why} End it at /alerts/.",
            ) from why
    return window


def active() -> list[MaintenanceWindow]:
    return list(MaintenanceWindow.objects.active().order_by("ends_at"))


def cover(windows: Sequence[MaintenanceWindow], alert: Alert) -> bool:
    """Whether one of these windows silences the alert."""
    return covering(windows, name=alert.name, service=alert.service) is not None


def covering(
    windows: Sequence[MaintenanceWindow], *, name: str, service: str
) -> MaintenanceWindow | None:
    """The one of these windows that covers an alert of this name and service, the last to end."""
    fitting = [window for window in windows if covers(window, name=name, service=service)]
    return max(fitting, key=lambda window: window.ends_at, default=None)


def holding(incident: Incident) -> MaintenanceWindow | None:
    """The window that covers everything that still fires in this incident, the last to end."""
    windows = active()
    alerts = [
        link.alert
        for link in incident.links.filter(resolved_at__isnull=True).select_related("alert")[:200]
    ]
    if not windows or not alerts or not all(cover(windows, alert) for alert in alerts):
        return None
    fitting = [w for w in windows if any(cover([w], a) for a in alerts)]
    return max(fitting, key=lambda window: window.ends_at)


def keep_silences() -> None:
    """Silence what a window covers, once it has begun. Asked every few seconds; one process at a
    time makes a window's silence, and whoever ends the window waits until its id is kept."""
    waiting = MaintenanceWindow.objects.active().filter(silence_id="")
    for pk in list(waiting.values_list("pk", flat=True)):
        _silence(pk)


def hold_key(window: MaintenanceWindow, incident: Incident) -> str:
    """Of the timeline entry that says that the window holds the present round."""
    return f"window:{window.pk}:{incident.round}:"


def matchers(window: MaintenanceWindow) -> list[Matcher]:
    """Of its silence."""
    found = [Matcher("service", window.service)] if window.service else []
    if window.alert_name:
        return [*found, Matcher("alertname", window.alert_name)]
    # The dead man's switch goes on, or its silence would be an alert of its own.
    every = found or [Matcher("alertname", ".+", is_regex=True)]
    return [*every, Matcher("alertname", policy.WATCHDOG, is_equal=False)]


def what(window: MaintenanceWindow) -> str:
    """What it silences, in words."""
    if window.alert_name and window.service:
        return f"{window.alert_name} of {window.service}"
    if window.alert_name:
        return window.alert_name
    return f"every alert of {window.service}" if window.service else "every alert"


def covers(window: MaintenanceWindow, *, name: str, service: str) -> bool:
    """Whether it covers an alert of this name and service."""
    return window.service in ("", service) and window.alert_name in ("", name)


@transaction.atomic
def _silence(pk: int) -> None:
    """Its row is locked while Alertmanager answers: no window ends with a silence unknown to us."""
    waiting = MaintenanceWindow.objects.active().filter(pk=pk, silence_id="")
    window = waiting.select_for_update(skip_locked=True).first()
    if window is None:
        return
    try:
        window.silence_id = silencing.make(
            matchers(window),
            by=window.made_by,
            until=window.ends_at,
            comment=f"Maintenance window: {window.title}",
        )
        window.silence_error = ""
    except AlertmanagerUnavailable as why:
        window.silence_error = str(why)
    window.save(update_fields=["silence_id", "silence_error"])


def _let_go(window: MaintenanceWindow, early: timedelta, by: Person) -> None:
    """The steps that it held go on from now. What another window holds too, that holds again."""
    waiting = EscalationStepRun.objects.filter(
        incident__state=State.OPEN, state=RunState.WAITING
    ).values_list("incident", flat=True)
    for number in sorted(set(waiting)):
        with transaction.atomic():
            incident = lock(number)
            held = incident.timeline.filter(key__startswith=hold_key(window, incident))
            if incident.state != State.OPEN or not held.exists():
                continue
            incident.step_runs.filter(state=RunState.WAITING).update(due_at=F("due_at") - early)
            timeline.add(
                incident,
                timeline.Kind.HELD,
                f"The maintenance window was ended early: {window.title}",
                by=by,
            )


def _record(action: str, window: MaintenanceWindow, by: Person) -> None:
    data = {"title": window.title, "until": window.ends_at.isoformat(), "what": what(window)}
    trail.record(action, category=Category.TECHNICAL, actor=by, target=window, data=data)
