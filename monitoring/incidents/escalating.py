"""Runs an incident's escalation: who is told, one step after the other, until somebody answers.

When a step is due stands in its row; it is taken by a conditional UPDATE under the incident's
lock, so it may be tried twice, by two workers, and after any restart, and is done once. Who is on
call is looked up at the moment of the step; the steps themselves are frozen.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from monitoring.alerts.models import Alert, AlertEvent
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.delivery import transports
from monitoring.incidents import messages, metrics, policies, timeline, windows
from monitoring.incidents.locking import lock
from monitoring.incidents.models import (
    EscalationStepRun,
    Incident,
    RunState,
)
from monitoring.incidents.states import State
from monitoring.people import Person
from monitoring.refusals import Refusal
from monitoring.tones import Tone
from monitoring.ui.words import duration

log = structlog.get_logger(__name__)
Kind = timeline.Kind
STEPS_AT_ONCE = 200


def start_round(incident: Incident, *, at: datetime) -> None:
    """Put the frozen steps on the clock, in the caller's transaction. May be called again."""
    EscalationStepRun.objects.bulk_create(
        [
            EscalationStepRun(
                incident=incident,
                round=incident.round,
                position=step["position"],
                due_at=at + timedelta(seconds=step["after_seconds"]),
            )
            for step in policies.steps_of(incident)
        ],
        ignore_conflicts=True,
    )


def stop(incident: Incident, *, why: str) -> None:
    """Somebody has it: nobody else is told. In the caller's transaction.

    What was due long before and never done is written down: those people were told of nothing.
    """
    now = timezone.now()
    waiting = incident.step_runs.filter(state=RunState.WAITING)
    for run in waiting.order_by("position"):
        if run.was_missed(now):
            title = policies.title(policies.step_of(incident, run.position))
            text = f"{title}: due {duration(now - run.due_at)} ago and never done, nobody was told"
            timeline.add(incident, Kind.ESCALATED, text, tone=Tone.WARN)
    waiting.update(state=RunState.STOPPED, done_at=now, result=why[:200])
    messages.withdraw(incident)


def run_due() -> int:
    """Do every step whose time has come; returns how many were done."""
    now = timezone.now()
    due = EscalationStepRun.objects.filter(state=RunState.WAITING, due_at__lte=now)
    done = 0
    for pk in due.order_by("due_at", "id").values_list("pk", flat=True)[:STEPS_AT_ONCE]:
        try:
            done += run_step(pk)
        except Exception:  # one broken incident must not keep the others from being told
            log.exception("escalation_step_failed", step=pk)
    return done


def run_step(pk: int) -> bool:
    """Do one step; False when it was done, stopped or put off meanwhile."""
    with transaction.atomic():
        number = EscalationStepRun.objects.values_list("incident_id", flat=True).get(pk=pk)
        incident = lock(number)
        run = EscalationStepRun.objects.get(pk=pk)
        now = timezone.now()
        if run.state != RunState.WAITING or run.due_at > now:
            return False
        if incident.state != State.OPEN:
            stop(incident, why="Not needed any more")
            return False
        if _held(incident, now) or _silenced(incident, run, now):
            return False
        return _do(incident, run, now)


def escalate_now(number: int, *, by: Person) -> EscalationStepRun:
    """Do the next step without waiting, also when it was stopped. Raises Refusal."""
    with transaction.atomic():
        incident = lock(number)
        if not incident.is_live:
            raise Refusal("over", "It is over; nobody is told any more.")
        run = (
            incident.step_runs.filter(
                round=incident.round, state__in=(RunState.WAITING, RunState.STOPPED)
            )
            .order_by("position")
            .first()
        )
        if run is None:
            raise Refusal("already_there", "Every step was done: there is nobody left to tell.")
        now = timezone.now()
        EscalationStepRun.objects.filter(pk=run.pk).update(
            state=RunState.WAITING, due_at=now, done_at=None, result=""
        )
        run.refresh_from_db()
        title = policies.title(policies.step_of(incident, run.position))
        timeline.add(incident, Kind.ESCALATED, f"Escalated by hand: {title}", by=by)
        trail.record(
            "incident.escalated",
            category=Category.TECHNICAL,
            actor=by,
            target=incident,
            data={"step": run.position},
        )
        _do(incident, run, now)
        run.refresh_from_db()
        return run


def _do(incident: Incident, run: EscalationStepRun, now: datetime) -> bool:
    step = policies.step_of(incident, run.position)
    people = policies.people(step, now)
    reached = [(person, ways) for person in people if (ways := transports.ways_of(person))]
    state = RunState.DONE if reached else RunState.NOBODY
    words = _words(reached) if reached else policies.why_nobody(step, people)
    taken = EscalationStepRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(
        state=state,
        done_at=now,
        late_seconds=max((now - run.due_at).total_seconds(), 0.0),
        result=words[:500],
    )
    if not taken:
        return False
    messages.call(run, reached)
    timeline.add(
        incident,
        Kind.ESCALATED,
        f"{policies.title(step)}: {words}",
        source=f"step {run.position}",
        tone=Tone.MUTED if reached else Tone.CRITICAL,
        at=now,
    )
    if not reached:
        _bring_forward(incident, run, now)
    metrics.count_step(state)
    return True


def _bring_forward(incident: Incident, run: EscalationStepRun, now: datetime) -> None:
    """Nobody was reached: the next step need not wait for an answer that can't come."""
    following = incident.step_runs.filter(
        round=run.round, position__gt=run.position, state=RunState.WAITING
    ).order_by("position")
    first = following.first()
    if first is not None and first.due_at > now:
        following.update(due_at=F("due_at") - (first.due_at - now))


def _held(incident: Incident, now: datetime) -> bool:
    """Planned work covers all that fires: the steps wait for its end."""
    window = windows.holding(incident)
    if window is None:
        return False
    waiting = incident.step_runs.filter(state=RunState.WAITING)
    waiting.update(due_at=F("due_at") + (window.ends_at - now))
    timeline.add(
        incident,
        Kind.HELD,
        f"Nobody is told until the maintenance window ends: {window.title}",
        source="window",
        key=windows.hold_key(window, incident) + window.ends_at.isoformat(),
    )
    return True


def _silenced(incident: Incident, run: EscalationStepRun, now: datetime) -> bool:
    """All that fires is silenced: the steps wait, and each pulse asks again, because a silence
    can be lifted at any time."""
    firing = Alert.objects.firing().filter(
        incident_links__incident=incident, incident_links__resolved_at__isnull=True
    )
    if not firing.exists() or firing.filter(is_silenced=False).exists():
        return False
    waiting = incident.step_runs.filter(state=RunState.WAITING)
    waiting.update(due_at=F("due_at") + (now - run.due_at))
    silenced = AlertEvent.objects.filter(alert__in=firing, kind=AlertEvent.Kind.SILENCED)
    last = silenced.select_related("by").order_by("-id").first()
    timeline.add(
        incident,
        Kind.ESCALATED,
        "Nobody is told while all that fires here is silenced",
        by=last.by if last else None,
        source="silence",
        key=f"silence:{incident.round}:{last.pk if last else 0}",
    )
    return True


def _words(reached: list[tuple[Any, list[str]]]) -> str:
    said = [
        f"{person} by {' and '.join(transports.words(way) for way in ways)}"
        for person, ways in reached[:5]
    ]
    more = len(reached) - len(said)
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")
