"""Changes who is on call, whom policies tell and whom to ring; each change is in the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.incidents.locking import NotDone
from monitoring.incidents.models import (
    EmergencyContact,
    EscalationPolicy,
    Override,
    PolicyStep,
    Rota,
    Shift,
    StepKind,
)


@dataclass(frozen=True)
class Wanted:
    """One step of a policy as somebody wants it."""

    after_minutes: int
    kind: str
    rota: Rota | None = None
    person: Any = None


@transaction.atomic
def make_rota(name: str, *, by: Any) -> Rota:
    """Raises NotDone when there is one of that name."""
    if Rota.objects.filter(name__iexact=name).exists():
        raise NotDone(f"There is a rota {name} already.")
    made = Rota.objects.create(name=name, position=Rota.objects.count())
    _record("oncall.rota_made", made, by, {"rota": made.name})
    return made


@transaction.atomic
def remove_rota(pk: int, *, by: Any) -> None:
    """With its shifts. Raises NotDone while a policy needs it."""
    rota = Rota.objects.get(pk=pk)
    try:
        with transaction.atomic():
            _record("oncall.rota_removed", rota, by, {"rota": rota.name})
            rota.delete()
    except ProtectedError:
        raise NotDone(f"{rota} is a step of a policy; change the policy first.") from None


@transaction.atomic
def add_shift(
    rota: Rota,
    person: Any,
    *,
    starts_at: datetime,
    ends_at: datetime,
    every_weeks: int | None,
    by: Any,
) -> Shift:
    """Raises NotDone when a repeated shift would overlap itself."""
    if not starts_at < ends_at:
        raise NotDone("A shift must end after it begins.")
    if every_weeks and (ends_at - starts_at).days >= 7 * every_weeks + 1:
        raise NotDone("It is longer than the time after which it comes again.")
    made = Shift.objects.create(
        rota=rota, person=person, starts_at=starts_at, ends_at=ends_at, every_weeks=every_weeks
    )
    _record("oncall.shift_added", made, by, _span(rota, person, starts_at, ends_at))
    return made


@transaction.atomic
def remove_shift(pk: int, *, by: Any) -> None:
    shift = Shift.objects.select_related("rota", "person").get(pk=pk)
    data = _span(shift.rota, shift.person, shift.starts_at, shift.ends_at)
    _record("oncall.shift_removed", shift, by, data)
    shift.delete()


@transaction.atomic
def add_override(
    rota: Rota,
    person: Any,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Any,
) -> Override:
    """Raises NotDone when it would be over already."""
    if not starts_at < ends_at or ends_at <= timezone.now():
        raise NotDone("An override must end after it begins, and in the future.")
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
def remove_override(pk: int, *, by: Any) -> None:
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
    by: Any,
) -> EscalationPolicy:
    """Write a policy anew; incidents that are open keep theirs. Raises NotDone."""
    if not steps:
        raise NotDone("A policy needs a step.")
    minutes = [step.after_minutes for step in steps]
    if minutes != sorted(minutes):
        raise NotDone("A later step can't come sooner than the one before it.")
    others = EscalationPolicy.objects.exclude(pk=policy.pk if policy else 0)
    if others.filter(name__iexact=name).exists():
        raise NotDone(f"There is a policy {name} already.")
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
def remove_policy(pk: int, *, by: Any) -> None:
    """Open incidents keep their copy of it."""
    policy = EscalationPolicy.objects.get(pk=pk)
    _record("escalation.policy_removed", policy, by, {"policy": policy.name})
    policy.delete()


@transaction.atomic
def save_contact(contact: EmergencyContact, *, by: Any) -> None:
    """Raises NotDone when there is no way to them."""
    if not contact.phone and not contact.email:
        raise NotDone("A contact needs a phone number or an e-mail address.")
    contact.save()
    _record("contact.saved", contact, by, {"role": contact.role})


@transaction.atomic
def remove_contact(pk: int, *, by: Any) -> None:
    contact = EmergencyContact.objects.get(pk=pk)
    _record("contact.removed", contact, by, {"role": contact.role})
    contact.delete()


def _span(rota: Rota, person: Any, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "rota": rota.name,
        "person": person.pk,
        "from": starts_at.isoformat(),
        "to": ends_at.isoformat(),
    }


def _record(action: str, target: Any, by: Any, data: dict[str, Any]) -> None:
    trail.record(action, category=Category.TECHNICAL, actor=by, target=target, data=data)
