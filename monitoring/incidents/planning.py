"""Changes who is on call, whom policies tell and whom to ring; each change is in the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from monitoring import moments
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.incidents.models import (
    EmergencyContact,
    EscalationPolicy,
    Override,
    PolicyStep,
    Rota,
    Shift,
    StepKind,
)
from monitoring.people import Person
from monitoring.refusals import Refusal


@dataclass(frozen=True)
class Wanted:
    """One step of a policy as somebody wants it."""

    after_minutes: int
    kind: str
    rota: Rota | None = None
    person: Person | None = None


@transaction.atomic
def make_rota(name: str, *, by: Person) -> Rota:
    """Raises Refusal when there is one of that name."""
    if Rota.objects.filter(name__iexact=name).exists():
        raise Refusal("taken", f"There is a rota {name} already.")
    made = Rota.objects.create(name=name, position=Rota.objects.count())
    _record("oncall.rota_made", made, by, {"rota": made.name})
    return made


@transaction.atomic
def remove_rota(pk: int, *, by: Person) -> None:
    """With its shifts. Raises Refusal while a policy needs it."""
    rota = Rota.objects.get(pk=pk)
    try:
        with transaction.atomic():
            _record("oncall.rota_removed", rota, by, {"rota": rota.name})
            rota.delete()
    except ProtectedError:
        raise Refusal(
            "not_allowed", f"{rota} is a step of a policy; change the policy first."
        ) from None


@transaction.atomic
def add_shift(
    rota: Rota,
    person: Person,
    *,
    starts_at: datetime,
    ends_at: datetime,
    every_weeks: int | None,
    by: Person,
) -> Shift:
    """Raises Refusal for times out of range, and when a repeated shift would overlap itself."""
    _check_range(starts_at, ends_at)
    if not starts_at < ends_at:
        raise Refusal("invalid", "A shift must end after it begins.")
    if every_weeks and (ends_at - starts_at).days >= 7 * every_weeks + 1:
        raise Refusal("invalid", "It is longer than the time after which it comes again.")
    made = Shift.objects.create(
        rota=rota, person=person, starts_at=starts_at, ends_at=ends_at, every_weeks=every_weeks
    )
    _record("oncall.shift_added", made, by, _span(rota, person, starts_at, ends_at))
    return made


@transaction.atomic
def remove_shift(pk: int, *, by: Person) -> None:
    shift = Shift.objects.select_related("rota", "person").get(pk=pk)
    data = _span(shift.rota, shift.person, shift.starts_at, shift.ends_at)
    _record("oncall.shift_removed", shift, by, data)
    shift.delete()


@transaction.atomic
def add_override(
    rota: Rota,
    person: Person,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Person,
) -> Override:
    """Raises Refusal for times out of range, and when it would be over already."""
    _check_range(starts_at, ends_at)
    if not starts_at < ends_at or ends_at <= timezone.now():
        raise Refusal("invalid", "An override must end after it begins, and in the future.")
    made = Override.objects.create(
        rota=rota,
        person=person,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        made_by=by,
    )
    _record("oncall.override_added", made, by, _span(rota, person, starts_at, ends_at))
    return made


@transaction.atomic
def remove_override(pk: int, *, by: Person) -> None:
    one = Override.objects.select_related("rota", "person").get(pk=pk)
    data = _span(one.rota, one.person, one.starts_at, one.ends_at)
    _record("oncall.override_removed", one, by, data)
    one.delete()


@transaction.atomic
def save_policy(
    policy: EscalationPolicy | None,
    *,
    name: str,
    is_default: bool,
    steps: Sequence[Wanted],
    by: Person,
) -> EscalationPolicy:
    """Write a policy anew; incidents that are open keep theirs. Raises Refusal."""
    if not steps:
        raise Refusal("invalid", "A policy needs a step.")
    minutes = [step.after_minutes for step in steps]
    if minutes != sorted(minutes):
        raise Refusal("invalid", "A later step can't come sooner than the one before it.")
    others = EscalationPolicy.objects.exclude(pk=policy.pk if policy else 0)
    if others.filter(name__iexact=name).exists():
        raise Refusal("taken", f"There is a policy {name} already.")
    if is_default:
        others.filter(is_default=True).update(is_default=False)
    saved = policy or EscalationPolicy()
    saved.name, saved.is_default = name, is_default
    saved.save()
    saved.steps.all().delete()
    PolicyStep.objects.bulk_create(
        [
            PolicyStep(
                policy=saved,
                position=position,
                after_minutes=step.after_minutes,
                kind=step.kind,
                rota=step.rota,
                person=step.person,
            )
            for position, step in enumerate(steps, start=1)
        ]
    )
    said = [f"{step.after_minutes} min: {StepKind(step.kind).label}" for step in steps]
    _record("escalation.policy_saved", saved, by, {"policy": name, "steps": said})
    return saved


@transaction.atomic
def remove_policy(pk: int, *, by: Person) -> None:
    """Open incidents keep their copy of it."""
    policy = EscalationPolicy.objects.get(pk=pk)
    _record("escalation.policy_removed", policy, by, {"policy": policy.name})
    policy.delete()


@transaction.atomic
def save_contact(contact: EmergencyContact, *, by: Person) -> None:
    """Raises Refusal when there is no way to them."""
    if not contact.phone and not contact.email:
        raise Refusal("invalid", "A contact needs a phone number or an e-mail address.")
    contact.save()
    _record("contact.saved", contact, by, {"role": contact.role})


@transaction.atomic
def remove_contact(pk: int, *, by: Person) -> None:
    contact = EmergencyContact.objects.get(pk=pk)
    _record("contact.removed", contact, by, {"role": contact.role})
    contact.delete()


def _check_range(*times: datetime) -> None:
    for moment in times:
        if why := moments.refusal(moment):
            raise Refusal("invalid", why)


def _span(rota: Rota, person: Person, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "rota": rota.name,
        "person": person.pk,
        "from": starts_at.isoformat(),
        "to": ends_at.isoformat(),
    }


def _record(action: str, target: Any, by: Person, data: dict[str, Any]) -> None:
    trail.record(action, category=Category.TECHNICAL, actor=by, target=target, data=data)
