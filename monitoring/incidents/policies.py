"""Escalation policies: their frozen copy on an incident, and whom a step would tell."""

from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.contrib.auth import get_user_model

from monitoring.delivery import transports
from monitoring.incidents import rotas
from monitoring.incidents.models import EscalationPolicy, Incident, Rota, StepKind
from monitoring.ui.words import duration

# Who may acknowledge can be told.
RIGHT = "incidents.acknowledge"


class Step(TypedDict):
    """One frozen step; `rota` and `person` are keys, with their names as they were."""

    position: int
    after_seconds: int
    kind: str
    rota: int | None
    person: int | None
    name: str


# Holds until somebody writes a policy, so that a new installation is never silent.
BUILT_IN: dict[str, Any] = {
    "name": "Everyone",
    "steps": [
        Step(
            position=number,
            after_seconds=after * 60,
            kind=StepKind.EVERYONE,
            rota=None,
            person=None,
            name="",
        )
        for number, after in ((1, 0), (2, 10), (3, 30))
    ],
}


def freeze(policy: EscalationPolicy | None = None) -> dict[str, Any]:
    """A copy as JSON of a policy, or of the default one, or of the built-in one."""
    chosen = policy or EscalationPolicy.objects.filter(is_default=True).first()
    if chosen is None:
        return BUILT_IN
    steps = [
        Step(
            position=step.position,
            after_seconds=step.after_minutes * 60,
            kind=step.kind,
            rota=step.rota_id,
            person=step.person_id,
            name=str(step.rota or step.person or ""),
        )
        for step in chosen.steps.select_related("rota", "person")
    ]
    return {"name": chosen.name, "steps": steps} if steps else BUILT_IN


def steps_of(incident: Incident) -> list[Step]:
    """The frozen steps, first to last."""
    found: list[Step] = incident.policy.get("steps", [])
    return sorted(found, key=lambda step: step["position"])


def step_of(incident: Incident, position: int) -> Step:
    return next(step for step in steps_of(incident) if step["position"] == position)


def title(step: Step) -> str:
    """`On call: First level, after 5 min`."""
    whom = {
        StepKind.ON_CALL: f"On call: {step['name']}",
        StepKind.PERSON: step["name"],
        StepKind.EVERYONE: "Everyone",
    }[StepKind(step["kind"])]
    after = step["after_seconds"]
    return f"{whom}, after {duration(timedelta(seconds=after))}" if after else whom


def people(step: Step, at: datetime) -> list[Any]:
    """Whom the step tells at a moment; who has left is nobody."""
    users = get_user_model().objects
    kind = StepKind(step["kind"])
    if kind == StepKind.EVERYONE:
        return list(users.with_perm(RIGHT).order_by("username"))
    if kind == StepKind.PERSON:
        return list(users.filter(pk=step["person"] or 0, is_active=True))
    rota = Rota.objects.filter(pk=step["rota"] or 0).first()
    return rotas.on_call(rota, at) if rota else []


def why_nobody(step: Step, found: list[Any]) -> str:
    """Why a step reaches nobody, in words."""
    if found:
        names = ", ".join(str(person) for person in found[:5])
        return f"Nobody can be reached: no contact method for {names}"
    return {
        StepKind.ON_CALL: "Nobody can be reached: nobody is on call",
        StepKind.PERSON: "Nobody can be reached: they have left",
        StepKind.EVERYONE: "Nobody can be reached: nobody may acknowledge incidents",
    }[StepKind(step["kind"])]


def problem(step: Step, at: datetime) -> str:
    """Why this step would reach nobody at that moment, or ""."""
    found = people(step, at)
    return "" if any(transports.ways_of(person) for person in found) else why_nobody(step, found)


def whom(step: Step, at: datetime) -> str:
    """Who would be told at that moment, and how, in words."""
    found = [(p, transports.ways_of(p)) for p in people(step, at)]
    said = [
        f"{person} by {' and '.join(transports.words(way) for way in ways)}"
        for person, ways in found
        if ways
    ]
    more = len(said) - 3
    return ", ".join(said[:3]) + (f" and {more} more" if more > 0 else "")
