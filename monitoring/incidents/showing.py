"""What the page of one incident shows, ready for the template."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from monitoring import policy
from monitoring.alerts import runbooks
from monitoring.incidents import messages, policies, rotas
from monitoring.incidents.models import (
    EscalationStepRun,
    Incident,
    Rota,
    RunState,
    TimelineEntry,
)
from monitoring.incidents.states import State
from monitoring.tones import Tone
from monitoring.ui import paging
from monitoring.ui.words import duration

ENTRIES = 50
ALERTS = 8
_ICONS = {
    TimelineEntry.Kind.OPENED: "flame",
    TimelineEntry.Kind.FIRED: "flame",
    TimelineEntry.Kind.RESOLVED: "circle-check",
    TimelineEntry.Kind.ACKNOWLEDGED: "check",
    TimelineEntry.Kind.NOTE: "message-circle",
    TimelineEntry.Kind.MOVED: "chevron-right",
    TimelineEntry.Kind.COMMANDER: "user-check",
    TimelineEntry.Kind.ESCALATED: "phone",
    TimelineEntry.Kind.MESSAGE: "mail",
    TimelineEntry.Kind.HELD: "tool",
    TimelineEntry.Kind.DEPLOY: "rotate-clockwise",
    TimelineEntry.Kind.JOB: "tool",
}
_RUN_ICONS = {
    RunState.DONE: (Tone.OK, "circle-check"),
    RunState.NOBODY: (Tone.CRITICAL, "circle-x"),
    RunState.STOPPED: (Tone.MUTED, "clock"),
    RunState.WAITING: (Tone.INFO, "clock"),
}


@dataclass(frozen=True)
class Stage:
    """One part of the track from opened to reviewed."""

    title: str
    at: datetime | None
    words: str
    is_done: bool


@dataclass(frozen=True)
class StepLine:
    """One step of the escalation, done or to come; `problem` says that it would reach nobody."""

    run: EscalationStepRun
    title: str
    tone: str
    icon: str
    words: str
    problem: str = ""


@dataclass(frozen=True)
class Act:
    """A move that asks for words; the main one of a state has the key G."""

    to: str
    title: str
    icon: str
    ask: str
    key: str = ""
    is_main: bool = False

    @property
    def resolves(self) -> bool:
        return self.to == State.RESOLVED


_MITIGATE = ("mitigated", "Mark mitigated", "shield-check", "What was done so far?")
_RESOLVE = (
    "resolved",
    "Resolve",
    "circle-check",
    "What was done? It stands in the incident as its resolution.",
)
_ACTS: dict[str, list[Act]] = {
    State.OPEN: [Act(*_MITIGATE), Act(*_RESOLVE, key="r")],
    State.ACKNOWLEDGED: [Act(*_MITIGATE, key="g", is_main=True), Act(*_RESOLVE, key="r")],
    State.MITIGATED: [
        Act(*_RESOLVE, key="g", is_main=True),
        Act(
            "acknowledged",
            "Back to acknowledged",
            "arrow-back-up",
            "Why is it not mitigated after all?",
        ),
    ],
    State.RESOLVED: [
        Act(
            "closed",
            "Write the review",
            "shield-check",
            "What is learned, and what will be changed?",
            key="g",
            is_main=True,
        ),
        Act("acknowledged", "Reopen", "arrow-back-up", "Why is it not over?"),
    ],
    State.CLOSED: [],
}


@dataclass(frozen=True)
class Line:
    entry: TimelineEntry
    icon: str


def stages(incident: Incident) -> list[Stage]:
    opener = str(incident.opened_by) if incident.opened_by else incident.group_key.split("/")[-1]
    answered = ""
    if incident.acknowledged_at:
        answered = f"after {duration(incident.acknowledged_at - incident.opened_at)}"
    lasted = ""
    if incident.resolved_at:
        lasted = f"after {duration(incident.resolved_at - incident.opened_at)}"
    return [
        Stage("Opened", incident.opened_at, f"by {opener}", True),
        Stage(
            "Acknowledged", incident.acknowledged_at, answered, incident.acknowledged_at is not None
        ),
        Stage("Mitigated", incident.mitigated_at, "", incident.mitigated_at is not None),
        Stage("Resolved", incident.resolved_at, lasted, incident.resolved_at is not None),
        Stage("Reviewed", incident.closed_at, "", incident.state == State.CLOSED),
    ]


def acts(incident: Incident) -> list[Act]:
    """The moves that somebody who manages incidents can make now."""
    return _ACTS[incident.state]


def entries(incident: Incident, after: str = "") -> tuple[list[Line], str]:
    """The timeline, newest first, and the cursor of the older entries."""
    found = incident.timeline.select_related("by")
    page = paging.page(found, "-at", "-id", after=after, size=ENTRIES)
    lines = [Line(entry, _ICONS[TimelineEntry.Kind(entry.kind)]) for entry in page.rows]
    return lines, page.next


def steps(incident: Incident) -> list[StepLine]:
    """The escalation of the present round; what is to come is looked at as of its time."""
    runs = incident.step_runs.filter(round=incident.round).order_by("position")
    return [_step(incident, run) for run in runs]


def nobody_told(incident: Incident, steps: list[StepLine]) -> bool:
    """It is open, and none of the steps so far has reached anybody."""
    tried = [s.run.state for s in steps if s.run.state in (RunState.DONE, RunState.NOBODY)]
    return incident.state == State.OPEN and bool(tried) and set(tried) == {RunState.NOBODY}


def _step(incident: Incident, run: EscalationStepRun) -> StepLine:
    step = policies.step_of(incident, run.position)
    tone, icon = _RUN_ICONS[RunState(run.state)]
    problem = ""
    if run.state == RunState.WAITING:
        at = max(run.due_at, timezone.now())
        problem = policies.problem(step, at)
        words = policies.whom(step, at)
        if run.was_missed(timezone.now()):
            tone, icon = Tone.WARN, "alert-triangle"
            words = "; ".join(filter(None, ("due and not done yet", words)))
    elif run.state == RunState.STOPPED:
        words = "not needed"
        if run.done_at and run.was_missed(run.done_at):
            tone, icon, words = Tone.WARN, "alert-triangle", "was due, never done: nobody was told"
    else:
        words = run.result
        failed = messages.failed(run)
        if failed:
            tone, icon = Tone.WARN, "alert-triangle"
            words += f"; {failed} did not get through"
        late = run.late_seconds or 0
        if late > policy.ESCALATION_LATE.total_seconds():
            tone, words = Tone.WARN, f"{words}; {duration(late)} late"
    return StepLine(run, policies.title(step), tone, icon, words, problem)


def on_call_now() -> list[tuple[Rota, tuple[Any, ...], datetime | None]]:
    """Each rota, who has it now, and until when; None when that is not in sight."""
    now = timezone.now()
    found: list[tuple[Rota, tuple[Any, ...], datetime | None]] = []
    for rota in Rota.objects.all():
        spans = rotas.spans(rota, now, now + policy.ESCALATION_LOOK_AHEAD)
        until = spans[0].ends_at if len(spans) > 1 else None
        found.append((rota, spans[0].people, until))
    return found


def runbook(incident: Incident) -> dict[str, Any]:
    """As HTML when it is ours, else as a link, else as its name."""
    rendered = runbooks.rendered(incident.runbook) if incident.runbook else None
    return {
        "html": rendered,
        "opening": runbooks.opening(rendered) if rendered else "",
        "link": incident.runbook if runbooks.is_link(incident.runbook) else "",
        "name": incident.runbook,
    }
