"""Moves an incident from state to state; nothing else does. The table is in states.py."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import acknowledging
from monitoring.alerts.models import Acknowledgement, Status
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.incidents import escalating, metrics, timeline
from monitoring.incidents.locking import lock
from monitoring.incidents.models import Incident, IncidentAlert
from monitoring.incidents.states import MOVES, TONES, State
from monitoring.people import Person
from monitoring.refusals import Refusal
from monitoring.tones import Tone
from monitoring.ui.words import duration

Kind = timeline.Kind
WORDS_AT_MOST = 4000
ALERTS_AT_ONCE = 200
_ASKED = {
    State.MITIGATED: "Say what was done.",
    State.ACKNOWLEDGED: "Say why it goes back to acknowledged.",
    State.RESOLVED: "Say what was done: it stands in the incident for who comes after you.",
    State.CLOSED: "Write what is learned; without a review it stays resolved.",
}


def acknowledge(number: int, *, by: Person, comment: str = "") -> Incident:
    """`by` looks after it: the escalation stops. Raises Refusal, Incident.DoesNotExist."""
    with transaction.atomic():
        incident = lock(number)
        if incident.state != State.OPEN:
            raise Refusal("taken", _why_not_acknowledged(incident))
        return _acknowledge(incident, by, comment)


def acknowledge_if_open(number: int, *, by: Person, comment: str = "") -> bool:
    """The same, but whoever was first stays: returns whether it was still open."""
    with transaction.atomic():
        incident = lock(number)
        if incident.state != State.OPEN:
            return False
        _acknowledge(incident, by, comment)
        return True


def acknowledge_alerts(number: int, *, by: Person) -> int:
    """Who has an incident has its alerts: so they are shown, here and in Discord. After the
    incident's own transaction, each for itself; returns how many were not acknowledged yet."""
    links = IncidentAlert.objects.filter(incident=number, alert__status=Status.FIRING)
    held = Acknowledgement.objects.open().filter(alert=OuterRef("alert"))
    done = 0
    for alert in links.filter(~Exists(held)).values_list("alert", flat=True)[:ALERTS_AT_ONCE]:
        try:
            acknowledging.acknowledge(alert, by=by, comment=f"With INC-{number}")
            done += 1
        except Refusal:
            continue  # somebody was faster, or it is over
    return done


def move(
    number: int, to: str, *, by: Person, reason: str, although_firing: bool = False
) -> Incident:
    """Move it on, or back; the reason of a resolution is what was done, of a closing the review.

    An incident whose alerts still fire is resolved only `although_firing`. Raises Refusal,
    Incident.DoesNotExist.
    """
    reason = reason.strip()[:WORDS_AT_MOST]
    with transaction.atomic():
        incident = lock(number)
        state, wanted = State(incident.state), _known(to)
        if wanted == State.ACKNOWLEDGED and state == State.OPEN:
            return _acknowledge(incident, by, reason)
        if wanted not in MOVES[state] or wanted == State.OPEN:
            raise Refusal(
                "not_allowed",
                f"It is {state.label.lower()}; it can't become {wanted.label.lower()}.",
            )
        if not reason:
            raise Refusal("words_missing", _ASKED[wanted])
        if wanted == State.RESOLVED and not although_firing and (count := firing(incident)):
            raise Refusal(
                "unconfirmed",
                f"{_fire(count)} Confirm that you resolve it while it’s still firing.",
            )
        try:
            with transaction.atomic():
                _set(incident, wanted, at=timezone.now(), by=by, reason=reason)
        except IntegrityError:
            # The database decides, also against an alert that opens one at this moment.
            live = Incident.objects.live().exclude(group_key="")
            newer = live.filter(group_key=incident.group_key).exclude(pk=number).first()
            if newer is None:
                raise
            raise Refusal("taken", f"{newer} is open for it already.") from None
        _record_move(incident, state, by)
        return incident


def firing(incident: Incident) -> int:
    """How many of its alerts fire."""
    return incident.links.filter(alert__status=Status.FIRING).count()


def while_it_fires(count: int) -> str:
    """What happens to an incident that is resolved while so many of its alerts fire."""
    again = duration(policy.INCIDENT_REJOIN)
    return (
        f"{_fire(count)} Nobody is paged for what goes on firing. If it stops and fires again"
        f" within {again} after you resolve it, this incident opens again and pages from the first"
        " step. Later, or once its review is written, a new incident opens."
    )


def _fire(count: int) -> str:
    return "One of its alerts still fires." if count == 1 else f"{count} of its alerts still fire."


def resolve_by_alerts(incident: Incident, *, at: datetime) -> None:
    """All its alerts are resolved. `incident` is locked; in the caller's transaction."""
    before = State(incident.state)
    _set(incident, State.RESOLVED, at=max(at, incident.opened_at), reason="")
    _record_move(incident, before, None)


def fires_again(incident: Incident, *, at: datetime) -> None:
    """An alert joins a mitigated or a resolved incident. It is locked; in the caller's
    transaction. A resolved one pages again from the first step; who mitigates goes on."""
    before = State(incident.state)
    if before == State.MITIGATED:
        _set(incident, State.ACKNOWLEDGED, at=at, reason="It fires again.")
    elif before == State.RESOLVED:
        incident.round += 1
        _set(incident, State.OPEN, at=at, reason="It fires again.")
        escalating.start_round(incident, at=at)
    else:
        return
    _record_move(incident, before, None)


def open_if_unanswered(number: int, *, by: Person) -> bool:
    """`by` withdrew that somebody looks after one of its alerts. When nobody looks after any and
    whoever has the incident withdrew too, it pages again from the first step.

    Who has it by its own page, and withdrew nothing since, keeps it. Returns whether it is open
    again.
    """
    with transaction.atomic():
        incident = lock(number)
        if incident.state != State.ACKNOWLEDGED:
            return False
        answer = timeline.last_answer(incident)
        firing = incident.links.filter(resolved_at__isnull=True).values("alert")
        if answer is None or Acknowledgement.objects.open().filter(alert__in=firing).exists():
            return False
        withdrawn = Acknowledgement.objects.filter(by=answer.by, withdrawn_at__gte=answer.at)
        if not withdrawn.filter(alert__in=incident.links.values("alert")).exists():
            return False
        now = timezone.now()
        incident.round += 1
        _set(incident, State.OPEN, at=now, by=by, reason=f"{answer.by} does not have it any more.")
        escalating.start_round(incident, at=now)
        _record_move(incident, State.ACKNOWLEDGED, by)
        return True


def name_commander(number: int, person: Person, *, by: Person) -> Incident:
    """Who leads from now on. Raises Refusal, Incident.DoesNotExist."""
    with transaction.atomic():
        incident = lock(number)
        if not incident.is_live:
            raise Refusal("over", "It is over; nobody commands it any more.")
        if not person.is_active:
            raise Refusal("invalid", f"{person} has left.")
        incident.commander = person
        incident.save(update_fields=["commander"])
        timeline.add(incident, Kind.COMMANDER, f"{person} is commander", by=by)
        trail.record(
            "incident.commander_named",
            category=Category.TECHNICAL,
            actor=by,
            target=incident,
            data={"commander": person.pk},
        )
        return incident


def add_note(number: int, text: str, *, by: Person) -> None:
    """Raises Refusal when it is empty, Incident.DoesNotExist."""
    if not text.strip():
        raise Refusal("words_missing", "A note needs words.")
    incident = Incident.objects.get(pk=number)
    with transaction.atomic():
        timeline.add(incident, Kind.NOTE, text, by=by, tone=Tone.MUTED)
        trail.record("incident.noted", category=Category.TECHNICAL, actor=by, target=incident)


def _acknowledge(incident: Incident, by: Person, comment: str) -> Incident:
    now = timezone.now()
    first = incident.acknowledged_at is None
    fields = ["state", "commander"]
    incident.state = State.ACKNOWLEDGED
    incident.commander = incident.commander or by
    if first:
        incident.acknowledged_at, incident.acknowledged_by = now, by
        fields += ["acknowledged_at", "acknowledged_by"]
    incident.save(update_fields=fields)
    after = duration(now - incident.opened_at)
    words = f"Acknowledged after {after}; escalation stopped"
    words += f": {comment.strip()}" if comment.strip() else ""
    timeline.add(incident, Kind.ACKNOWLEDGED, words, by=by, tone=Tone.OK, at=now)
    escalating.stop(incident, why=f"Answered by {by}")
    trail.record(
        "incident.acknowledged",
        category=Category.TECHNICAL,
        actor=by,
        target=incident,
        data={"title": incident.title},
    )
    if first:
        metrics.observe_acknowledged(incident)
    return incident


def _set(
    incident: Incident, to: State, *, at: datetime, by: Person | None = None, reason: str = ""
) -> None:
    fields = {"state", "round", "mitigated_at", "resolved_at", "closed_at"}
    incident.state = to
    if to == State.OPEN or to == State.ACKNOWLEDGED:
        incident.mitigated_at = incident.resolved_at = None
    if to == State.ACKNOWLEDGED and incident.acknowledged_at is None:
        # Resolved by its alerts before anybody had it, and now somebody takes it up.
        incident.acknowledged_at, incident.acknowledged_by = at, by
        fields |= {"acknowledged_at", "acknowledged_by"}
    if to == State.MITIGATED:
        incident.mitigated_at = at
        if incident.acknowledged_at is None:
            incident.acknowledged_at, incident.acknowledged_by = at, by
            fields |= {"acknowledged_at", "acknowledged_by"}
            metrics.observe_acknowledged(incident)
    if to == State.RESOLVED:
        incident.resolved_at = at
        incident.resolution = reason or incident.resolution
        fields |= {"resolution"}
        metrics.observe_resolved(incident)
    if to == State.CLOSED:
        incident.closed_at, incident.review = at, reason
        fields |= {"review"}
    if by is not None and incident.is_live and incident.commander_id is None:
        incident.commander = by
        fields |= {"commander"}
    incident.save(update_fields=sorted(fields))
    if to != State.OPEN:
        escalating.stop(incident, why="Not needed any more")
    words = {State.OPEN: "Open again", State.ACKNOWLEDGED: "Taken up again"}.get(to, to.label)
    said = reason or ("all its alerts are resolved" if to == State.RESOLVED else "")
    timeline.add(
        incident,
        Kind.MOVED,
        f"{words}: {said}" if said else words,
        by=by,
        source="" if by else "alerts",
        tone=TONES[to],
        at=at,
    )


def _record_move(incident: Incident, before: State, by: Person | None) -> None:
    trail.record(
        "incident.moved",
        category=Category.TECHNICAL,
        actor=by,
        target=incident,
        data={"title": incident.title, "from": before, "to": incident.state},
    )


def _known(to: str) -> State:
    try:
        return State(to)
    except ValueError:
        raise Refusal("invalid", "There is no such state.") from None


def _why_not_acknowledged(incident: Incident) -> str:
    if incident.is_live:
        return f"{incident.acknowledged_by} has acknowledged it already."
    return "It is over; there is nothing to acknowledge any more."
